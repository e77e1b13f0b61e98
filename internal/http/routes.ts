// The table of everything the issuer answers. Listeners, CORS, HEAD and `Allow` follow from it, and
// a path matches byte for byte or not at all: whatever a proxy in front decides by path, an encoded,
// folded or normalised spelling of it reaches nothing here.

import type { Issuer } from '../oidc/issuer.ts';
import { CHECK_PATH, ENDPOINT_PATHS, PAGE_PATHS, WELL_KNOWN } from '../oidc/paths.ts';
import type { Cors } from './cors.ts';

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Whether only who comes through the proxy reaches it, where the two have listeners of their own. */
type Listener = 'browser' | 'back';

/** Who looks at the answer, and gets a page where it is no answer; programs get JSON. */
type Caller = 'person' | 'program';

/** Which rows a listener serves. */
export type ListenerGroup = Listener | 'mtls' | 'all';

export type Route = {
  readonly methods: readonly Method[];
  /** @param prefix the path of the issuer; empty for most. */
  readonly paths: (prefix: string) => readonly string[];
  readonly endpoint: keyof Issuer;
  /** What the endpoint reads; a query beside a form is never looked at. */
  readonly params: 'query' | 'form' | 'json' | 'none';
  readonly cors: Cors;
  readonly listener: Listener;
  readonly caller: Caller;
  /** The upstream is asked who this is; on other routes its headers mean nothing. */
  readonly readsIdentity: boolean;
  /** A form of ours: another site may not submit it. */
  readonly sameOrigin: boolean;
};

const at = (path: string) => (prefix: string) => [prefix + path];

/** Stands in the table for a last segment that is the name of something. */
const NAME = '{name}';
/** Characters that nobody has a reason to encode (RFC 3986 §2.3). */
const NAMED = /\/([A-Za-z0-9._~-]+)$/;

/** What lies below a path, each by its name. */
const below = (path: string) => (prefix: string) => [`${prefix}${path}/${NAME}`];

/** Before the issuer's path (RFC 8414 §3.1), and behind it as well (Discovery 1.0 §4). */
const openidMetadata = (prefix: string) => [prefix + WELL_KNOWN.openid, WELL_KNOWN.openid + prefix];
const oauthMetadata = (prefix: string) => [WELL_KNOWN.oauth + prefix];

const AUTHORIZE = at(ENDPOINT_PATHS.authorization_endpoint);
const DEVICE_AUTHORIZATION = at(ENDPOINT_PATHS.device_authorization_endpoint);
const PUSHED = at(ENDPOINT_PATHS.pushed_authorization_request_endpoint);
const USERINFO = at(ENDPOINT_PATHS.userinfo_endpoint);
const DEVICE = at(PAGE_PATHS.device);
const REGISTRATION = ENDPOINT_PATHS.registration_endpoint;
const END_SESSION = at(ENDPOINT_PATHS.end_session_endpoint);

const back = (
  methods: readonly Method[],
  paths: Route['paths'],
  endpoint: keyof Issuer,
  params: Route['params'],
  cors: Cors,
): Route => ({
  methods,
  paths,
  endpoint,
  params,
  cors,
  listener: 'back',
  caller: 'program',
  readsIdentity: false,
  sameOrigin: false,
});

/** A page for people of whom nothing is known, so that no proxy need know them either. */
const open = (paths: Route['paths'], endpoint: keyof Issuer): Route => ({
  ...back(['GET'], paths, endpoint, 'query', 'none'),
  caller: 'person',
});

const browser = (
  methods: readonly Method[],
  paths: Route['paths'],
  endpoint: keyof Issuer,
  params: Route['params'],
  { readsIdentity, sameOrigin }: Pick<Route, 'readsIdentity' | 'sameOrigin'>,
): Route => ({
  methods,
  paths,
  endpoint,
  params,
  cors: 'none',
  listener: 'browser',
  caller: 'person',
  readsIdentity,
  sameOrigin,
});

const IDENTITY = { readsIdentity: true, sameOrigin: false } as const;
const IDENTITY_FORM = { readsIdentity: true, sameOrigin: true } as const;
/** The chooser is for issuers without a proxy, and itself says who is there. */
const CHOOSER = { readsIdentity: false, sameOrigin: false } as const;
const CHOOSER_FORM = { readsIdentity: false, sameOrigin: true } as const;

// HEAD is answered only where a GET changes nothing: link previews send it to /authorize, too.
const READ: readonly Method[] = ['GET', 'HEAD'];

// Envoy asks by the method of the request that it asks about, and without its body.
const ANY: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** One row for each endpoint and way of passing parameters. */
const ROUTES: readonly Route[] = [
  back(READ, openidMetadata, 'discovery', 'none', 'any'),
  back(READ, oauthMetadata, 'discovery', 'none', 'any'),
  back(READ, at(ENDPOINT_PATHS.jwks_uri), 'jwks', 'none', 'any'),
  browser(['GET'], AUTHORIZE, 'authorize', 'query', IDENTITY),
  browser(['POST'], AUTHORIZE, 'authorize', 'form', IDENTITY),
  browser(['POST'], at(PAGE_PATHS.consent), 'consent', 'form', IDENTITY_FORM),
  browser(['POST'], at(PAGE_PATHS.account), 'account', 'form', IDENTITY_FORM),
  browser(['GET'], DEVICE, 'device', 'query', IDENTITY),
  browser(['POST'], DEVICE, 'device', 'form', IDENTITY_FORM),
  browser(['GET'], at(PAGE_PATHS.choose), 'choose', 'query', CHOOSER),
  browser(['POST'], at(PAGE_PATHS.choose), 'choose', 'form', CHOOSER_FORM),
  browser(['GET'], END_SESSION, 'endSession', 'query', IDENTITY),
  browser(['POST'], END_SESSION, 'endSession', 'form', IDENTITY),
  browser(['POST'], at(PAGE_PATHS.signOut), 'signOut', 'form', IDENTITY_FORM),
  open(at(PAGE_PATHS.signedOut), 'signedOut'),
  back(['POST'], PUSHED, 'push', 'form', 'client'),
  back(['POST'], at(ENDPOINT_PATHS.token_endpoint), 'token', 'form', 'client'),
  back(['POST'], DEVICE_AUTHORIZATION, 'deviceAuthorization', 'form', 'client'),
  back(['GET'], USERINFO, 'userinfo', 'none', 'client'),
  back(['POST'], USERINFO, 'userinfo', 'form', 'client'),
  back(['POST'], at(ENDPOINT_PATHS.introspection_endpoint), 'introspect', 'form', 'none'),
  back(['POST'], at(ENDPOINT_PATHS.revocation_endpoint), 'revoke', 'form', 'client'),
  back(ANY, at(CHECK_PATH), 'check', 'query', 'none'),
  back(['POST'], at(REGISTRATION), 'register', 'json', 'none'),
  back(['GET', 'DELETE'], below(REGISTRATION), 'registeredClient', 'none', 'none'),
  back(['PUT'], below(REGISTRATION), 'registeredClient', 'json', 'none'),
];

/** All rows of one path. */
export type PathEntry = {
  readonly endpoint: keyof Issuer;
  readonly cors: Cors;
  readonly listener: Listener;
  /** Some row of it does. */
  readonly readsIdentity: boolean;
  readonly caller: Caller;
  /** The methods, as the `Allow` header wants them. */
  readonly allow: string;
  readonly byMethod: ReadonlyMap<string, Route>;
};

/** Raw path → its rows. */
export type RouteTable = ReadonlyMap<string, PathEntry>;

/** What is at a path, and the name of it where the table has a place for one. */
export type Found = {
  readonly entry: PathEntry | undefined;
  readonly segment: string | undefined;
};

/** @param path of a request, byte for byte. */
export function findEntry(table: RouteTable, path: string): Found {
  const entry = path.endsWith(NAME) ? undefined : table.get(path);
  if (entry !== undefined) return { entry, segment: undefined };
  const segment = NAMED.exec(path)?.[1];
  if (segment === undefined) return { entry: undefined, segment };
  return { entry: table.get(path.slice(0, -segment.length) + NAME), segment };
}

/** The path of the issuer, without the slash at its end: what every other path begins with. */
export function pathPrefix(issuerUrl: string): string {
  const { pathname } = new URL(issuerUrl);
  return pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
}

/** The rows that a listener of this group serves; all other paths do not exist on it. */
export function buildTable(issuerUrl: string, group: ListenerGroup): RouteTable {
  const prefix = pathPrefix(issuerUrl);
  const byPath = new Map<string, Route[]>();
  for (const route of ROUTES) {
    if (!serves(group, route)) continue;
    for (const path of new Set(route.paths(prefix))) {
      byPath.set(path, [...(byPath.get(path) ?? []), route]);
    }
  }
  return new Map([...byPath].map(([path, routes]) => [path, toEntry(routes)]));
}

/**
 * Where certificates are asked for, programs call: a browser would ask people to choose one. Not proxies
 * that ask about somebody else's token, whose own certificate would be taken for that of its client.
 */
function serves(group: ListenerGroup, { listener, caller, endpoint }: Route): boolean {
  if (group === 'mtls') return listener === 'back' && caller === 'program' && endpoint !== 'check';
  return group === 'all' || group === listener;
}

function toEntry(routes: readonly Route[]): PathEntry {
  const [first] = routes;
  if (first === undefined) throw new Error('a path without rows');
  const methods: string[] = routes.flatMap((route) => route.methods);
  return {
    endpoint: first.endpoint,
    cors: first.cors,
    listener: first.listener,
    readsIdentity: routes.some(({ readsIdentity }) => readsIdentity),
    caller: first.caller,
    allow: (first.cors === 'none' ? methods : [...methods, 'OPTIONS']).join(', '),
    byMethod: new Map(routes.flatMap((route) => route.methods.map((name) => [name, route]))),
  };
}
