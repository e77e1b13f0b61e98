// The HTTP room on a real socket, in front of endpoints that only remember what they were asked.

import { randomBytes } from 'node:crypto';
import { afterEach } from 'vitest';
import type { AuditEvent } from '../../internal/audit/events.ts';
import { createPublicApp, type HttpDeps } from '../../internal/http/app.ts';
import { type ListenAddress, type Listener, listen } from '../../internal/http/listen.ts';
import type { Limits } from '../../internal/http/overload.ts';
import type { ListenerGroup } from '../../internal/http/routes.ts';
import type { TlsOptions } from '../../internal/http/secure.ts';
import { createShedding } from '../../internal/http/shedding.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import type { Issuer } from '../../internal/oidc/issuer.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { createLog, type LogLevel } from '../../internal/telemetry/log.ts';
import { createUnderway } from '../../internal/telemetry/underway.ts';
import type { Identification, UpstreamRequest } from '../../internal/upstream/upstream.ts';
import type { RawTarget } from './raw-http.ts';

const ISSUER_URL = 'https://op.example';

const ALICE: Identification = {
  kind: 'identified',
  identity: { subject: toSubject('alice'), claims: {} },
};

export type EndpointName = keyof Issuer;

type Asked = { readonly endpoint: EndpointName; readonly request: ProtocolRequest };

export type TestHttp = {
  readonly target: RawTarget & { readonly port: number };
  readonly listener: Listener;
  /** What endpoints were asked, in order. */
  readonly asked: Asked[];
  /** What the upstream was asked. */
  readonly identified: UpstreamRequest[];
  readonly events: AuditEvent[];
  readonly logged: () => readonly Record<string, unknown>[];
  readonly logText: () => string;
};

export type TestHttpOptions = {
  readonly issuerUrl?: string;
  readonly group?: ListenerGroup;
  readonly deps?: Partial<HttpDeps>;
  /** Replace the endpoints' answers; they may throw. */
  readonly endpoints?: Partial<Record<EndpointName, Endpoint>>;
  /** Endpoints that this issuer does not have. */
  readonly without?: readonly (
    | 'choose'
    | 'check'
    | 'device'
    | 'deviceAuthorization'
    | 'register'
    | 'registeredClient'
  )[];
  readonly identify?: (request: UpstreamRequest) => Identification;
  readonly address?: ListenAddress;
  readonly tls?: TlsOptions;
  readonly timeouts?: Parameters<typeof listen>[1]['timeouts'];
  readonly logLevel?: LogLevel;
  /** Absent: what no test comes near. */
  readonly limits?: Partial<Limits>;
};

const NAMES: readonly EndpointName[] = [
  'discovery',
  'jwks',
  'authorize',
  'consent',
  'account',
  'choose',
  'device',
  'review',
  'deviceAuthorization',
  'token',
  'userinfo',
  'introspect',
  'revoke',
  'register',
  'registeredClient',
  'check',
  'endSession',
  'signOut',
  'signedOut',
];

const open: Listener[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.drain(0)));
});

/** Ends by itself after the test. */
export async function startHttp(options: TestHttpOptions = {}): Promise<TestHttp> {
  const asked: Asked[] = [];
  const identified: UpstreamRequest[] = [];
  const events: AuditEvent[] = [];
  let text = '';
  const log = createLog({
    level: options.logLevel ?? 'debug',
    format: 'json',
    destination: {
      write: (line) => {
        text += line;
      },
    },
  });
  const issuer = createIssuer(asked, options);
  const issuerUrl = options.issuerUrl ?? ISSUER_URL;
  const deps: HttpDeps = {
    issuerUrl,
    bases: { browser: issuerUrl, back: issuerUrl },
    issuer: () => issuer,
    upstream: () => ({
      headerNames: ['x-authenticated-user', 'x-asteroid-upstream-secret'],
      identify: (request) => {
        identified.push(request);
        return options.identify?.(request) ?? ALICE;
      },
    }),
    allowedHosts: [],
    strictHost: false,
    shedding: createShedding(() => ({ requests: 1000, queueMs: 60_000, ...options.limits }), log),
    maxConnections: 10_000,
    log,
    audit: (event) => events.push(event),
    underway: createUnderway(),
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    ...options.deps,
  };
  const app = createPublicApp(() => deps, options.group ?? 'all');
  const listener = await listen(app, {
    address: options.address ?? { kind: 'tcp', host: '127.0.0.1', port: 0 },
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
  });
  open.push(listener);
  return {
    target: { port: listener.port ?? 0 },
    listener,
    asked,
    identified,
    events,
    logged: () =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    logText: () => text,
  };
}

function createIssuer(asked: Asked[], { endpoints = {}, without = [] }: TestHttpOptions): Issuer {
  const answerOf =
    (endpoint: EndpointName): Endpoint =>
    async (request) => {
      asked.push({ endpoint, request });
      return endpoints[endpoint]?.(request) ?? defaultAnswer(endpoint);
    };
  const all = Object.fromEntries(NAMES.map((name) => [name, answerOf(name)])) as Record<
    EndpointName,
    Endpoint
  >;
  return { ...all, ...Object.fromEntries(without.map((name) => [name, undefined])) };
}

const REDIRECTING: ReadonlySet<EndpointName> = new Set([
  ...(['authorize', 'consent', 'account', 'choose', 'device'] as const),
  ...(['review', 'endSession', 'signOut', 'signedOut'] as const),
]);

function defaultAnswer(endpoint: EndpointName): ProtocolResponse {
  if (REDIRECTING.has(endpoint)) {
    return { kind: 'redirect', location: 'https://rp.example/callback?code=c' };
  }
  const isDocument = endpoint === 'discovery' || endpoint === 'jwks';
  return { kind: 'json', status: 200, body: { endpoint }, ...(isDocument ? { maxAge: 300 } : {}) };
}

/** Of a client that says nothing of itself. */
export const NO_LINKS = {
  clientUri: undefined,
  policyUri: undefined,
  tosUri: undefined,
  logoUri: undefined,
};

export const HOST = 'Host: op.example';
export const FORM = 'Content-Type: application/x-www-form-urlencoded';

const ANY = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Every path of an issuer without a path, its methods and its endpoint. */
export const PATHS: readonly {
  readonly path: string;
  readonly methods: readonly string[];
  readonly endpoint: EndpointName;
  readonly cors: boolean;
  /** Behind the proxy, and with its word. */
  readonly browser: boolean;
  /** A person looks at it. */
  readonly person: boolean;
}[] = [
  row('/.well-known/openid-configuration', ['GET', 'HEAD'], 'discovery', { cors: true }),
  row('/.well-known/oauth-authorization-server', ['GET', 'HEAD'], 'discovery', { cors: true }),
  row('/jwks.json', ['GET', 'HEAD'], 'jwks', { cors: true }),
  row('/authorize', ['GET', 'POST'], 'authorize', { browser: true }),
  row('/consent', ['POST'], 'consent', { browser: true }),
  row('/account', ['POST'], 'account', { browser: true }),
  row('/device', ['GET', 'POST'], 'device', { browser: true }),
  row('/review', ['GET', 'POST'], 'review', { browser: true }),
  row('/choose', ['GET', 'POST'], 'choose', { browser: true }),
  row('/end_session', ['GET', 'POST'], 'endSession', { browser: true }),
  row('/sign_out', ['POST'], 'signOut', { browser: true }),
  row('/signed_out', ['GET'], 'signedOut', { person: true }),
  row('/token', ['POST'], 'token', { cors: true }),
  row('/device_authorization', ['POST'], 'deviceAuthorization', { cors: true }),
  row('/userinfo', ['GET', 'POST'], 'userinfo', { cors: true }),
  row('/introspect', ['POST'], 'introspect', {}),
  row('/revoke', ['POST'], 'revoke', { cors: true }),
  row('/register', ['POST'], 'register', {}),
  row('/register/dyn_a-b.c~d', ['GET', 'DELETE', 'PUT'], 'registeredClient', {}),
  row('/check', ANY, 'check', {}),
];

function row(
  path: string,
  methods: readonly string[],
  endpoint: EndpointName,
  flags: { readonly cors?: boolean; readonly browser?: boolean; readonly person?: boolean },
) {
  const { cors = false, browser = false, person = browser } = flags;
  return { path, methods, endpoint, cors, browser, person };
}
