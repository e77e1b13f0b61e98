// From HTTP to an endpoint and back. The order of checks is the order of design: what is malformed,
// then where it goes, then who vouches for it, and only then what it says. Nothing is read, awaited
// or looked up before it has to be.

import type { IncomingMessage, RequestListener } from 'node:http';
import type { Audit } from '../audit/events.ts';
import type { Endpoint, ProtocolResponse } from '../oidc/endpoint.ts';
import type { Issuer } from '../oidc/issuer.ts';
import type { ClientCertificate } from '../protocol/client-certificate.ts';
import { Unavailable } from '../protocol/errors.ts';
import type { Identity } from '../protocol/identity.ts';
import { type Params, parseParams } from '../protocol/params.ts';
import type { Random } from '../protocol/random.ts';
import type { RequestLimits } from '../ratelimit/limits.ts';
import type { Log } from '../telemetry/log.ts';
import type { Peer, Upstream } from '../upstream/upstream.ts';
import {
  announcesBody,
  checkFormHeaders,
  checkJsonHeaders,
  checkNoBody,
  readForm,
  readJson,
} from './body.ts';
import type { FindCertificate } from './certificates.ts';
import type { SealedCookie } from './cookies.ts';
import { type Ending, end, turnAway } from './ending.ts';
import { hostForeign, methodNotAllowed, pathUnknown, toFailure } from './errors.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { isOwnHost } from './host.ts';
import { noteIdentity, type ReadIdentity, readIdentity } from './identity.ts';
import { beginLimits, inWordsFor, keepToLimits, type LimitsDeps } from './limits.ts';
import { checkMessage } from './message.ts';
import type { Observer, Outcome } from './observer.ts';
import { UI_LOCALES } from './pages/choose-language.ts';
import type { PathEntry, Route, RouteTable } from './routes.ts';
import { checkSameOrigin } from './same-origin.ts';
import type { Send } from './send.ts';
import type { Shedding } from './shedding.ts';
import { together } from './together.ts';
import { reportUnavailable } from './unavailable.ts';
import { type Watching, watched } from './watched.ts';

/** What requests are answered by while one configuration is in force. */
export type AdapterDeps = Watching &
  LimitsDeps & {
    /** Told of each request that begins by it; answers with what is to be called at its end. */
    readonly hold?: (() => () => void) | undefined;
    readonly issuer: () => Issuer;
    readonly upstream: () => Upstream;
    readonly peerOf: (request: IncomingMessage) => Peer;
    /** Undefined where no certificate of a client can arrive. */
    readonly findCertificate?: FindCertificate | undefined;
    /** Under which people's browsers may open a page. */
    readonly browserHosts: ReadonlySet<string>;
    /** Those, and the one that programs call. */
    readonly hosts: ReadonlySet<string>;
    readonly origins: ReadonlySet<string>;
    readonly strictHost: boolean;
    readonly cookie: SealedCookie;
    readonly send: Send;
    readonly shedding: Shedding;
    readonly log: Log;
    readonly audit: Audit;
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

const NO_PARAMS: Params = new Map();

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
    watched(held.deps, exchange, () => settle(held, exchange, { ending, log }));
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
function settle(
  held: Held,
  exchange: Exchange,
  { ending, log }: { readonly ending: Ending; readonly log: Log },
): Promise<void> {
  const release = (): void => held.release?.();
  return respond(held, exchange, ending).then(release, (error: unknown) => {
    log.error({ request_id: exchange.requestId, error: toError(error) }, 'answer not written');
    exchange.response.destroy();
    release();
  });
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

/** A request that may be answered; without an endpoint it is a preflight. */
type Admitted = {
  readonly route: Route | undefined;
  readonly endpoint: Endpoint;
  /** Whoever is not proven was refused already; what is signed is still to be verified. */
  readonly identify: ReadIdentity;
  readonly session: string | undefined;
  readonly certificate: ClientCertificate | undefined;
  readonly limits: RequestLimits | undefined;
};

const nobody: ReadIdentity = () => undefined;
const NOBODY = {
  ...{ identify: nobody, session: undefined, certificate: undefined, limits: undefined },
} as const;

type Placed = Pick<Admitted, 'route' | 'endpoint'>;

/** What is decided before anybody asks who the End-User is; throws what is malformed or misplaced. */
function place(deps: AdapterDeps, exchange: Exchange): Placed {
  const { entry, request } = exchange;
  checkMessage(exchange);
  checkHost(deps, exchange);
  const endpoint = entry === undefined ? undefined : deps.issuer()[entry.endpoint];
  if (entry === undefined || endpoint === undefined) throw pathUnknown();
  const route = findRoute(entry, request.method ?? '');
  if (route?.params === 'form') checkFormHeaders(exchange);
  else if (route?.params === 'json') checkJsonHeaders(exchange);
  else checkNoBody(exchange);
  return { route, endpoint };
}

/** Everything that headers alone decide; throws whatever stands before the endpoint. */
function admit(
  deps: AdapterDeps,
  exchange: Exchange,
  { route, endpoint }: Placed,
  limits: RequestLimits | undefined,
): Admitted {
  if (route === undefined) {
    return { route, endpoint: preflight, ...NOBODY };
  }
  // Before the body: whoever is not proven learns nothing, and has nothing kept.
  const identify = route.readsIdentity ? readIdentity(deps, exchange, limits) : nobody;
  if (!route.readsIdentity) noteIdentity(deps, exchange);
  if (route.sameOrigin) checkSameOrigin(exchange, deps.origins);
  // A cookie is sent wherever its host is asked: only what faces a browser behind the proxy reads it.
  const session =
    route.listener === 'browser' ? deps.cookie.read(exchange.headers['cookie']) : undefined;
  const certificate = isForPrograms(route) ? deps.findCertificate?.(exchange) : undefined;
  return { route, endpoint, identify, session, certificate, limits };
}

/** Undefined where too many wait for their answer already. */
async function ask(
  { shedding }: AdapterDeps,
  { route, endpoint, session, certificate, limits }: Admitted,
  identity: Identity | undefined,
  exchange: Exchange,
): Promise<ProtocolResponse | undefined> {
  const { request, headers, repeatedHeaders, requestId, segment } = exchange;
  const params = route?.params === 'form' ? await readForm(exchange) : readQuery(route, exchange);
  const body = route?.params === 'json' ? await readJson(exchange) : undefined;
  const method = request.method ?? '';
  // After the body: whoever sends theirs slowly would else keep others out for as long.
  if (!shedding.enter(exchange)) return undefined;
  try {
    if (limits !== undefined) await keepToLimits(limits, exchange, identity);
    const response = await endpoint({
      method,
      params,
      body,
      segment,
      headers,
      repeatedHeaders,
      identity,
      session,
      certificate,
      requestId,
      allowance: limits,
    });
    return response.kind === 'page' ? inLanguageOf(params, response) : response;
  } catch (thrown) {
    throw inWordsFor(params, thrown);
  } finally {
    shedding.leave();
  }
}

/** What was posted may say what its sender reads, and is in no address. */
function inLanguageOf(params: Params, page: Extract<ProtocolResponse, { kind: 'page' }>) {
  const uiLocales = page.uiLocales ?? params.get(UI_LOCALES)?.join(' ');
  return uiLocales === undefined ? page : { ...page, uiLocales };
}

/** Certificates are those of clients, and no browser of an End-User is one. */
const isForPrograms = ({ listener, caller }: Route): boolean =>
  listener === 'back' && caller === 'program';

const preflight: Endpoint = async () => ({ kind: 'empty', status: 204 });

// Programs call the back channel by whatever name reaches it (a service name, an address of the pod);
// people's browsers know one name, and so does everybody where DNS is not to be trusted.
function checkHost(deps: AdapterDeps, { entry, headers }: Exchange): void {
  const isForPeople = entry?.caller === 'person';
  if (!deps.strictHost && !isForPeople) return;
  const own = isForPeople ? deps.browserHosts : deps.hosts;
  if (!isOwnHost(headers['host'] ?? '', own)) throw hostForeign();
}

/** The row that answers; undefined for a preflight, which no endpoint hears of. */
function findRoute(entry: PathEntry, method: string): Route | undefined {
  if (method === 'OPTIONS' && entry.cors !== 'none') return undefined;
  const route = entry.byMethod.get(method);
  if (route === undefined) throw methodNotAllowed(entry.allow);
  return route;
}

const readQuery = (route: Route | undefined, { query }: Exchange): Params =>
  route?.params === 'query' ? parseParams(query) : NO_PARAMS;

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
