// openid-client as its manual shows each flow, with every check that it offers.

import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACCESS_TOKEN,
  API,
  assertAlice,
  CALLBACK,
  GRANTS,
  type Protocol,
  SECRET,
  startProtocol,
  visitAs,
} from './protocol.ts';
import { createRecorder, sendAgain } from './recorder.ts';
import { cleanUp } from './rig.ts';

let protocol: Protocol;

beforeAll(async () => {
  protocol = await startProtocol({ nonce: 'required' });
});
afterAll(cleanUp);

type Metadata = Parameters<typeof client.discovery>[2];

async function configure(
  clientId: string,
  authentication: client.ClientAuth,
  metadata: Metadata = {},
): Promise<client.Configuration> {
  return await client.discovery(new URL(protocol.origin), clientId, metadata, authentication, {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
  });
}

const basic = () => client.ClientSecretBasic(SECRET);
const signKey = (): client.PrivateKey => ({
  key: protocol.signer.privateKey,
  kid: protocol.signer.kid,
});

type Build = (parameters: Record<string, string>) => URL | Promise<URL>;
type More = {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly DPoP?: client.DPoPHandle;
};

/** @param build how the request gets to the issuer. */
async function signIn(
  config: client.Configuration,
  build: Build = (parameters) => client.buildAuthorizationUrl(config, parameters),
  { parameters = {}, DPoP }: More = {},
) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  const url = await build({
    redirect_uri: CALLBACK,
    scope: 'openid email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...parameters,
  });
  const callback = await visitAs('alice', url);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  return await client.authorizationCodeGrant(
    config,
    callback,
    checks,
    undefined,
    DPoP === undefined ? undefined : { DPoP },
  );
}

const push =
  (config: client.Configuration, DPoP?: client.DPoPHandle): Build =>
  (parameters) =>
    client.buildAuthorizationUrlWithPAR(config, parameters, DPoP === undefined ? {} : { DPoP });

describe.each([
  { clientId: 'web', authentication: () => basic() },
  { clientId: 'spa', authentication: () => client.None() },
])('openid-client as $clientId, by every way to ask', ({ clientId, authentication }) => {
  it('signs in by code and PKCE, reads UserInfo, refreshes, and ends it by revocation', async () => {
    const config = await configure(clientId, authentication());
    const tokens = await signIn(config);

    const claims = await client.fetchUserInfo(config, tokens.access_token, 'alice');
    const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
    await client.tokenRevocation(config, next.refresh_token ?? '');

    expect(tokens.claims()).toMatchObject({ iss: protocol.origin, sub: 'alice', aud: clientId });
    expect(claims).toMatchObject({ sub: 'alice', email: 'alice@example.test' });
    await expect(client.refreshTokenGrant(config, next.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
    await expect(client.fetchUserInfo(config, next.access_token, 'alice')).rejects.toMatchObject({
      status: 401,
    });
  });

  it('pushes its request', async () => {
    const config = await configure(clientId, authentication());

    expect((await signIn(config, push(config))).claims()?.sub).toBe('alice');
  });

  it('reads a signed response', async () => {
    const config = await configure(clientId, authentication());
    client.useJwtResponseMode(config);

    expect((await signIn(config)).claims()?.sub).toBe('alice');
  });

  it('binds its tokens to a key, and only that key has use of them', async () => {
    const config = await configure(clientId, authentication());
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const other = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const tokens = await signIn(config, push(config, DPoP), { DPoP });

    expect(tokens.token_type).toBe('dpop');
    const claims = await client.fetchUserInfo(config, tokens.access_token, 'alice', { DPoP });
    expect(claims.sub).toBe('alice');
    await expect(
      client.fetchUserInfo(config, tokens.access_token, 'alice', { DPoP: other }),
    ).rejects.toMatchObject({ status: 401 });
    const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, {
      DPoP,
    });
    expect(next.token_type).toBe('dpop');
  });

  it('is refused with a code that somebody else’s browser brings', async () => {
    const config = await configure(clientId, authentication());
    const build: Build = (parameters) =>
      client.buildAuthorizationUrl(config, { ...parameters, state: 'of another browser' });

    await expect(signIn(config, build)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('state') },
    });
  });
});

describe('openid-client as a client of FAPI 2.0: PAR, JAR, JARM, DPoP and private_key_jwt at once', () => {
  const configureBank = () =>
    configure('bank', client.PrivateKeyJwt(signKey()), {
      authorization_signed_response_alg: 'ES256',
    });
  const details = [
    { type: 'payment', creditor: 'Bob', amount: { currency: 'EUR', value: '5.00' } },
  ];
  const parameters = { authorization_details: JSON.stringify(details), resource: API };

  const signAndPush =
    (config: client.Configuration, DPoP: client.DPoPHandle): Build =>
    async (request) => {
      const url = await client.buildAuthorizationUrlWithJAR(config, request, signKey());
      return await client.buildAuthorizationUrlWithPAR(config, url.searchParams, { DPoP });
    };

  async function start() {
    const config = await configureBank();
    client.useJwtResponseMode(config);
    const recorder = createRecorder();
    config[client.customFetch] = recorder.fetch;
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    return { config, DPoP, recorder };
  }

  it('signs in, with details that come back in the response and at introspection', async () => {
    const { config, DPoP } = await start();

    const tokens = await signIn(config, signAndPush(config, DPoP), { parameters, DPoP });

    expect(tokens.claims()?.sub).toBe('alice');
    expect(tokens['authorization_details']).toEqual(details);
    expect(await client.tokenIntrospection(config, tokens.access_token)).toMatchObject({
      active: true,
      aud: API,
      authorization_details: details,
      cnf: { jkt: await DPoP.calculateThumbprint() },
    });
  });

  it('keeps its refresh token', async () => {
    const { config, DPoP } = await start();
    const { refresh_token = '' } = await signIn(config, signAndPush(config, DPoP), { DPoP });

    for (const _ of [1, 2]) {
      const next = await client.refreshTokenGrant(config, refresh_token, undefined, { DPoP });
      expect(next.claims()?.sub).toBe('alice');
      expect(next.refresh_token ?? refresh_token).toBe(refresh_token);
    }
  });

  it('is refused without any one of them', async () => {
    const { config, DPoP } = await start();

    await expect(signIn(config, push(config, DPoP), { DPoP })).rejects.toMatchObject({
      error: 'invalid_request',
    });
    const unpushed: Build = (request) =>
      client.buildAuthorizationUrlWithJAR(config, request, signKey());
    // On a page: what is registered to be pushed is not read for where to answer.
    await expect(signIn(config, unpushed, { DPoP })).rejects.toThrow('no callback: 400');
    await expect(signIn(config, signAndPush(config, DPoP))).rejects.toMatchObject({
      error: 'invalid_dpop_proof',
    });
    const shared = await configure('bank', basic());
    await expect(
      client.buildAuthorizationUrlWithPAR(shared, { redirect_uri: CALLBACK }),
    ).rejects.toMatchObject({ status: 401, cause: [{ scheme: 'basic' }] });
  });

  it('has its requests count once, whichever replica is asked again', async () => {
    const { config, DPoP, recorder } = await start();
    const { access_token } = await signIn(config, signAndPush(config, DPoP), { DPoP });
    await client.fetchUserInfo(config, access_token, 'alice', { DPoP });

    for (const replica of protocol.replicas) {
      const pushed = await sendAgain(recorder.lastTo('/par'), replica);
      expect([pushed.status, JSON.parse(pushed.body).error]).toEqual([401, 'invalid_client']);
      const told = await sendAgain(recorder.lastTo('/userinfo'), replica);
      expect([told.status, told.headers['www-authenticate']]).toEqual([
        401,
        expect.stringContaining('invalid_dpop_proof'),
      ]);
    }
    const again = await client.fetchUserInfo(config, access_token, 'alice', { DPoP });
    expect(again.sub).toBe('alice');
  });
});

describe('openid-client with answers that are signed or encrypted', () => {
  it('decrypts the ID Token, and verifies UserInfo and introspection', async () => {
    const config = await configure('sealed', basic(), {
      userinfo_signed_response_alg: 'ES256',
      introspection_signed_response_alg: 'ES256',
    });
    const key = { key: protocol.opener, kid: 'lock-1' };
    client.enableDecryptingResponses(config, ['A128CBC-HS256'], key);
    const tokens = await signIn(config);

    expect(tokens.id_token?.split('.')).toHaveLength(5);
    expect(tokens.claims()).toMatchObject({ sub: 'alice', aud: 'sealed' });
    const claims = await client.fetchUserInfo(config, tokens.access_token, 'alice');
    expect(claims).toMatchObject({ iss: protocol.origin, aud: 'sealed', sub: 'alice' });
    const facts = await client.tokenIntrospection(config, tokens.access_token);
    expect(facts).toMatchObject({ active: true, sub: 'alice', client_id: 'sealed' });
    await client.tokenRevocation(config, tokens.access_token);
    expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false });
  });
});

describe('openid-client with what is no sign-in', () => {
  it.each([
    { clientId: 'keyed', authentication: () => client.PrivateKeyJwt(signKey()) },
    { clientId: 'mac', authentication: () => client.ClientSecretJwt(SECRET) },
  ])('gets a token for the machine $clientId, and gives it back', async (machine) => {
    const { clientId, authentication } = machine;
    const config = await configure(clientId, authentication());
    const { access_token } = await client.clientCredentialsGrant(config, { scope: 'api:read' });

    const before = await client.tokenIntrospection(config, access_token);
    await client.tokenRevocation(config, access_token);

    expect(before).toMatchObject({ active: true, sub: clientId, aud: API, scope: 'api:read' });
    expect(await client.tokenIntrospection(config, access_token)).toEqual({ active: false });
  });

  it('has an assertion count once, whichever replica is asked again', async () => {
    const config = await configure('keyed', client.PrivateKeyJwt(signKey()));
    const recorder = createRecorder();
    config[client.customFetch] = recorder.fetch;
    await client.clientCredentialsGrant(config);

    for (const replica of protocol.replicas) {
      const { status, body } = await sendAgain(recorder.lastTo('/token'), replica);
      expect([status, JSON.parse(body).error]).toEqual([401, 'invalid_client']);
    }
    expect((await client.clientCredentialsGrant(config)).token_type).toBe('bearer');
  });

  it('exchanges a token of alice’s for one of the next service', async () => {
    const gateway = await configure('gateway', basic());
    const { access_token: subject_token } = await signIn(
      await configure('web', basic()),
      undefined,
      { parameters: { resource: API } },
    );
    const subject = { subject_token, subject_token_type: ACCESS_TOKEN };

    const tokens = await client.genericGrantRequest(gateway, GRANTS.exchange, subject);

    expect(tokens).toMatchObject({ issued_token_type: ACCESS_TOKEN, scope: 'email' });
    expect(await client.tokenIntrospection(gateway, tokens.access_token)).toMatchObject({
      active: true,
      sub: 'alice',
      aud: 'https://orders.example',
      act: { sub: 'gateway' },
    });
    await expect(
      client.genericGrantRequest(gateway, GRANTS.exchange, {
        ...subject,
        audience: 'https://elsewhere.example',
      }),
    ).rejects.toMatchObject({ error: 'invalid_target' });
  });

  it('brings an assertion of the partner, once', async () => {
    const config = await configure('batch', basic());
    const assertion = await assertAlice(protocol);

    const tokens = await client.genericGrantRequest(config, GRANTS.assertion, { assertion });

    expect(await client.tokenIntrospection(config, tokens.access_token)).toMatchObject({
      active: true,
      sub: 'alice',
      scope: 'reports:read',
    });
    await expect(
      client.genericGrantRequest(config, GRANTS.assertion, { assertion }),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

describe('two replicas behind one nginx', () => {
  it('have both answered the token requests above', () => {
    for (const { output } of protocol.replicas) expect(output()).toContain('"route":"token"');
  });
});
