// What is decided before an endpoint is asked, in the order of design: what is malformed, then where it
// goes, then who vouches for it. Headers alone decide: nothing is read or awaited, but for what is signed.

import type { Endpoint } from '../oidc/endpoint.ts';
import type { Issuer } from '../oidc/issuer.ts';
import type { ClientCertificate } from '../protocol/client-certificate.ts';
import type { RequestLimits } from '../ratelimit/limits.ts';
import type { Log } from '../telemetry/log.ts';
import { checkFormHeaders, checkJsonHeaders, checkNoBody } from './body.ts';
import type { FindCertificate } from './certificates.ts';
import type { SealedCookie } from './cookies.ts';
import { hostForeign, methodNotAllowed, pathUnknown } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { isOwnHost } from './host.ts';
import { type IdentityDeps, noteIdentity, type ReadIdentity, readIdentity } from './identity.ts';
import { checkMessage } from './message.ts';
import type { PathEntry, Route } from './routes.ts';
import { checkSameOrigin } from './same-origin.ts';

export type AdmissionDeps = IdentityDeps & {
  readonly issuer: () => Issuer;
  /** Undefined where no certificate of a client can arrive. */
  readonly findCertificate?: FindCertificate | undefined;
  /** Under which people's browsers may open a page. */
  readonly browserHosts: ReadonlySet<string>;
  /** Those, and the one that programs call. */
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
  readonly strictHost: boolean;
  readonly cookie: SealedCookie;
  readonly log: Log;
};

/** A request that may be answered; without a route it is a preflight. */
export type Admitted = {
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
export function place(deps: AdmissionDeps, exchange: Exchange): Placed {
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
export function admit(
  deps: AdmissionDeps,
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

/** Certificates are those of clients, and no browser of an End-User is one. */
const isForPrograms = ({ listener, caller }: Route): boolean =>
  listener === 'back' && caller === 'program';

const preflight: Endpoint = async () => ({ kind: 'empty', status: 204 });

// Programs call the back channel by whatever name reaches it (a service name, an address of the pod);
// people's browsers know one name, and so does everybody where DNS is not to be trusted.
function checkHost(deps: AdmissionDeps, { entry, headers }: Exchange): void {
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
