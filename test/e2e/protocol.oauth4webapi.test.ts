// oauth4webapi, the strictest validator: each step as its examples show it, nothing done on our behalf.

import { compactDecrypt } from 'jose';
import * as oauth from 'oauth4webapi';
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

const recorder = createRecorder();
const insecure = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: recorder.fetch };

let protocol: Protocol;
let server: oauth.AuthorizationServer;

beforeAll(async () => {
  protocol = await startProtocol({ nonce: 'never' });
  const issuer = new URL(protocol.origin);
  const answer = await oauth.discoveryRequest(issuer, insecure);
  server = await oauth.processDiscoveryResponse(issuer, answer);
});
afterAll(cleanUp);

const secret = oauth.ClientSecretBasic(SECRET);
const signKey = () => ({ key: protocol.signer.privateKey, kid: protocol.signer.kid });
const makeProver = async (client: oauth.Client) =>
  oauth.DPoP(client, await oauth.generateKeyPair('ES256'));

/** Everything that a client knows, and how it asks. */
type Party = {
  readonly client: oauth.Client;
  readonly authentication: oauth.ClientAuth;
  readonly DPoP?: oauth.DPoPHandle;
  /** Signs the request. */
  readonly isSigned?: boolean;
  /** Hands the request over itself. */
  readonly isPushed?: boolean;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly decrypt?: (jwe: string) => Promise<string>;
};

const optionsOf = ({ DPoP }: Party) => ({ ...insecure, ...(DPoP === undefined ? {} : { DPoP }) });
const decryptionOf = ({ decrypt }: Party) =>
  decrypt === undefined ? {} : { [oauth.jweDecrypt]: decrypt };

async function push(party: Party, parameters: Record<string, string>) {
  const { client, authentication } = party;
  const answer = await oauth.pushedAuthorizationRequest(
    server,
    client,
    authentication,
    parameters,
    optionsOf(party),
  );
  const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, answer);
  return { request_uri };
}

/** What goes into the URL of the browser. */
async function prepare(party: Party, request: Record<string, string>) {
  const { client, isSigned, isPushed } = party;
  const signed = isSigned
    ? { request: await oauth.issueRequestObject(server, client, request, signKey()) }
    : request;
  return isPushed ? await push(party, signed) : signed;
}

async function authorize(party: Party, request: Record<string, string>, state: string) {
  const { client } = party;
  const url = new URL(server.authorization_endpoint ?? '');
  const query = { client_id: client.client_id, ...(await prepare(party, request)) };
  url.search = new URLSearchParams(query).toString();
  const callback = await visitAs('alice', url);
  return request['response_mode'] === 'jwt'
    ? await oauth.validateJwtAuthResponse(server, client, callback, state, insecure)
    : oauth.validateAuthResponse(server, client, callback, state);
}

async function signIn(party: Party) {
  const { client, authentication, parameters = {} } = party;
  const verifier = oauth.generateRandomCodeVerifier();
  const expectedNonce = oauth.generateRandomNonce();
  const state = oauth.generateRandomState();
  const request = {
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid email offline_access',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce: expectedNonce,
    state,
    ...parameters,
  };
  const callback = await authorize(party, request, state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    callback,
    CALLBACK,
    verifier,
    optionsOf(party),
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
    expectedNonce,
    requireIdToken: true,
    ...decryptionOf(party),
  });
  await oauth.validateApplicationLevelSignature(server, answer, insecure);
  return tokens;
}

async function refresh(party: Party, token: string | undefined) {
  const { client, authentication } = party;
  const answer = await oauth.refreshTokenGrantRequest(
    server,
    client,
    authentication,
    token ?? '',
    optionsOf(party),
  );
  const tokens = await oauth.processRefreshTokenResponse(
    server,
    client,
    answer,
    decryptionOf(party),
  );
  await oauth.validateApplicationLevelSignature(server, answer, insecure);
  return tokens;
}

async function readUserInfo(party: Party, token: string) {
  const answer = await oauth.userInfoRequest(server, party.client, token, optionsOf(party));
  const claims = await oauth.processUserInfoResponse(server, party.client, 'alice', answer);
  if (party.client.userinfo_signed_response_alg !== undefined) {
    await oauth.validateApplicationLevelSignature(server, answer, insecure);
  }
  return claims;
}

async function introspect({ client, authentication }: Party, token: string) {
  const requestJwtResponse = client.introspection_signed_response_alg !== undefined;
  const answer = await oauth.introspectionRequest(server, client, authentication, token, {
    ...insecure,
    requestJwtResponse,
  });
  const facts = await oauth.processIntrospectionResponse(server, client, answer);
  if (requestJwtResponse) await oauth.validateApplicationLevelSignature(server, answer, insecure);
  return facts;
}

const revoke = async ({ client, authentication }: Party, token: string) =>
  oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, authentication, token, insecure),
  );

/** What a resource server finds in the request that a client makes with its token. */
async function callApi(party: Party, token: string): Promise<oauth.JWTAccessTokenClaims> {
  const headers = new Headers();
  const claims: oauth.JWTAccessTokenClaims[] = [];
  const api: typeof recorder.fetch = async (url, options) => {
    const call = new Request(url, { method: options.method, headers: options.headers });
    claims.push(await oauth.validateJwtAccessToken(server, call, API, insecure));
    return new Response(null, { status: 204 });
  };
  await oauth.protectedResourceRequest(token, 'GET', new URL(`${API}/orders`), headers, null, {
    ...optionsOf(party),
    [oauth.customFetch]: api,
  });
  const [found] = claims;
  if (found === undefined) throw new Error('the API was not asked');
  return found;
}

const web = (): Party => ({ client: { client_id: 'web' }, authentication: secret });
const spa = (): Party => ({ client: { client_id: 'spa' }, authentication: oauth.None() });
const WITH_API = { resource: API };

async function bank(): Promise<Party> {
  const client = { client_id: 'bank', authorization_signed_response_alg: 'ES256' };
  return {
    client,
    authentication: oauth.PrivateKeyJwt(signKey()),
    DPoP: await makeProver(client),
    isSigned: true,
    isPushed: true,
    parameters: { response_mode: 'jwt' },
  };
}

describe('oauth4webapi and the metadata', () => {
  it('agree about what is where, by both well-known documents', async () => {
    const issuer = new URL(protocol.origin);
    const answer = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' });

    expect(await oauth.processDiscoveryResponse(issuer, answer)).toEqual(server);
    expect(server.pushed_authorization_request_endpoint).toBe(`${protocol.origin}/par`);
    expect(server['authorization_details_types_supported']).toEqual(['payment']);
    expect(server.grant_types_supported).toEqual(expect.arrayContaining(Object.values(GRANTS)));
  });
});

const WAYS: readonly (readonly [name: string, way: () => Promise<Party>])[] = [
  ['web by code and PKCE', async () => web()],
  ['web, pushed', async () => ({ ...web(), isPushed: true })],
  ['web with a signed response', async () => ({ ...web(), parameters: { response_mode: 'jwt' } })],
  ['web with DPoP', async () => ({ ...web(), DPoP: await makeProver({ client_id: 'web' }) })],
  ['spa by code and PKCE', async () => spa()],
  [
    'spa, pushed and with DPoP',
    async () => ({ ...spa(), isPushed: true, DPoP: await makeProver({ client_id: 'spa' }) }),
  ],
  ['bank with all that FAPI 2.0 knows', bank],
];

describe.each(WAYS)('oauth4webapi as %s', (_, way) => {
  it('validates the ID Token, UserInfo, a refresh, and what a resource server sees', async () => {
    const party = await way();
    const parameters = { ...party.parameters, ...WITH_API };
    const tokens = await signIn({ ...party, parameters });

    const next = await refresh(party, tokens.refresh_token);

    const { client_id } = party.client;
    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: 'alice', aud: client_id });
    expect(tokens.token_type).toBe(party.DPoP === undefined ? 'bearer' : 'dpop');
    const jkt = await party.DPoP?.calculateThumbprint();
    for (const { access_token } of [tokens, next]) {
      const claims = await callApi(party, access_token);
      expect(claims).toMatchObject({ sub: 'alice', client_id });
      expect(claims.cnf).toEqual(jkt === undefined ? undefined : { jkt });
    }
  });

  it('reads UserInfo, and nothing once the authorization is revoked', async () => {
    const party = await way();
    const tokens = await signIn(party);

    const claims = await readUserInfo(party, tokens.access_token);
    await revoke(party, tokens.refresh_token ?? '');

    expect(claims).toMatchObject({ sub: 'alice', email: 'alice@example.test' });
    await expect(readUserInfo(party, tokens.access_token)).rejects.toMatchObject({ status: 401 });
    await expect(refresh(party, tokens.refresh_token)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});

describe('oauth4webapi as somebody who overheard a request', () => {
  it('has no use of an assertion or a proof at either replica', async () => {
    const party = await bank();
    const tokens = await signIn(party);
    await readUserInfo(party, tokens.access_token);

    for (const replica of protocol.replicas) {
      const pushed = await sendAgain(recorder.lastTo('/par'), replica);
      expect([pushed.status, JSON.parse(pushed.body).error]).toEqual([401, 'invalid_client']);
      const { status, headers } = await sendAgain(recorder.lastTo('/userinfo'), replica);
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toContain('invalid_dpop_proof');
    }
    expect((await readUserInfo(party, tokens.access_token)).sub).toBe('alice');
  });

  it('has no use of a bound token without its key', async () => {
    const prover: Party = { ...web(), DPoP: await makeProver({ client_id: 'web' }) };
    const { access_token } = await signIn({ ...prover, parameters: WITH_API });
    const thief: Party = { ...web(), DPoP: await makeProver({ client_id: 'web' }) };

    await expect(callApi(thief, access_token)).rejects.toThrow();
    await expect(callApi(web(), access_token)).rejects.toThrow();
    expect((await callApi(prover, access_token)).sub).toBe('alice');
  });
});

describe('oauth4webapi with answers that are signed or encrypted', () => {
  it('decrypts the ID Token, and verifies UserInfo and introspection', async () => {
    const client: oauth.Client = {
      client_id: 'sealed',
      userinfo_signed_response_alg: 'ES256',
      introspection_signed_response_alg: 'ES256',
    };
    const decrypt = async (jwe: string): Promise<string> =>
      new TextDecoder().decode((await compactDecrypt(jwe, protocol.opener)).plaintext);
    const party: Party = { client, authentication: secret, decrypt };
    const { id_token, access_token } = await signIn(party);

    expect(id_token?.split('.')).toHaveLength(5);
    expect(await readUserInfo(party, access_token)).toMatchObject({ sub: 'alice', aud: 'sealed' });
    expect(await introspect(party, access_token)).toMatchObject({ active: true, sub: 'alice' });
    await revoke(party, access_token);
    expect(await introspect(party, access_token)).toEqual({ active: false });
  });
});

describe('oauth4webapi with what is no sign-in', () => {
  const MACHINES: readonly (readonly [name: string, party: () => Party])[] = [
    [
      'private_key_jwt',
      () => ({
        client: { client_id: 'keyed' },
        authentication: oauth.PrivateKeyJwt(signKey()),
      }),
    ],
    [
      'client_secret_jwt',
      () => ({ client: { client_id: 'mac' }, authentication: oauth.ClientSecretJwt(SECRET) }),
    ],
  ];
  it.each(MACHINES)('gets a token by %s, and gives it back', async (_, of) => {
    const party = of();
    const { client, authentication } = party;
    const answer = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      authentication,
      { scope: 'api:read' },
      insecure,
    );
    const { access_token } = await oauth.processClientCredentialsResponse(server, client, answer);

    expect(await callApi(party, access_token)).toMatchObject({ client_id: client.client_id });
    expect(await introspect(party, access_token)).toMatchObject({ active: true });
    await revoke(party, access_token);
    expect(await introspect(party, access_token)).toEqual({ active: false });
  });

  async function ask(clientId: string, grant: string, parameters: Record<string, string>) {
    const client: oauth.Client = { client_id: clientId };
    const answer = await oauth.genericTokenEndpointRequest(
      server,
      client,
      secret,
      grant,
      parameters,
      insecure,
    );
    return await oauth.processGenericTokenEndpointResponse(server, client, answer, {
      recognizedTokenTypes: { n_a: () => undefined },
    });
  }

  it('exchanges a token of alice’s, and none that is no token', async () => {
    const { access_token } = await signIn({ ...web(), parameters: WITH_API });
    const subject_token_type = ACCESS_TOKEN;

    const tokens = await ask('gateway', GRANTS.exchange, {
      subject_token: access_token,
      subject_token_type,
    });

    const gateway = { client: { client_id: 'gateway' }, authentication: secret };
    expect(tokens['issued_token_type']).toBe(ACCESS_TOKEN);
    expect(await introspect(gateway, tokens.access_token)).toMatchObject({
      sub: 'alice',
      act: { sub: 'gateway' },
    });
    await expect(
      ask('gateway', GRANTS.exchange, { subject_token: `${access_token}A`, subject_token_type }),
    ).rejects.toMatchObject({ error: 'invalid_request' });
  });

  it('brings an assertion of the partner, once', async () => {
    const assertion = await assertAlice(protocol);

    const { access_token } = await ask('batch', GRANTS.assertion, { assertion });

    const batch = { client: { client_id: 'batch' }, authentication: secret };
    expect(await introspect(batch, access_token)).toMatchObject({ active: true, sub: 'alice' });
    await expect(ask('batch', GRANTS.assertion, { assertion })).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});
