// From HTTP to an endpoint and back: what one request is answered by, in which order, and what is told of
// it. Nothing is read, awaited or looked up before it has to be.

import type { RequestListener } from 'node:http';
import { Unavailable } from '../protocol/errors.ts';
import type { Random } from '../protocol/random.ts';
import type { RequestLimits } from '../ratelimit/limits.ts';
import type { Log } from '../telemetry/log.ts';
import { type AdmissionDeps, admit, place } from './admission.ts';
import { ask } from './ask.ts';
import { announcesBody } from './body.ts';
import { type Ending, end, turnAway } from './ending.ts';
import { toFailure } from './errors.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { beginLimits, type LimitsDeps } from './limits.ts';
import type { Observer, Outcome } from './observer.ts';
import type { RouteTable } from './routes.ts';
import type { Send } from './send.ts';
import type { Shedding } from './shedding.ts';
import { together } from './together.ts';
import { reportUnavailable } from './unavailable.ts';
import { type Watching, watched } from './watched.ts';

/** What requests are answered by while one configuration is in force. */
export type AdapterDeps = AdmissionDeps &
  Watching &
  LimitsDeps & {
    /** Told of each request that begins by it; answers with what is to be called at its end. */
    readonly hold?: (() => () => void) | undefined;
    readonly send: Send;
    readonly shedding: Shedding;
    /** What an operator may see of requests; decides nothing about any but the doctor's own. */
    readonly observer?: Observer | undefined;
  };

/** What stays while the configuration changes, and what does not. */
export type AdapterTerms = {
  readonly table: RouteTable;
  readonly random: Random;
  readonly log: Log;
  /** That of the moment. */
  readonly inForce: () => AdapterDeps;
};

/** Every request of a listener; answers all of them, whatever happens on the way. */
export function createAdapter({ table, random, log, inForce }: AdapterTerms): RequestListener {
  const ending: Ending = new WeakSet();
  const begin = together((exchange: Exchange): void => {
    const { request } = exchange;
    // What follows a malformed request may be the rest of it: somebody's body, not their request.
    if (ending.has(request.socket)) {
      inForce().observer?.overhear(exchange);
      return;
    }
    // Node drops what arrived in one piece with a request to upgrade, and goes on in the middle of it.
    if ('upgrade' in exchange.headers) end(exchange, ending);
    const held = hold(inForce);
    void watched(held.deps, exchange, () => settle(held, exchange, { ending, log }));
  });
  return (request, response) => begin(openExchange(request, response, random, table));
}

/** By what one request is answered: what was in force when it began. */
type Held = {
  deps: AdapterDeps;
  release: (() => void) | undefined;
  readonly inForce: AdapterTerms['inForce'];
};

function hold(inForce: AdapterTerms['inForce']): Held {
  const deps = inForce();
  return { deps, release: deps.hold?.(), inForce };
}

/** It has not begun yet, and begins by what is in force at this moment. */
function renew(held: Held): AdapterDeps {
  held.release?.();
  held.deps = held.inForce();
  held.release = held.deps.hold?.();
  return held.deps;
}

/** Never rejects: what cannot even be written ends its connection. */
async function settle(
  held: Held,
  exchange: Exchange,
  { ending, log }: { readonly ending: Ending; readonly log: Log },
): Promise<void> {
  try {
    await respond(held, exchange, ending);
  } catch (error) {
    log.error({ request_id: exchange.requestId, error: toError(error) }, 'answer not written');
    exchange.response.destroy();
  } finally {
    held.release?.();
  }
}

async function respond(held: Held, exchange: Exchange, ending: Ending): Promise<void> {
  const { request, requestId } = exchange;
  let { deps } = held;
  let reason: string | undefined;
  let outcome: Outcome = 'refused';
  let limits: RequestLimits | undefined;
  try {
    const probe = deps.observer?.probeOf(exchange);
    if (probe !== undefined) return await observe(deps, exchange, probe, ending);
    // What is malformed is refused before the first `await`: Node may hand over the next request before it
    // returns.
    const placed = place(deps, exchange);
    const begins = deps.shedding.admit(exchange);
    if (begins !== undefined && !(await begins)) return await turnAway(deps, exchange, ending);
    // After a wait something else may be in force, and whom that removed begins nothing.
    if (begins !== undefined) deps = renew(held);
    const again = begins === undefined ? placed : place(deps, exchange);
    limits = beginLimits(deps, exchange, again.route);
    const admitted = admit(deps, exchange, again, limits);
    // Awaited only where there is something to wait for, and before the body like everything that
    // decides who is asking.
    const named = admitted.identify();
    const identity = named instanceof Promise ? await named : named;
    outcome = identity === undefined ? 'anonymous' : 'identified';
    const answer = await ask(deps, admitted, identity, exchange);
    if (answer === undefined) return await turnAway(deps, exchange, ending);
    deps.send.answer(exchange, answer, limits?.headers());
  } catch (thrown) {
    const failure = toFailure(thrown, requestId);
    reason = failure.reason;
    recordRefusal(deps, exchange, reason);
    if (failure.status >= 500) report(deps.log, thrown, exchange);
    // Even where all of the body is there: a proxy that overlooks it takes it for the next request.
    const isUnread = announcesBody(exchange) && !request.readableEnded;
    if (failure.closes || isUnread) end(exchange, ending);
    deps.send.failure(exchange, failure, limits?.headers());
  }
  logRequest(deps.log, exchange, reason);
  deps.observer?.remember(exchange, outcome, reason);
}

/** What a browser is led into. Other refusals of HTTP itself are mistakes, and in the log. */
function recordRefusal({ audit }: AdapterDeps, { entry, requestId }: Exchange, reason: string) {
  if (entry === undefined || (reason !== 'cross_site' && reason !== 'host_foreign')) return;
  audit({ type: 'request.refused', route: entry.endpoint, reason, requestId });
}

/** A request of the doctor: no endpoint hears of it, and nothing that follows it is answered. */
async function observe(
  deps: AdapterDeps,
  exchange: Exchange,
  probe: string,
  ending: Ending,
): Promise<void> {
  end(exchange, ending);
  await deps.observer?.observe(exchange, probe, refusalOf(deps, exchange));
  deps.send.answer(exchange, { kind: 'empty', status: 204 });
  logRequest(deps.log, exchange, 'observed');
}

function refusalOf(deps: AdapterDeps, exchange: Exchange): string | undefined {
  try {
    place(deps, exchange);
    return undefined;
  } catch (thrown) {
    return toFailure(thrown, exchange.requestId).reason;
  }
}

const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error('not an error was thrown');

/** What the caller is not told. */
function report(log: Log, thrown: unknown, { requestId, entry }: Exchange): void {
  const fields = { request_id: requestId, route: entry?.endpoint };
  if (thrown instanceof Unavailable) {
    reportUnavailable(log, thrown, fields);
  } else {
    log.error({ ...fields, error: toError(thrown) }, 'request failed');
  }
}

function logRequest(log: Log, exchange: Exchange, reason: string | undefined): void {
  const { entry, request, requestId, response, startedAt } = exchange;
  const fields = {
    request_id: requestId,
    method: request.method,
    route: entry?.endpoint,
    status: response.headersSent ? response.statusCode : undefined,
    reason: response.headersSent ? reason : 'client_gone',
    duration_ms: Math.round((performance.now() - startedAt) * 100) / 100,
  };
  log.info(fields, 'request');
}
