// What the OpenID Foundation's plans send to an issuer where clients register themselves, and what they
// want back: of the dynamic plan all but implicit, hybrid and remote `request_uri`, and the plan for
// sign-ins that somebody else begins.

import { CompactSign, type JWK } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { createForeignKeys } from '../../internal/jwks/foreign-keys.ts';
import { rotateDirectory } from '../../internal/keys/file/write.ts';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import { ownClaims, withAssertion } from '../support/assertions.ts';
import { ISSUER } from '../support/issuer.ts';
import { HOUR, newDirectory, openDirectory, putKey, removeDirectories } from '../support/keys.ts';
import {
  createRegistrationIssuer,
  credentials,
  type Metadata,
  type Registered,
  type RegistrationOptions,
  type RegistrationTest,
} from '../support/registration.ts';
import { type Answer, makeRequest, settle } from '../support/requests.ts';
import { createSigner, type Signer, setOf } from '../support/signer.ts';
import { claimsOf, headerOf, verifyAsStranger } from '../support/tokens.ts';

const CALLBACK = 'https://rp.example/callback';
const [signer, successor] = [
  await createSigner('rp-1', 'RS256'),
  await createSigner('rp-2', 'RS256'),
];

afterAll(removeDirectories);

/** As the suite has it in most modules: RS256, with use and alg, without kid. */
function withoutKid({ jwk }: Signer): JWK {
  const { kid: _, ...rest } = jwk;
  return rest;
}

const ASKED: Metadata = {
  client_name: 'oidf-conformance test',
  grant_types: ['authorization_code', 'refresh_token'],
  jwks: { keys: [withoutKid(signer)] },
  token_endpoint_auth_method: 'private_key_jwt',
  response_types: ['code'],
  redirect_uris: [CALLBACK],
  contacts: ['certification@oidf.example'],
};

const create = (options: RegistrationOptions = {}) => createRegistrationIssuer(options);

async function register(test: RegistrationTest, more: Metadata = {}): Promise<Registered> {
  const { status, json } = await test.post({ ...ASKED, ...more });
  expect(status).toBe(201);
  expect(json['client_id']).toBeTypeOf('string');
  expect('client_secret' in json).toBe('client_secret_expires_at' in json);
  expect(json['registration_client_uri']).toMatch(/^https:/);
  expect(json['registration_access_token']).toBeTypeOf('string');
  return json as Registered;
}

/** The assertion of the suite: for the issuer, for a minute, with the key that it registered. */
const sign = async ({ client_id }: Registered, key = signer, kid?: string) =>
  withAssertion(await assertion(key, ownClaims(client_id, ISSUER), kid));

const assertion = (key: Signer, claims: object, kid?: string): Promise<string> =>
  new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'RS256', ...(kid === undefined ? {} : { kid }) })
    .sign(key.privateKey);

const authenticate = (client: Registered) =>
  client.client_secret === undefined ? sign(client) : credentials(client);

let count = 0;

type Query = Readonly<Record<string, string | undefined>>;

/** The authorization request, and the page answered as the suite's browser does. */
async function authorize(test: RegistrationTest, client: Registered, query: Query = {}) {
  const asked = await test.authorize({
    client_id: client.client_id,
    redirect_uri: CALLBACK,
    scope: 'openid',
    nonce: `nonce-${count++}`,
    state: `state-${count}`,
    ...query,
  });
  if (asked.page?.kind !== 'consent') return asked;
  return test.consent({ handle: asked.page.handle, decision: 'allow' });
}

async function flow(test: RegistrationTest, client: Registered, query: Query = {}) {
  const { params } = await authorize(test, client, query);
  const code = params.get('code');
  if (code === null) throw new Error(`no code: ${params}`);
  const form = { redirect_uri: query['redirect_uri'] ?? CALLBACK };
  const answer = await test.redeem(code, form, await authenticate(client));
  expect(answer.status).toBe(200);
  const idToken = String(answer.json['id_token']);
  expect((await verifyAsStranger(idToken, test)).payload).toMatchObject({
    iss: ISSUER,
    aud: client.client_id,
    sub: 'alice',
  });
  return { idToken, answer, access: String(answer.json['access_token']) };
}

/** An error that the person sees, and no redirect. */
function checkPage({ location, json, status }: Answer): void {
  expect(location).toBeUndefined();
  expect(status).toBe(400);
  expect(json['error']).toBeDefined();
}

const discover = async (test: RegistrationTest) =>
  (await settle(test.issuer.discovery(makeRequest({ method: 'GET' })))).json;

describe('a client that registered itself', () => {
  it('oidcc-server: code, tokens and UserInfo', async () => {
    const test = create();
    const client = await register(test);
    const { idToken, access } = await flow(test, client);

    const { status, json } = await test.userinfo(access);
    expect(status).toBe(200);
    expect(json['sub']).toBe(claimsOf(idToken)['sub']);
  });

  it('oidcc-ensure-client-assertion-with-iss-aud-succeeds: the issuer is the audience', async () => {
    const test = create();
    const client = await register(test);

    await flow(test, client);
    const claims = ownClaims(client.client_id, 'https://other.example');
    const wrong = withAssertion(await assertion(signer, claims));
    const { params } = await authorize(test, client);
    const answer = await test.redeem(params.get('code') ?? '', {}, wrong);
    expect(answer.json['error']).toBe('invalid_client');
  });

  it('oidcc-refresh-token: new tokens for it, and none for another client', async () => {
    const test = create();
    const [client, other] = [await register(test), await register(test)];
    const { answer, idToken } = await flow(test, client, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const token = String(answer.json['refresh_token']);

    expect((await test.refresh(token, {}, await sign(other))).json['error']).toBe('invalid_grant');
    const refreshed = await test.refresh(token, {}, await sign(client));
    expect(refreshed.status).toBe(200);
    const { iss, sub, aud, auth_time } = claimsOf(idToken);
    expect(claimsOf(String(refreshed.json['id_token']))).toMatchObject({
      iss,
      sub,
      aud,
      ...(auth_time === undefined ? {} : { auth_time }),
    });
  });
});

describe('ID Tokens and UserInfo of such a client', () => {
  it('oidcc-idtoken-signature: RS256 with a kid, where nothing was asked for', async () => {
    const test = create();
    const client = await register(test);
    const { idToken } = await flow(test, client);

    expect(client['id_token_signed_response_alg']).toBe('RS256');
    expect(headerOf(idToken)).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
  });

  it('oidcc-idtoken-rs256: RS256 with a kid, where it was asked for', async () => {
    const test = create();
    const client = await register(test, { id_token_signed_response_alg: 'RS256' });
    const { idToken } = await flow(test, client);

    expect(headerOf(idToken)).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
  });

  it('oidcc-idtoken-unsigned: is not advertised, and cannot be registered', async () => {
    const test = create();

    expect((await discover(test))['id_token_signing_alg_values_supported']).not.toContain('none');
    const { status, json } = await test.post({ ...ASKED, id_token_signed_response_alg: 'none' });
    expect({ status, error: json['error'] }).toEqual({
      status: 400,
      error: 'invalid_client_metadata',
    });
  });

  it('oidcc-userinfo-rs256: a JWT by a key of the JWKS, for the client, without a nonce', async () => {
    const test = create();
    const client = await register(test, { userinfo_signed_response_alg: 'RS256' });
    expect((await discover(test))['userinfo_signing_alg_values_supported']).toContain('RS256');
    const { access } = await flow(test, client);

    const { response } = await test.userinfo(access);
    if (response.kind !== 'text') throw new Error('no JWT');
    expect(response.mediaType).toBe('application/jwt');
    const { payload, protectedHeader } = await verifyAsStranger(response.body, test);
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({ iss: ISSUER, aud: client.client_id, sub: 'alice' });
    expect(payload).not.toHaveProperty('nonce');
  });
});

describe('redirect URIs of such a client', () => {
  it('oidcc-ensure-redirect-uri-in-authorization-request: of two, none is guessed', async () => {
    const test = create();
    const redirect_uris = [CALLBACK, `${CALLBACK}/2`];
    const client = await register(test, { redirect_uris });

    checkPage(await authorize(test, client, { redirect_uri: undefined }));
    await flow(test, client);
  });

  it('oidcc-redirect-uri-query-OK: its query is kept', async () => {
    const test = create();
    const redirect_uri = `${CALLBACK}?bar=foo`;
    const client = await register(test, { redirect_uris: [redirect_uri] });

    const { location } = await authorize(test, client, { redirect_uri });
    expect(location).toMatch(/^https:\/\/rp\.example\/callback\?bar=foo&/);
    await flow(test, client, { redirect_uri });
  });

  it('oidcc-redirect-uri-query-mismatch: another query is a page', async () => {
    const test = create();
    const client = await register(test, { redirect_uris: [`${CALLBACK}?bar=foo`] });

    checkPage(await authorize(test, client, { redirect_uri: `${CALLBACK}?foo=bar` }));
  });

  it('oidcc-redirect-uri-query-added: an added query is a page', async () => {
    const test = create();
    const client = await register(test);

    checkPage(await authorize(test, client, { redirect_uri: `${CALLBACK}?foo=bar` }));
  });

  it('oidcc-redirect-uri-regfrag: a fragment cannot be registered', async () => {
    const { status, json } = await create().post({
      ...ASKED,
      redirect_uris: [`${CALLBACK}#foobar`],
    });

    expect({ status, error: json['error'] }).toEqual({
      status: 400,
      error: 'invalid_redirect_uri',
    });
  });
});

describe('what such a client says of itself', () => {
  for (const [module, name, key] of [
    ['oidcc-registration-logo-uri: is shown', 'logo_uri', 'logoUri'],
    ['oidcc-registration-policy-uri: is shown', 'policy_uri', 'policyUri'],
    ['oidcc-registration-tos-uri: is shown', 'tos_uri', 'tosUri'],
  ] as const) {
    it(`${module}`, async () => {
      const test = create();
      const client = await register(test, { [name]: 'https://rp.example/shown' });

      const { page } = await test.authorize({ client_id: client.client_id });
      expect(page?.kind === 'consent' && page.links[key]).toBe('https://rp.example/shown');
    });
  }

  it('oidcc-3rd-party-init-login: initiate_login_uri is echoed, then and later', async () => {
    const test = create();
    const initiate_login_uri = 'https://rp.example/initiate';
    const client = await register(test, { initiate_login_uri });

    expect(client['initiate_login_uri']).toBe(initiate_login_uri);
    const { json } = await test.manage('GET', client);
    expect(json['initiate_login_uri']).toBe(initiate_login_uri);
  });

  it('oidcc-3rd-party-init-login-nohttps: is refused', async () => {
    const { status, json } = await create().post({
      ...ASKED,
      initiate_login_uri: 'http://rp.example/initiate',
    });

    expect({ status, error: json['error'] }).toEqual({
      status: 400,
      error: 'invalid_client_metadata',
    });
  });
});

describe('sectors of such clients', () => {
  const SECTOR = 'https://rp.example/sector.json';
  const withSector = (document: readonly string[]) =>
    create({
      terms: { pairwise: true },
      registration: {
        outbound: async () => ({
          status: 200,
          headers: {},
          body: Buffer.from(JSON.stringify(document)),
        }),
      },
      different: { deps: { pairwiseSalt: Buffer.alloc(32, 1) } },
    });
  const asked = { subject_type: 'pairwise', sector_identifier_uri: SECTOR };

  it('oidcc-registration-sector-uri: one that lists the redirect URI registers', async () => {
    const test = withSector([CALLBACK]);

    expect((await discover(test))['subject_types_supported']).toContain('pairwise');
    expect(await register(test, asked)).toMatchObject(asked);
  });

  it('oidcc-registration-sector-bad: one that does not is refused', async () => {
    const { status, json } = await withSector(['https://other.example/cb']).post({
      ...ASKED,
      ...asked,
    });

    expect({ status, error: json['error'] }).toEqual({
      status: 400,
      error: 'invalid_client_metadata',
    });
  });
});

describe('keys of such clients, and of the issuer', () => {
  /** Where the client publishes its keys: the suite's server, which it may change. */
  function withKeys() {
    let published = setOf(signer);
    const outbound = createOutbound(anyAddress);
    const serve = async () => ({ status: 200, headers: {}, body: Buffer.from(published) });
    const test = create({
      different: {
        deps: {
          foreignKeys: createForeignKeys({
            now: () => test.clock(),
            outbound: { operator: outbound, client: serve },
            onProblem: () => undefined,
          }),
        },
      },
    });
    return {
      test,
      publish: (...signers: readonly Signer[]) => {
        published = setOf(...signers);
      },
    };
  }
  const BY_URI = { jwks: undefined, jwks_uri: 'https://rp.example/jwks.json' };

  it('oidcc-registration-jwks-uri: an assertion by a kid of it counts', async () => {
    const { test } = withKeys();
    const client = await register(test, BY_URI);
    const { params } = await authorize(test, client);

    const answer = await test.redeem(
      params.get('code') ?? '',
      {},
      await sign(client, signer, 'rp-1'),
    );
    expect(answer.status).toBe(200);
  });

  it('oidcc-refresh-token-rp-key-rotation: a refresh by a new kid a minute later counts', async () => {
    const { test, publish } = withKeys();
    const client = await register(test, BY_URI);
    const { params } = await authorize(test, client, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const { json } = await test.redeem(
      params.get('code') ?? '',
      {},
      await sign(client, signer, 'rp-1'),
    );
    publish(successor);
    test.clock.advance(60);
    const claims = ownClaims(client.client_id, ISSUER, {
      iat: test.clock(),
      exp: test.clock() + 60,
    });

    const answer = await test.refresh(
      String(json['refresh_token']),
      {},
      withAssertion(await assertion(successor, claims, 'rp-2')),
    );
    expect(answer.status).toBe(200);
  });

  it('oidcc-server-rotate-keys: another key signs, and the one of before is still there', async () => {
    const dir = newDirectory();
    putKey(dir, 'ES256');
    const { keys, clock } = await openDirectory(dir);
    await keys.prepare('RS256');
    const rs256 = () => keys.publicKeys().filter(({ alg }) => alg === 'RS256');
    const [before] = rs256();
    const first = headerOf(await keys.sign('RS256', 'JWT', { sub: 'alice' }));

    await rotateDirectory(
      dir,
      { now: clock(), tokenLifetime: HOUR, report: () => undefined },
      () => clock() + 600,
    );
    clock.advance(601);
    await keys.reload();

    const second = headerOf(await keys.sign('RS256', 'JWT', { sub: 'alice' }));
    expect(second['kid']).not.toBe(first['kid']);
    const after = rs256();
    expect(after.map(({ kid }) => kid)).toEqual([second['kid'], first['kid']]);
    expect(after[0]?.['n']).not.toBe(before?.['n']);
    await keys.close();
  });
});

describe('request objects of such a client', () => {
  it('oidcc-ensure-request-object-with-redirect-uri: a page, where the one outside is wrong', async () => {
    const test = create();
    const client = await register(test);

    checkPage(
      await authorize(test, client, { redirect_uri: `${CALLBACK}/other`, request: 'x.y.z' }),
    );
  });
});
