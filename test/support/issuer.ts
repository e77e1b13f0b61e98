import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '../../internal/audit/events.ts';
import { createForeignKeys } from '../../internal/jwks/foreign-keys.ts';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import type { Deps } from '../../internal/oidc/deps.ts';
import type { ProtocolRequest } from '../../internal/oidc/endpoint.ts';
import { createIssuer, type Issuer } from '../../internal/oidc/issuer.ts';
import type { Policy } from '../../internal/oidc/policy.ts';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import type { Claims } from '../../internal/protocol/claims.ts';
import type { Client } from '../../internal/protocol/client.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import type { Identity } from '../../internal/protocol/identity.ts';
import { STANDARD_SCOPES } from '../../internal/protocol/scope-table.ts';
import { HOUR } from '../../internal/protocol/time.ts';
import { createMemoryStore } from '../../internal/store/memory/memory.ts';
import { chooserOf } from './chooser.ts';
import { FIXTURE_CLIENTS } from './clients.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { START } from './keys.ts';
import { createReceivers, type Receivers } from './receivers.ts';
import {
  type Answer,
  type Credentials,
  credentialsOf,
  identify,
  makeRequest,
  type Query,
  settle,
  toParams,
} from './requests.ts';
import { exposeStore, fairWeather, type Weather } from './weather.ts';

export const ISSUER = 'https://op.example/a';

export const LIFETIMES = {
  authorizationCode: 300,
  deviceCode: 600,
  accessToken: 3600,
  idToken: 3600,
  refreshToken: 30 * 86_400,
  refreshTokenMax: 90 * 86_400,
  sessionRefreshToken: 8 * 3600,
  refreshTokenGrace: 10,
} as const;

const POLICY: Policy = {
  clientCertificates: 'none',
  grantTypesInUse: new Set(),
  tokenIssuers: [],
  scopes: STANDARD_SCOPES,
  lifetimes: LIFETIMES,
  requireState: 'unless_pkce',
  requirePushedAuthorizationRequests: false,
  requireSignedRequestObject: false,
  requestObjectSigningAlgs: [],
  pushedRequestLifetime: 90,
  authorizationDetailsTypes: new Map(),
  metadataMaxAge: 300,
  loginUrl: undefined,
  reauthenticateUrl: undefined,
  logoutUrl: undefined,
  acrValuesSupported: [],
  sessionLifetime: 86_400,
  revokesOfflineAccess: false,
  serviceDocumentation: undefined,
  check: undefined,
  dpop: { requiresNonce: false, proofLifetime: 60 },
};

export const ALICE: Claims = {
  name: 'Alice Example',
  given_name: 'Alice',
  email: 'alice@example.test',
  email_verified: true,
  groups: ['engineering', 'admins'],
  phone_number: '+1 555 0100',
  phone_number_verified: false,
  address: { locality: 'Springfield', country: 'US' },
  updated_at: 1_700_000_000,
  middle_name: '',
  website: null,
};

export type TestIssuer = Calls & {
  readonly issuer: Issuer;
  readonly deps: Deps;
  readonly clock: TestClock;
  readonly users: Map<string, Claims>;
  readonly clients: Map<string, Client>;
  readonly events: AuditEvent[];
  readonly weather: Weather;
  /** What clients were told from server to server, and what they answer. */
  readonly receivers: Receivers;
  /** Whether the backends answer. */
  readonly backends: { down: boolean };
};

/** A client by its id, with its right credentials, or whatever is presented instead. */
type Caller = string | Credentials;

type Calls = {
  /** By alice unless the upstream says otherwise; `nobody` when it names no End-User. */
  authorize(
    query?: Query,
    identity?: Identity | 'nobody',
    more?: Partial<ProtocolRequest>,
  ): Promise<Answer>;
  consent(
    form: Query,
    identity?: Identity | 'nobody',
    more?: Partial<ProtocolRequest>,
  ): Promise<Answer>;
  push(form?: Query, caller?: Caller): Promise<Answer>;
  account(form: Query, identity?: Identity | 'nobody'): Promise<Answer>;
  token(form: Query, caller?: Caller): Promise<Answer>;
  redeem(code: string, form?: Query, caller?: Caller): Promise<Answer>;
  refresh(refreshToken: string, form?: Query, caller?: Caller): Promise<Answer>;
  introspect(token: string | undefined, caller?: Caller, form?: Query): Promise<Answer>;
  revoke(token: string | undefined, caller?: Caller, form?: Query): Promise<Answer>;
  userinfo(token: string | undefined, more?: Partial<ProtocolRequest>): Promise<Answer>;
  /** A code for `conf` and alice, or for whoever the query says. */
  code(query?: Query, identity?: Identity): Promise<string>;
  /** All tokens of a sign-in by `conf` and alice, or by whoever the query says. */
  signIn(query?: Query, identity?: Identity): Promise<Tokens>;
};

type Tokens = {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly scope: string;
  readonly expires_in: number;
  readonly token_type: string;
};

/** What a test wants different from the usual. */
export type Different = {
  readonly policy?: Partial<Policy>;
  readonly clients?: readonly Client[];
  readonly deps?: Partial<Deps>;
  /** It stands in for a proxy. */
  readonly chooser?: boolean;
  /** That may register themselves. */
  readonly maxClients?: number;
};

/** The whole domain over a memory store, real keys and a clock that a test moves. */
export function createTestIssuer(different: Different = {}): TestIssuer {
  const clock = createTestClock(START - HOUR);
  const users = new Map<string, Claims>([
    ['alice', ALICE],
    ['bob', { name: 'Bob Example', groups: ['sales'] }],
  ]);
  const clients = new Map<string, Client>(
    [...FIXTURE_CLIENTS, ...(different.clients ?? [])].map((client) => [client.clientId, client]),
  );
  const events: AuditEvent[] = [];
  const weather = fairWeather();
  const backends = { down: false };
  const receivers = createReceivers();
  const store = createMemoryStore({
    maxEntries: 100_000,
    maxPending: 1000,
    maxClients: different.maxClients ?? 1000,
    now: clock,
  });
  // So long the store has been there: what was made in the meantime it would know.
  clock.advance(HOUR);
  const grantTypesInUse = new Set([...clients.values()].flatMap(({ grantTypes }) => grantTypes));
  const policy = { ...POLICY, grantTypesInUse, ...different.policy };
  const identifier = different.deps?.issuer ?? ISSUER;
  const deps: Deps = {
    issuer: identifier,
    bases: { browser: identifier, back: identifier },
    pairwiseSalt: undefined,
    store: exposeStore(store, weather),
    keys: createEphemeralKeys({ now: clock }),
    foreignKeys: createForeignKeys({
      now: clock,
      outbound: { operator: createOutbound(anyAddress), client: createOutbound(anyAddress) },
      onProblem: () => undefined,
    }),
    workloads: { clusters: new Map(), trustDomains: new Map() },
    userinfo: {
      provesExistence: true,
      remote: false,
      async find(subject) {
        if (backends.down) throw new Unavailable('userinfo', 'find');
        return users.get(subject);
      },
      close: async () => undefined,
    },
    tokenHook: undefined,
    registration: undefined,
    audit: (event) => events.push(event),
    outbox: receivers.queue.enqueue,
    now: clock,
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    findClient: async (clientId) => clients.get(clientId),
    policy: () => policy,
    ...different.deps,
  };
  const chooser = different.chooser === true ? chooserOf(deps, users) : undefined;
  const issuer = createIssuer(deps, chooser);
  const calls = createCalls(issuer, clients);
  return { issuer, deps, clock, users, clients, events, weather, receivers, backends, ...calls };
}

/** The nearest honest authorization request: `conf` for alice. */
export const AUTHORIZE: Query = {
  client_id: 'conf',
  redirect_uri: 'https://rp.example/callback',
  response_type: 'code',
  scope: 'openid profile email groups offline_access',
  state: 'state-1',
};

const REDIRECT_URI = 'https://rp.example/callback';

function createCalls(issuer: Issuer, clients: ReadonlyMap<string, Client>): Calls {
  const identityOf = (identity: Identity | 'nobody' = identify('alice')) =>
    identity === 'nobody' ? undefined : identity;
  function present(form: Query, caller: Caller = 'conf'): ProtocolRequest {
    const client = typeof caller === 'string' ? clients.get(caller) : undefined;
    const credentials = typeof caller === 'string' ? client && credentialsOf(client) : caller;
    if (credentials === undefined) throw new Error(`no client ${String(caller)}`);
    const { headers, certificate } = credentials;
    const params = toParams({ ...form, ...credentials.form });
    return makeRequest({ params, headers, certificate });
  }
  const calls: Calls = {
    authorize: (query = {}, identity, more = {}) =>
      settle(
        issuer.authorize(
          makeRequest({
            method: 'GET',
            params: toParams({ ...AUTHORIZE, ...query }),
            identity: identityOf(identity),
            ...more,
          }),
        ),
      ),
    push: (form = {}, caller) => settle(issuer.push(present({ ...AUTHORIZE, ...form }, caller))),
    consent: (form, identity, more = {}) =>
      settle(
        issuer.consent(
          makeRequest({ params: toParams(form), identity: identityOf(identity), ...more }),
        ),
      ),
    account: (form, identity) =>
      settle(
        issuer.account(makeRequest({ params: toParams(form), identity: identityOf(identity) })),
      ),
    token: (form, caller) => settle(issuer.token(present(form, caller))),
    redeem: (code, form = {}, caller) =>
      calls.token(
        { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, ...form },
        caller,
      ),
    refresh: (refresh_token, form = {}, caller) =>
      calls.token({ grant_type: 'refresh_token', refresh_token, ...form }, caller),
    introspect: (token, caller, form = {}) =>
      settle(issuer.introspect(present({ token, ...form }, caller))),
    revoke: (token, caller, form = {}) =>
      settle(issuer.revoke(present({ token, ...form }, caller))),
    userinfo: (token, more = {}) =>
      settle(
        issuer.userinfo(
          makeRequest({
            method: 'GET',
            headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
            ...more,
          }),
        ),
      ),
    async code(query, identity) {
      const { params, response } = await calls.authorize(query, identity);
      const code = params.get('code');
      if (code === null) throw new Error(`no code: ${JSON.stringify(response)}`);
      return code;
    },
    async signIn(query = {}, identity) {
      const redirect_uri = query['redirect_uri'] ?? REDIRECT_URI;
      const code = await calls.code(query, identity);
      const answer = await calls.redeem(
        code,
        { redirect_uri },
        String(query['client_id'] ?? 'conf'),
      );
      if (answer.status !== 200) throw new Error(`no tokens: ${JSON.stringify(answer.json)}`);
      return answer.json as Tokens;
    },
  };
  return calls;
}
