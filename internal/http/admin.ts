// The operator's listener: is it alive, is it ready, and what an operator may do. Never reachable from
// where clients are, and never a way around a check: no path, User-Agent or address is exempt from
// anything elsewhere. Probes are answered here; the frame around operations is loaded with the first
// request for one, because most issuers never see any.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../telemetry/log.ts';
import type { Printed } from '../telemetry/print.ts';
import type { OperatorDeps } from './admin/operations.ts';
import type { HttpApp } from './app.ts';

/** One thing the issuer cannot answer without. */
export type Readiness = { readonly name: string; readonly ready: boolean };

export type AdminDeps = {
  /** Settles within the time limits of what is asked. */
  readonly ready: () => Promise<readonly Readiness[]>;
  /** True from the moment a stop was asked for: load balancers have to look elsewhere. */
  readonly draining: () => boolean;
  /** The files say something else than what is in force, and could not be taken. */
  readonly isOutdated: () => boolean;
  readonly log: Log;
  /** What Prometheus reads; absent: nothing is measured. */
  readonly metrics?: ((accept: string | undefined) => Promise<Printed>) | undefined;
  /** Absent on a listener that only probes may reach. */
  readonly operator?: OperatorDeps;
};

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** `/livez`, `/readyz` and `/metrics`, under any Host: probes call by address. */
export function createAdminApp(deps: AdminDeps): HttpApp {
  const probes: ReadonlyMap<string, Handler> = new Map([
    ['/livez', (_request, response) => send(response, 200, { status: 'live' })],
    ['/readyz', readyz(deps)],
    ...(deps.metrics === undefined ? [] : ([['/metrics', scraped(deps.metrics)]] as const)),
  ]);
  const disowned = new WeakSet<Socket>();
  const others =
    deps.operator === undefined
      ? notFound
      : createOperated(deps, deps.operator, (socket) => disowned.has(socket));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const isAsked = request.method === 'GET' || request.method === 'HEAD';
    const probe = isAsked ? probes.get(pathOf(request)) : undefined;
    try {
      await (probe ?? others)(request, response);
    } catch (error) {
      deps.log.error({ error: error instanceof Error ? error : undefined }, 'admin request failed');
      send(response, 500, { error: 'server_error' });
    }
  };
  return {
    request: (request, response) => void answer(request, response),
    connection: () => undefined,
    disowned: (socket) => void disowned.add(socket),
  };
}

/** Without the host that a proxy may name before it (RFC 9112 §3.2.2), or a query. */
const pathOf = ({ url = '' }: IncomingMessage): string => PATH.exec(url)?.[1] ?? '';

const PATH = /^(?:https?:\/\/[^/?#]+)?([^?#]*)/i;

const readyz =
  ({ ready, draining, isOutdated }: AdminDeps): Handler =>
  async (_request, response) => {
    const dependencies = await ready();
    const isReady = !draining() && dependencies.every((dependency) => dependency.ready);
    send(response, isReady ? 200 : 503, {
      status: isReady ? 'ready' : 'not ready',
      draining: draining(),
      configuration: isOutdated() ? 'outdated' : 'current',
      dependencies: Object.fromEntries(
        dependencies.map(({ name, ready: answers }) => [name, answers ? 'ready' : 'not ready']),
      ),
    });
  };

const scraped =
  (metrics: NonNullable<AdminDeps['metrics']>): Handler =>
  async (request, response) => {
    const { contentType, text } = await metrics(request.headers.accept);
    const length = String(Buffer.byteLength(text));
    response
      .writeHead(200, ['Content-Type', contentType, ...SAFE, 'Content-Length', length])
      .end(text);
  };

const notFound: Handler = (_request, response) => send(response, 404, { error: 'not_found' });

function createOperated(
  { log }: AdminDeps,
  operator: OperatorDeps,
  isDisowned: (socket: Socket) => boolean,
): Handler {
  let loading: Promise<Handler> | undefined;
  const load = async (): Promise<Handler> => {
    const { createFrame } = await import('./admin/frame.ts');
    return createFrame(operator, log, isDisowned);
  };
  return async (request, response) => {
    loading ??= load();
    await (await loading)(request, response);
  };
}

const SAFE = [
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  "default-src 'none';frame-ancestors 'none'",
] as const;

const HEADERS = ['Content-Type', 'application/json; charset=utf-8', ...SAFE] as const;

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  response.writeHead(status, [...HEADERS, 'Content-Length', length]).end(text);
}
