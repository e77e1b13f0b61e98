// An issuer whose clients may register themselves, by the rules of a real configuration.

import { createFindClient } from '../../internal/app/registered-clients.ts';
import { createConfiguredRegistration } from '../../internal/app/registration.ts';
import type { ClientTerms } from '../../internal/config/checks/client.ts';
import { configSchema } from '../../internal/config/config.ts';
import type { Deps } from '../../internal/oidc/deps.ts';
import type { Registration } from '../../internal/oidc/registration/registration.ts';
import { clientTerms } from './client-terms.ts';
import { sha256Secret } from './clients.ts';
import { createTestIssuer, type Different, type TestIssuer } from './issuer.ts';
import { type Answer, basic, makeRequest, settle, withHeader } from './requests.ts';

export const INITIAL = 'let-me-in-let-me-in-let-me-in-let-me-in';

export const TERMS: ClientTerms = clientTerms();

export type Metadata = Readonly<Record<string, unknown>>;

/** The nearest honest registration. */
export const HONEST: Metadata = {
  client_name: 'Corner Shop',
  redirect_uris: ['https://rp.example/callback'],
};

export type Registered = {
  readonly client_id: string;
  readonly client_secret: string;
  readonly registration_access_token: string;
  readonly [member: string]: unknown;
};

export type RegistrationTest = TestIssuer & {
  /** With the initial access token, unless headers say otherwise. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** A client that is registered; throws when it is not. */
  register(different?: Metadata): Promise<Registered>;
  /** By the client's own token, unless another is given. */
  manage(
    method: 'GET' | 'PUT' | 'DELETE',
    client: Registered,
    body?: unknown,
    token?: string,
  ): Promise<Answer>;
  /** What the log was told of registered clients. */
  readonly warned: object[];
};

export type RegistrationOptions = {
  /** `registration` of asteroid.yaml. */
  readonly policy?: Metadata;
  readonly terms?: Partial<ClientTerms>;
  readonly registration?: Partial<Registration>;
  /** JWK Sets of publishers, by issuer. */
  readonly statementKeys?: ReadonlyMap<string, string>;
  readonly different?: Different;
};

const POLICY: Metadata = {
  initial_access_tokens: [{ file: 'token' }],
  token_endpoint_auth_methods: [
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    'none',
  ],
};

export function createRegistrationIssuer(options: RegistrationOptions = {}): RegistrationTest {
  const { policy = {}, terms = {}, different = {} } = options;
  const config = configSchema.parse({ registration: { ...POLICY, ...policy } });
  const allTerms = { ...TERMS, ...terms };
  const files = {
    initialAccessTokens: [sha256Secret(INITIAL)],
    statementKeys: options.statementKeys ?? new Map(),
  };
  const snapshot = () => ({ registrationFiles: files });
  const registration = createConfiguredRegistration(config, allTerms, snapshot, false);
  if (registration === undefined) throw new Error('registration is off');
  const warned: object[] = [];
  let find: Deps['findClient'] | undefined;
  const test = createTestIssuer({
    ...different,
    deps: {
      registration: { ...registration, ...options.registration },
      findClient: async (clientId) => find?.(clientId),
      ...different.deps,
    },
  });
  find = createFindClient({
    config,
    clientTerms: allTerms,
    snapshot: () => test,
    store: test.deps.store,
    keys: test.deps.keys,
    log: { warn: (fields) => warned.push(fields) },
  });
  const { register: endpoint, registeredClient } = test.issuer;
  if (endpoint === undefined || registeredClient === undefined) throw new Error('no endpoints');
  const textOf = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
  const post: RegistrationTest['post'] = (body, headers) =>
    settle(
      endpoint(
        makeRequest({
          body: textOf(body),
          headers: headers ?? { authorization: `Bearer ${INITIAL}` },
        }),
      ),
    );
  return {
    ...test,
    warned,
    post,
    async register(more = {}) {
      const { status, json } = await post({ ...HONEST, ...more });
      if (status !== 201) throw new Error(`not registered: ${JSON.stringify(json)}`);
      return json as Registered;
    },
    manage: (method, client, body, token = client.registration_access_token) =>
      settle(
        registeredClient(
          makeRequest({
            method,
            segment: client.client_id,
            body: body === undefined ? undefined : textOf(body),
            headers: token === '' ? {} : { authorization: `Bearer ${token}` },
          }),
        ),
      ),
  };
}

/** Credentials of a client that got a secret. */
export const credentials = ({ client_id, client_secret }: Registered) =>
  withHeader(basic(client_id, client_secret));

/** Tokens of a sign-in by alice, who agrees on the page. */
export async function signIn(
  test: RegistrationTest,
  client: Registered,
  query: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const asked = await test.authorize({ client_id: client.client_id, ...query });
  const handle = asked.page?.kind === 'consent' ? asked.page.handle : undefined;
  if (handle === undefined) throw new Error(`no consent page: ${JSON.stringify(asked.response)}`);
  const { params } = await test.consent({ handle, decision: 'allow' });
  return test.redeem(params.get('code') ?? '', {}, credentials(client));
}
