// What may be registered at all (RFC 7591 §2): nothing that grants trust, nowhere that a browser must not
// be sent, and no more than the operator's policy.

import { describe, expect, it } from 'vitest';
import { REGISTRABLE } from '../../internal/config/registration.ts';
import { createRegistrationIssuer, HONEST, TERMS } from '../support/registration.ts';
import { createSigner } from '../support/signer.ts';

const signer = await createSigner('k1');

/** The table of RU-3, as a browser-facing URI. */
const BAD_URIS = [
  'https://rp.example/cb#part',
  'https://rp.example/cb#',
  '/callback',
  'rp.example/callback',
  'https://user@rp.example/cb',
  'https://user:pw@rp.example/cb',
  'https://*.rp.example/cb',
  'https://rp.example/*',
  'https://rp.example/a/../cb',
  'https://rp.example/a/%2e%2e/cb',
  'https://rp.example/c b',
  ' https://rp.example/cb',
  'https://rp.example/cb\n',
  'https://rp.example/c\tb',
  'https://rp.example\\cb',
  'https://ⓒ.example/cb',
  'http://rp.example/cb',
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'blob:https://rp.example/x',
  'file:///etc/passwd',
  'about:blank',
  'ws://rp.example/cb',
  'wss://rp.example/cb',
  'intent://rp.example/#Intent;end',
  'HTTPS://rp.example/cb',
  'https:rp.example/cb',
  'https://RP.example/cb',
  'https://0x7f.1/cb',
  '',
];

const LISTS = ['redirect_uris', 'post_logout_redirect_uris'];
const SINGLES = [
  'initiate_login_uri',
  'backchannel_logout_uri',
  'frontchannel_logout_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'client_uri',
  'sector_identifier_uri',
];

describe('a URI (RFC 7591 §5; RG-2, RU-3)', () => {
  for (const name of [...LISTS, ...SINGLES]) {
    it(`of ${name} is refused wherever a redirect URI would be`, async () => {
      const asked: string[] = [];
      const test = createRegistrationIssuer({
        registration: {
          outbound: async ({ url }) => {
            asked.push(url);
            throw new Error('nothing is there');
          },
        },
      });
      for (const uri of BAD_URIS) {
        const value = LISTS.includes(name) ? ['https://rp.example/callback', uri] : uri;
        const { status, json } = await test.post({ ...HONEST, [name]: value });

        expect(status, uri).toBe(400);
        const error = name === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
        expect(json['error'], uri).toBe(error);
        expect(String(json['error_description'])).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
      }
      expect(asked).toEqual([]);
    });
  }

  it.each([
    ['redirect_uris', ['https://rp.example/callback', 'https://rp.example/cb?bar=foo']],
    ['post_logout_redirect_uris', ['https://rp.example/bye']],
    ['initiate_login_uri', 'https://rp.example/login'],
    ['backchannel_logout_uri', 'https://rp.example/backchannel'],
    ['frontchannel_logout_uri', 'https://rp.example/frontchannel'],
    ['logo_uri', 'https://cdn.example/logo.png'],
    ['policy_uri', 'https://rp.example/policy'],
    ['tos_uri', 'https://rp.example/tos'],
    ['client_uri', 'https://rp.example/'],
    ['contacts', ['a@example.com', 'b@example.com']],
    ['software_id', '4NRB1-0XZABZI9E6-5SM3R'],
    ['software_version', '1.2'],
  ])('or word that is honest is kept and echoed: %s', async (name, value) => {
    const test = createRegistrationIssuer();
    const client = await test.register({ [name]: value });

    expect(client[name]).toEqual(value);
    expect((await test.manage('GET', client)).json[name]).toEqual(value);
  });

  it('is named by its member and place, and what was sent is not repeated', async () => {
    const { json } = await createRegistrationIssuer().post({
      redirect_uris: ['https://rp.example/a', 'javascript:alert(document.domain)'],
      post_logout_redirect_uris: ['http://evil.example'],
    });

    expect(json['error_description']).toContain('redirect_uris[1]: ');
    expect(json['error_description']).not.toMatch(/alert|evil|allow_http_redirect/);
  });
});

describe('where clients may be, by policy (RG-2)', () => {
  const LOOPBACK = ['http://127.0.0.1/cb', 'http://[::1]/cb', 'http://localhost:3000/cb'];

  it('is at listed hosts alone, compared exactly', async () => {
    const test = createRegistrationIssuer({
      policy: { redirect_uris: { hosts: ['rp.example', 'two.example'] } },
    });
    for (const uri of ['https://rp.example/callback', 'https://two.example:8443/cb']) {
      await test.register({ redirect_uris: [uri] });
    }
    for (const uri of [
      'https://www.rp.example/callback',
      'https://rp.example.evil.example/callback',
      'https://evil.example/rp.example',
      'https://rp.example./callback',
    ]) {
      const { json } = await test.post({ redirect_uris: [uri] });
      expect(json['error'], uri).toBe('invalid_redirect_uri');
    }
    for (const name of ['post_logout_redirect_uris', 'initiate_login_uri']) {
      const uri = 'https://evil.example/x';
      const value = name === 'initiate_login_uri' ? uri : [uri];
      const { json } = await test.post({ ...HONEST, [name]: value });
      expect(json['error'], name).toBe('invalid_client_metadata');
    }
  });

  it('is not on loopback unless the operator allows it', async () => {
    for (const uri of LOOPBACK) {
      const native = { redirect_uris: [uri], application_type: 'native' };
      const open = { policy: { redirect_uris: { allow_loopback: true } } };

      expect((await createRegistrationIssuer().post(native)).json['error']).toBe(
        'invalid_redirect_uri',
      );
      expect((await createRegistrationIssuer(open).post(native)).status, uri).toBe(201);
    }
  });

  it('is not at a private-use scheme unless the operator allows it, and never at a short one', async () => {
    const native = { redirect_uris: ['com.example.app:/cb'], application_type: 'native' };
    const open = { policy: { redirect_uris: { allow_private_use_schemes: true } } };

    expect((await createRegistrationIssuer().post(native)).status).toBe(400);
    expect((await createRegistrationIssuer(open).post(native)).status).toBe(201);
    const short = { ...native, redirect_uris: ['myapp:/cb'] };
    expect((await createRegistrationIssuer(open).post(short)).status).toBe(400);
  });
});

describe('what clients may do, by policy (RFC 7591 §2; RG-2)', () => {
  const NONE = { token_endpoint_auth_method: 'none' };
  const ALL = {
    policy: { grant_types: ['authorization_code', 'refresh_token', 'client_credentials'] },
  };

  it.each([
    ['a scope beyond the policy', { scope: 'openid groups' }],
    ['no scope names', { scope: 'openid  email' }],
    ['a grant beyond the policy', { grant_types: ['authorization_code', 'client_credentials'] }],
    ['a grant that there is not', { grant_types: ['authorization_code', 'implicit'] }],
    ['the password grant', { grant_types: ['password'] }],
    ['the implicit response type', { response_types: ['token'] }],
    ['a hybrid response type', { response_types: ['code id_token'] }],
    ['codes without their grant', { grant_types: ['refresh_token'], response_types: ['code'] }],
    ['the grant without its codes', { response_types: [] }],
    ['a method beyond the policy', { token_endpoint_auth_method: 'tls_client_auth' }],
    ['a method that there is not', { token_endpoint_auth_method: 'secret_handshake' }],
    [
      'both ways to its keys',
      { jwks: { keys: [signer.jwk] }, jwks_uri: 'https://rp.example/jwks' },
    ],
    ['private_key_jwt without keys', { token_endpoint_auth_method: 'private_key_jwt' }],
    ['an algorithm that does not sign', { id_token_signed_response_alg: 'none' }],
    ['a symmetric algorithm', { id_token_signed_response_alg: 'HS256' }],
    ['unsigned request objects', { request_object_signing_alg: 'none' }],
    ['pairwise subjects without a salt', { subject_type: 'pairwise' }],
    ['an application of no kind', { application_type: 'toaster' }],
    ['a key URL that is no URL', { jwks_uri: 'file:///etc/passwd' }],
    ['a key URL in clear', { jwks_uri: 'http://rp.example/jwks' }],
  ])('does not include %s', async (_, more) => {
    const { status, json } = await createRegistrationIssuer().post({ ...HONEST, ...more });

    expect({ status, error: json['error'] }).toEqual({
      status: 400,
      error: 'invalid_client_metadata',
    });
  });

  it('does not include client credentials without credentials', async () => {
    const test = createRegistrationIssuer(ALL);
    const grants = { grant_types: ['client_credentials'], redirect_uris: [] };

    expect((await test.post({ ...grants, ...NONE })).json['error']).toBe('invalid_client_metadata');
    const { status, json } = await test.post(grants);
    expect(status).toBe(201);
    expect(json).toMatchObject({ response_types: [] });
  });

  it('includes less scope than the policy, and then no more is granted', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register({ scope: 'openid email' });

    const { page } = await test.authorize({
      client_id: client.client_id,
      scope: 'openid profile email',
    });
    expect(page?.kind === 'consent' && page.scope.map(({ name }) => name)).toEqual([
      'openid',
      'email',
    ]);
  });

  it('includes public keys, and never private ones', async () => {
    const test = createRegistrationIssuer();
    const method = { token_endpoint_auth_method: 'private_key_jwt' };
    const { jwk } = signer;

    expect((await test.post({ ...HONEST, ...method, jwks: { keys: [jwk], more: 1 } })).status).toBe(
      201,
    );
    for (const keys of [
      [{ ...jwk, d: 'AAAA' }],
      [{ kty: 'oct', k: 'c2VjcmV0' }],
      [],
      [null],
      ['x'],
    ]) {
      const { json } = await test.post({ ...HONEST, ...method, jwks: { keys } });
      expect(json['error'], JSON.stringify(keys)).toBe('invalid_client_metadata');
    }
  });
});

describe('what grants trust (RG-2)', () => {
  /** Ours, for operators. */
  const TRUST = {
    allow: { subjects: ['mallory'] },
    serves: ['https://api.example'],
    resources: ['https://api.example'],
    audience: ['https://api.example'],
    consent: 'skip',
    allow_http_redirect: true,
    allow_iframe: true,
    refresh_token_rotation: 'never',
    require_pkce: false,
    token_endpoint_auth_audience: 'token_endpoint',
    token_exchange: { issuers: ['self'], audiences: ['x'], clients: '*' },
    jwt_bearer: { issuers: ['k8s'] },
    client_secret_hash: '$sha256$AAAA',
    client_secret_file: '/etc/passwd',
    client_secrets: [{ client_secret: 'chosen' }],
    jwks_file: '/etc/passwd',
    profile: 'fapi2',
    service_account: 'default/app',
    spiffe_id: 'spiffe://example.org/app',
    sector_identifier: 'rp.example',
    claims: { role: { from: 'groups' } },
    preferred_username_transform: ['local-part'],
    id_token_audience: ['other'],
    access_token_format: 'opaque',
    authorization_details_types: ['payment'],
    lifetimes: { access_token: '365d' },
    registered: false,
  };

  it.each(Object.entries(TRUST))('is not taken from a stranger: %s', async (name, value) => {
    const test = createRegistrationIssuer();
    const client = await test.register({ [name]: value });
    const plain = await test.register();

    expect(client).not.toHaveProperty(name);
    const of = async (id: string) => ({
      ...(await test.deps.findClient(id)),
      clientId: '',
      secrets: [],
    });
    expect(await of(client.client_id)).toEqual(await of(plain.client_id));
    expect(await of(plain.client_id)).toMatchObject({
      registered: true,
      consent: 'once',
      serves: [],
    });
  });

  it('is not on the list of what may be registered', () => {
    const listed: readonly string[] = REGISTRABLE;
    expect(Object.keys(TRUST).filter((name) => listed.includes(name))).toEqual([]);
  });
});

describe('an issuer with a profile', () => {
  it('binds clients that register themselves too', async () => {
    const issuer = { profile: 'fapi2' as const, authorizationCode: 300 };
    const test = createRegistrationIssuer({ terms: { ...TERMS, issuer } });
    const signing = {
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [signer.jwk] },
    };

    expect((await test.post(HONEST)).json['error']).toBe('invalid_client_metadata');
    const client = await test.register(signing);
    expect(client).toMatchObject({
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
      id_token_signed_response_alg: 'ES256',
    });
    expect(await test.deps.findClient(client.client_id)).toMatchObject({
      requirePkce: true,
      lifetimes: { authorizationCode: 60 },
    });
  });
});
