import { describe, expect, it } from 'vitest';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { type ClientMetadata, clientSchema } from '../../internal/config/client.ts';
import { printPath } from '../../internal/config/finding.ts';
import { type IssuerTerms, resolveProfile } from '../../internal/config/profiles/profile.ts';
import {
  CONFIG,
  createFolder,
  loadFolder,
  problemsOf as problemsOfFolder,
  TERMS,
} from './loader.fixture.ts';

type Said = Readonly<Record<string, unknown>>;

const ISSUER: IssuerTerms = { profile: undefined, authorizationCode: 300 };

/** Nothing of it has to be changed for the profile. */
const SOUND: Said = {
  client_id: 'bank',
  profile: 'fapi2',
  redirect_uris: ['https://bank.example/cb'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
};

/** As a file that says exactly this would be read. */
function resolve(different: Said = {}, issuer: IssuerTerms = ISSUER) {
  const said = { ...SOUND, ...different };
  const known = Object.entries(said).filter(([key]) => key in clientSchema.shape);
  const read = clientSchema.parse(Object.fromEntries(known));
  const client = {
    ...read,
    ...Object.fromEntries(Object.entries(said).filter(([key]) => !(key in clientSchema.shape))),
  };
  return resolveProfile(client as ClientMetadata, new Set(Object.keys(said)), issuer);
}

const problemsOf = (different: Said, issuer?: IssuerTerms): readonly string[] =>
  resolve(different, issuer).problems.map(({ path, problem }) => `${printPath(path)}: ${problem}`);

const ALGS = 'PS256, ES256, EdDSA, Ed25519';
const NO_ALG = { token_endpoint_auth_signing_alg: undefined };

describe('profile: fapi2 turns on (FAPI 2.0 Security Profile §5.3.2; PF-1)', () => {
  it('what a client did not say', () => {
    const { client, problems } = resolve();

    expect(problems).toEqual([]);
    expect(client).toMatchObject({
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
      require_pkce: true,
      require_redirect_uri: true,
      refresh_token_rotation: 'never',
      lifetimes: { authorization_code: 60 },
      token_endpoint_auth_method: 'private_key_jwt',
    });
  });

  it('only what client metadata has', () => {
    const { consequences } = resolve();

    const keys = consequences.map((text) => /^fapi2 sets (\w+)/.exec(text)?.[1] ?? text);
    expect(keys.filter((key) => !(key in clientSchema.shape))).toEqual([]);
    expect(keys).toHaveLength(6);
  });

  it('nothing but that', () => {
    const { client } = resolve();
    const plain = resolve({ profile: undefined }).client;
    const changed = [
      'require_pushed_authorization_requests',
      'dpop_bound_access_tokens',
      'require_pkce',
      'require_redirect_uri',
      'refresh_token_rotation',
      'lifetimes',
      'profile',
    ];
    const rest = (of: object) => Object.entries(of).filter(([key]) => !changed.includes(key));

    expect(rest(client)).toEqual(rest(plain));
  });

  it('certificates instead of DPoP where the client says so', () => {
    const { client, problems } = resolve({ tls_client_certificate_bound_access_tokens: true });

    expect(problems).toEqual([]);
    expect(client).not.toHaveProperty('dpop_bound_access_tokens', true);
    expect(client).toHaveProperty('tls_client_certificate_bound_access_tokens', true);
  });

  for (const [own, issuer, lives] of [
    [undefined, 300, 60],
    [undefined, 30, 30],
    ['20s', 300, 20],
    ['60s', 30, 60],
  ] as const) {
    it(`codes of ${lives} s where the client says ${own} and the issuer ${issuer} s`, () => {
      const lifetimes = own === undefined ? {} : { authorization_code: own };
      const { client, problems } = resolve(
        { lifetimes: { ...lifetimes, access_token: '10m' } },
        { ...ISSUER, authorizationCode: issuer },
      );

      expect(problems).toEqual([]);
      expect(client.lifetimes).toMatchObject({ authorization_code: lives, access_token: 600 });
    });
  }

  it('only what means something for a client that acts for itself', () => {
    const { client } = resolve({ grant_types: ['client_credentials'], redirect_uris: [] });

    expect(client).toHaveProperty('dpop_bound_access_tokens', true);
    expect(client).not.toHaveProperty('require_pushed_authorization_requests', true);
    expect(client.refresh_token_rotation).toBe('always');
    expect(client.lifetimes.authorization_code).toBeUndefined();
  });

  it('the same for every client where the issuer has the profile', () => {
    const all: IssuerTerms = { ...ISSUER, profile: 'fapi2' };

    expect(resolve({ profile: undefined }, all).client.require_pkce).toBe(true);
    expect(resolve({ profile: undefined }, ISSUER).client.require_pkce).toBeUndefined();
  });

  it('nothing for a client without a profile, whatever it is like', () => {
    const said = { profile: undefined, token_endpoint_auth_method: 'none', require_pkce: true };
    const { client, consequences, problems } = resolve(said);

    expect([consequences, problems]).toEqual([[], []]);
    expect(client.token_endpoint_auth_method).toBe('none');
  });
});

describe('profile: fapi2 refuses (FAPI 2.0 Security Profile §5.3.2, §5.4; PF-2)', () => {
  for (const [what, said, problem] of [
    [
      'a shared secret',
      { token_endpoint_auth_method: 'client_secret_basic' },
      'token_endpoint_auth_method: has to be one of private_key_jwt, tls_client_auth, self_signed_tls_client_auth under profile: fapi2',
    ],
    [
      'a public client',
      { token_endpoint_auth_method: 'none' },
      'token_endpoint_auth_method: has to be one of private_key_jwt, tls_client_auth, self_signed_tls_client_auth under profile: fapi2',
    ],
    [
      'an assertion by a secret',
      { token_endpoint_auth_method: 'client_secret_jwt' },
      'token_endpoint_auth_method: has to be one of private_key_jwt, tls_client_auth, self_signed_tls_client_auth under profile: fapi2',
    ],
    [
      'assertions by just any algorithm',
      { token_endpoint_auth_signing_alg: undefined },
      `token_endpoint_auth_signing_alg: is missing; it has to be one of ${ALGS} under profile: fapi2`,
    ],
    [
      'assertions by RS256',
      { token_endpoint_auth_signing_alg: 'RS256' },
      `token_endpoint_auth_signing_alg: has to be one of ${ALGS} under profile: fapi2`,
    ],
    [
      'assertions for the token endpoint',
      { token_endpoint_auth_audience: 'token_endpoint' },
      'token_endpoint_auth_audience: has to be issuer under profile: fapi2',
    ],
    [
      'ID Tokens by RS256',
      { id_token_signed_response_alg: 'RS256' },
      `id_token_signed_response_alg: has to be one of ${ALGS} under profile: fapi2`,
    ],
    [
      'unsigned request objects',
      { request_object_signing_alg: 'none' },
      `request_object_signing_alg: has to be one of ${ALGS} under profile: fapi2`,
    ],
    [
      'access tokens by ES384',
      { access_token_signing_alg: 'ES384' },
      `access_token_signing_alg: has to be one of ${ALGS} under profile: fapi2`,
    ],
    [
      'codes that live longer',
      { lifetimes: { authorization_code: '61s' } },
      'lifetimes.authorization_code: has to be at most 60s under profile: fapi2',
    ],
    [
      'an http redirect URI',
      {
        redirect_uris: ['https://bank.example/cb', 'http://bank.example/cb'],
        allow_http_redirect: true,
      },
      'redirect_uris[1]: has to be https under profile: fapi2',
    ],
    [
      'http on loopback for what is no native app',
      { redirect_uris: ['http://127.0.0.1/cb'] },
      'redirect_uris[0]: has to be https under profile: fapi2',
    ],
    [
      'http beyond loopback for a native app',
      { redirect_uris: ['http://127.0.0.1.example/cb'], application_type: 'native' },
      'redirect_uris[0]: has to be https under profile: fapi2',
    ],
    [
      'no PKCE',
      { require_pkce: false },
      'require_pkce: contradicts profile: fapi2, which has require_pkce: true; remove it',
    ],
    [
      'unpushed requests',
      { require_pushed_authorization_requests: false },
      'require_pushed_authorization_requests: contradicts profile: fapi2, which has require_pushed_authorization_requests: true; remove it',
    ],
    [
      'bearer tokens',
      { dpop_bound_access_tokens: false },
      'dpop_bound_access_tokens: contradicts profile: fapi2, which has dpop_bound_access_tokens: true; remove it',
    ],
    [
      'rotation of refresh tokens',
      { refresh_token_rotation: 'always' },
      'refresh_token_rotation: contradicts profile: fapi2, which has refresh_token_rotation: never; remove it',
    ],
  ] as const) {
    it(what, () => {
      expect(problemsOf(said)).toEqual([problem]);
    });
  }

  for (const [what, said] of [
    ['a certificate of a CA', { token_endpoint_auth_method: 'tls_client_auth', ...NO_ALG }],
    [
      'a certificate of its own',
      { token_endpoint_auth_method: 'self_signed_tls_client_auth', ...NO_ALG },
    ],
    ['PS256', { token_endpoint_auth_signing_alg: 'PS256', id_token_signed_response_alg: 'ES256' }],
    ['EdDSA', { userinfo_signed_response_alg: 'EdDSA', request_object_signing_alg: 'Ed25519' }],
    [
      'http on loopback for a native app',
      { redirect_uris: ['http://[::1]/cb', 'http://127.0.0.1/cb'], application_type: 'native' },
    ],
    [
      'the scheme of a native app',
      { redirect_uris: ['com.example.app:/cb'], application_type: 'native' },
    ],
    ['what it demands, said aloud', { require_pkce: true, refresh_token_rotation: 'never' }],
    [
      'certificate-bound tokens, and no DPoP',
      { tls_client_certificate_bound_access_tokens: true, dpop_bound_access_tokens: false },
    ],
  ] as const) {
    it(`not ${what}`, () => {
      expect(problemsOf(said)).toEqual([]);
    });
  }

  it('every problem of a client at once', () => {
    const said = { token_endpoint_auth_method: 'none', require_pkce: false };

    expect(problemsOf({ ...said, id_token_signed_response_alg: 'RS256' })).toHaveLength(3);
  });

  it('an issuer whose tokens travel in the clear', () => {
    const read = (policy: object) =>
      readConfig(
        { issuer: 'http://sso.example', upstream: { trust: { secret: { files: ['s'] } } }, policy },
        { mode: 'serve', exposed: false },
      ).problems.map(({ path, problem }) => `${printPath(path)}: ${problem}`);

    expect(read({ allow_http_issuer: true })).toEqual([]);
    expect(read({ allow_http_issuer: true, profile: 'fapi2' })).toEqual([
      'policy.allow_http_issuer: contradicts profile: fapi2, whose tokens never travel in the clear; remove it',
    ]);
  });
});

describe('profile: fapi2 in files (PF-2, PF-3)', () => {
  const authMethods = new Set([...TERMS.authMethods, 'tls_client_auth']);
  const client = (rest: string) => `clients:
  - client_id: app
    redirect_uris: [https://app.example/cb]
${rest}`;
  const CERTIFICATE =
    '    token_endpoint_auth_method: tls_client_auth\n    tls_client_auth_san_dns: app.example\n';
  const MTLS =
    'mtls: { proxy: { header: X-Client-Cert, format: rfc9440, verified_by_proxy: true, trust: { peers: [10.0.0.1/32] } } }\n';
  const folderOf = (config: string, rest: string) =>
    createFolder({ 'asteroid.yaml': CONFIG + MTLS + config, 'clients.yaml': client(rest) });

  for (const [where, config, rest] of [
    ['a client', '', '    profile: fapi2\n'],
    ['the issuer', 'policy: { profile: fapi2 }\n', ''],
  ] as const) {
    it(`holds a client to it where ${where} says so, and tells what it changed`, async () => {
      const folder = await folderOf(config, CERTIFICATE + rest);
      const { clients, clientSet } = await loadFolder(folder, { authMethods });

      expect(clients.get('app')).toMatchObject({
        requirePkce: true,
        requirePushedAuthorizationRequests: true,
        requireRedirectUri: true,
        dpopBoundAccessTokens: true,
        refreshTokenRotation: 'never',
        lifetimes: { authorizationCode: 60 },
      });
      expect(clientSet.consequences).toHaveLength(6);
      expect(clientSet.consequences.every((text) => text.startsWith('app: fapi2 sets '))).toBe(
        true,
      );
    });
  }

  it('says in which line a client contradicts it, and nothing that follows from that', async () => {
    const rest =
      '    profile: fapi2\n    require_pkce: false\n    token_endpoint_auth_method: none\n';

    expect(await problemsOfFolder(await folderOf('', rest), { authMethods })).toEqual([
      'clients.yaml:5: clients[0].require_pkce: contradicts profile: fapi2, which has require_pkce: true; remove it',
      'clients.yaml:6: clients[0].token_endpoint_auth_method: has to be one of private_key_jwt, tls_client_auth, self_signed_tls_client_auth under profile: fapi2',
    ]);
  });

  it('suggests the name of a profile that is misspelt', async () => {
    const [problem] = await problemsOfFolder(await folderOf('', '    profile: fapi\n'));

    expect(problem).toContain('profile: has to be fapi2; did you mean fapi2?');
  });
});

describe('profile: fapi2 says what it changes (PF-3)', () => {
  it('one sentence for each setting', () => {
    const { consequences } = resolve();

    expect(consequences.map((text) => /^fapi2 sets (\S+(?:: \w+)?): \w/.exec(text)?.[1])).toEqual([
      'dpop_bound_access_tokens: true',
      'require_pushed_authorization_requests: true',
      'require_pkce: true',
      'require_redirect_uri: true',
      'lifetimes',
      'refresh_token_rotation: never',
    ]);
  });

  it('nothing of what the client says itself', () => {
    const said = { require_pkce: true, lifetimes: { authorization_code: '60s' } };

    const texts = resolve(said).consequences.join('\n');

    expect(texts).not.toContain('require_pkce');
    expect(texts).not.toContain('lifetimes');
    expect(texts).toContain('require_pushed_authorization_requests');
  });
});
