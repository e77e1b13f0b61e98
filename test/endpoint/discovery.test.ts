import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../internal/oidc/endpoint.ts';
import { ENDPOINT_PATHS } from '../../internal/oidc/paths.ts';
import {
  ASYMMETRIC_ALGS,
  DEVICE_CODE,
  SIGNING_ALGS,
  type SigningAlg,
} from '../../internal/protocol/names.ts';
import {
  createSigner,
  keyClient,
  macClient,
  macOf,
  macSecretOf,
  ownClaims,
  withAssertion,
} from '../support/assertions.ts';
import { makeClient } from '../support/clients.ts';
import { createDeviceFlow } from '../support/device-flow.ts';
import { createTestIssuer, type Different, ISSUER } from '../support/issuer.ts';
import { createRegistrationIssuer } from '../support/registration.ts';
import { type Credentials, makeRequest, settle, toParams } from '../support/requests.ts';
import {
  asPod,
  asSvid,
  createTestWorkloads,
  podClaims,
  podClient,
  svidClaims,
  svidClient,
} from '../support/workloads.ts';

const AUTHENTICATING = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
];

const ANEW = { reauthenticateUrl: 'https://proxy.example/anew' };

async function fetchJson(endpoint: Endpoint) {
  const response = await endpoint(makeRequest({ method: 'GET' }));
  if (response.kind !== 'json') throw new Error('not JSON');
  return {
    ...response,
    body: JSON.parse(JSON.stringify(response.body)) as Record<string, unknown>,
  };
}

const describeIssuer = async (different: Different = {}) =>
  (await fetchJson(createTestIssuer(different).issuer.discovery)).body;

describe('discovery: the document (OIDC Discovery §3, §4, RFC 8414 §2; DI-1, DI-3, DI-4, DI-6)', () => {
  it('names the issuer byte for byte and may be cached for the time the policy says', async () => {
    const { status, body, maxAge } = await fetchJson(createTestIssuer().issuer.discovery);

    expect(status).toBe(200);
    expect(body['issuer']).toBe(ISSUER);
    expect(maxAge).toBe(300);
  });

  it('has every required and recommended member', async () => {
    const metadata = await describeIssuer();

    expect(metadata).toMatchObject({
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      userinfo_endpoint: `${ISSUER}/userinfo`,
      jwks_uri: `${ISSUER}/jwks.json`,
      introspection_endpoint: `${ISSUER}/introspect`,
      revocation_endpoint: `${ISSUER}/revoke`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      claim_types_supported: ['normal'],
      ui_locales_supported: ['en', 'de', 'fr', 'es', 'zh'],
    });
    expect(metadata['scopes_supported']).toContain('openid');
    expect(metadata['id_token_signing_alg_values_supported']).toContain('RS256');
  });

  it('writes out what would mean something else when it is left out (X-7)', async () => {
    expect(await describeIssuer()).toMatchObject({
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        DEVICE_CODE,
      ],
      response_modes_supported: [
        'query',
        'fragment',
        'form_post',
        'jwt',
        'query.jwt',
        'fragment.jwt',
        'form_post.jwt',
      ],
      token_endpoint_auth_methods_supported: [...AUTHENTICATING, 'none'],
      introspection_endpoint_auth_methods_supported: AUTHENTICATING,
      revocation_endpoint_auth_methods_supported: [...AUTHENTICATING, 'none'],
      code_challenge_methods_supported: ['S256'],
      claims_parameter_supported: true,
      request_parameter_supported: false,
      require_pushed_authorization_requests: false,
      require_signed_request_object: false,
      authorization_signing_alg_values_supported: [...SIGNING_ALGS],
      request_uri_parameter_supported: false,
      authorization_response_iss_parameter_supported: true,
    });
  });

  it('has no null, no empty list and no empty text', async () => {
    for (const policy of [{}, ANEW, { serviceDocumentation: 'https://docs.example' }]) {
      for (const [name, value] of Object.entries(await describeIssuer({ policy }))) {
        expect(value, name).not.toBeNull();
        expect(value, name).not.toBe('');
        if (Array.isArray(value)) expect(value.length, name).toBeGreaterThan(0);
      }
    }
  });

  it('puts no second slash behind an issuer that ends in one (DI-2)', async () => {
    const metadata = await describeIssuer({ deps: { issuer: 'https://op.example/b/' } });

    expect(metadata['issuer']).toBe('https://op.example/b/');
    expect(metadata['authorization_endpoint']).toBe('https://op.example/b/authorize');
    expect(metadata['jwks_uri']).toBe('https://op.example/b/jwks.json');
  });

  it('does not depend on the request', async () => {
    const { issuer } = createTestIssuer();
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
    const asked = await issuer.discovery(
      makeRequest({ method: 'GET', headers, params: toParams({ issuer: 'evil', x: ['1', '2'] }) }),
    );

    expect(asked).toEqual(await issuer.discovery(makeRequest({ method: 'GET' })));
  });

  it('and the JWKS need no store', async () => {
    const { issuer, weather } = createTestIssuer();
    weather.down.add('all');

    expect((await fetchJson(issuer.discovery)).status).toBe(200);
    expect((await fetchJson(issuer.jwks)).status).toBe(200);
    expect(weather.calls).toEqual([]);
  });
});

describe('JWKS (RFC 7517 §5, OIDC Core §10.1; JW-1)', () => {
  it('publishes what verifies and nothing that signs', async () => {
    const rsa = makeClient('rsa', { idTokenSignedResponseAlg: 'RS256' });
    const test = createTestIssuer({ clients: [rsa] });
    await test.signIn({ client_id: 'rsa' });

    const { body, maxAge } = await fetchJson(test.issuer.jwks);

    const keys = body['keys'] as Record<string, string>[];
    expect(maxAge).toBe(300);
    expect(keys.map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(2);
    for (const key of keys) {
      expect(key['use']).toBe('sig');
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) {
        expect(key).not.toHaveProperty(secret);
      }
    }
    for (const name of ['x', 'y']) {
      expect(Buffer.from(keys[0]?.[name] ?? '', 'base64url')).toHaveLength(32);
    }
  });
});

const strings = (value: unknown): string[] => (value as string[]).map(String);

describe('discovery tells the truth: what is advertised works (DI-5)', () => {
  it('serves an endpoint for every path it names', async () => {
    const metadata = await describeIssuer();

    const { registration_endpoint: register, ...always } = ENDPOINT_PATHS;
    for (const [member, path] of Object.entries(always)) {
      expect(metadata[member]).toBe(`${ISSUER}${path}`);
    }
    expect(metadata, 'where nobody may register').not.toHaveProperty('registration_endpoint');
    const { json } = await settle(
      createRegistrationIssuer().issuer.discovery(makeRequest({ method: 'GET' })),
    );
    expect(json['registration_endpoint']).toBe(`${ISSUER}${register}`);
  });

  it('grants every grant type, and no other', async () => {
    const flow = createDeviceFlow();
    const { code, signIn, token } = flow;
    const device = await flow.start();
    await flow.decide(device.user_code);
    const redirect_uri = 'https://rp.example/callback';
    const forms: Record<string, () => Promise<[Record<string, string>, string]>> = {
      authorization_code: async () => [{ code: await code(), redirect_uri }, 'conf'],
      refresh_token: async () => [{ refresh_token: (await signIn()).refresh_token }, 'conf'],
      client_credentials: async () => [{}, 'svc'],
      [DEVICE_CODE]: async () => [{ device_code: device.device_code }, 'tv'],
    };
    const advertised = strings((await describeIssuer())['grant_types_supported']);

    expect(advertised.sort()).toEqual(Object.keys(forms).sort());
    for (const grant_type of advertised) {
      const [form, caller] = (await forms[grant_type]?.()) ?? [{}, 'conf'];
      expect((await token({ grant_type, ...form }, caller)).status, grant_type).toBe(200);
    }
    for (const grant_type of [
      'password',
      'implicit',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    ]) {
      expect((await token({ grant_type })).json['error']).toBe('unsupported_grant_type');
    }
  });

  it('answers in every response mode and type, and in no other', async () => {
    const { authorize } = createTestIssuer();
    const metadata = await describeIssuer();

    for (const response_mode of strings(metadata['response_modes_supported'])) {
      const { params } = await authorize({ response_mode });
      const name = response_mode.endsWith('jwt') ? 'response' : 'code';
      expect(params.has(name), response_mode).toBe(true);
    }
    for (const response_type of strings(metadata['response_types_supported'])) {
      expect((await authorize({ response_type })).params.has('code'), response_type).toBe(true);
    }
    for (const response_mode of ['web_message', 'jwt.query', 'QUERY.JWT']) {
      expect((await authorize({ response_mode })).params.get('error')).toBe('invalid_request');
    }
    for (const response_type of ['token', 'id_token', 'code id_token']) {
      expect((await authorize({ response_type })).params.get('error')).toBe(
        'unsupported_response_type',
      );
    }
  });

  it('authenticates clients by every method at every endpoint, and by no other', async () => {
    const key = await createSigner('k1');
    const grantTypes = ['authorization_code'];
    const clients = [
      keyClient('private_key_jwt', [key], { grantTypes }),
      macClient('client_secret_jwt', { grantTypes }),
      podClient('kubernetes_service_account', { grantTypes }),
      svidClient('spiffe_jwt', { grantTypes }),
      ...['client_secret_basic', 'client_secret_post', 'none', 'tls_client_auth'].map((method) =>
        makeClient(method, { tokenEndpointAuthMethod: method }),
      ),
    ];
    const own = (clientId: string) => ownClaims(clientId, ISSUER);
    const signed: Readonly<Record<string, () => Promise<Credentials>>> = {
      private_key_jwt: async () => withAssertion(await key.sign(own('private_key_jwt'))),
      client_secret_jwt: async () =>
        withAssertion(macOf(macSecretOf('client_secret_jwt'), own('client_secret_jwt'))),
      kubernetes_service_account: async () =>
        asPod(await key.sign(podClaims()), 'kubernetes_service_account'),
      spiffe_jwt: async () => asSvid(await key.sign(svidClaims()), 'spiffe_jwt'),
    };
    const different = { clients, deps: { workloads: createTestWorkloads(key) } };
    const { token, revoke, introspect } = createTestIssuer(different);
    const metadata = await describeIssuer(different);
    const code = { grant_type: 'authorization_code', code: 'x' };

    for (const { clientId: method } of clients) {
      const caller = async () => (await signed[method]?.()) ?? method;
      const reached = {
        token: (await token(code, await caller())).json['error'] === 'invalid_grant',
        revocation: (await revoke('x', await caller())).status === 200,
        introspection: (await introspect('x', await caller())).status === 200,
      };
      for (const [endpoint, works] of Object.entries(reached)) {
        const advertised = strings(metadata[`${endpoint}_endpoint_auth_methods_supported`]);
        expect(works, `${method} at ${endpoint}`).toBe(advertised.includes(method));
      }
    }
  });

  it('names what assertions may be signed with at every endpoint, and never none', async () => {
    const metadata = await describeIssuer();

    for (const endpoint of ['token', 'revocation', 'introspection']) {
      const algs = strings(metadata[`${endpoint}_endpoint_auth_signing_alg_values_supported`]);
      expect(algs).toEqual(['HS256', 'HS384', 'HS512', ...ASYMMETRIC_ALGS]);
    }
  });

  it('signs ID Tokens with every algorithm', async () => {
    const algs = strings((await describeIssuer())['id_token_signing_alg_values_supported']);

    expect(algs).toEqual([...SIGNING_ALGS]);
    for (const alg of algs as SigningAlg[]) {
      const test = createTestIssuer({
        clients: [makeClient('c', { idTokenSignedResponseAlg: alg })],
      });
      const { id_token } = await test.signIn({ client_id: 'c' });
      const header = JSON.parse(Buffer.from(id_token.split('.')[0] ?? '', 'base64url').toString());
      expect(header.alg).toBe(alg);
    }
  });

  it('grants every scope, and releases no claim that is not advertised', async () => {
    const { signIn, users, userinfo } = createTestIssuer();
    const metadata = await describeIssuer();
    const claims = strings(metadata['claims_supported']);
    const scope = strings(metadata['scopes_supported']).join(' ');
    users.set('alice', Object.fromEntries([...claims, 'shoe_size'].map((name) => [name, 'known'])));

    const tokens = await signIn({ scope, nonce: 'n' });

    expect(tokens.scope).toBe(scope);
    const told = Object.keys((await userinfo(tokens.access_token)).json);
    const aboutSignIn = [
      'iss',
      'aud',
      'exp',
      'iat',
      'nonce',
      'auth_time',
      'acr',
      'amr',
      'sid',
      'at_hash',
      'azp',
      's_hash',
    ];
    expect([...told, ...aboutSignIn].sort()).toEqual([...claims].sort());
  });

  it('heeds every prompt value, and answers the others with an error', async () => {
    const all = ['none', 'consent', 'login', 'select_account'];
    for (const policy of [{}, ANEW]) {
      const { authorize } = createTestIssuer({ policy });
      const advertised = strings((await describeIssuer({ policy }))['prompt_values_supported']);

      for (const prompt of all) {
        const { params, page } = await authorize({ prompt });
        expect(params.has('error'), prompt).toBe(!advertised.includes(prompt));
        expect(params.has('code') || page !== undefined, prompt).toBe(advertised.includes(prompt));
      }
    }
  });

  it('takes S256 challenges, the claims parameter, and neither request nor request_uri', async () => {
    const { authorize } = createTestIssuer();
    const code_challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
    const errorOf = async (query: Record<string, string>) =>
      (await authorize(query)).params.get('error');

    expect(await errorOf({ code_challenge, code_challenge_method: 'S256' })).toBeNull();
    expect(await errorOf({ code_challenge, code_challenge_method: 'plain' })).toBe(
      'invalid_request',
    );
    expect(await errorOf({ claims: '{"userinfo":{"name":null}}' })).toBeNull();
    expect(await errorOf({ request: 'a.b.c' })).toBe('request_not_supported');
    expect(await errorOf({ request_uri: 'urn:x' })).toBe('request_uri_not_supported');
  });
});
