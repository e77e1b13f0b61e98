import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SIGNING_ALGS } from '../../internal/protocol/names.ts';
import type { Metadata, TestIssuer } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';

const CALLBACK = 'http://localhost:3000/callback';
const SECRET = 'strict-secret-strict-secret-strict';
const API = 'https://api.example';
const insecure = { [oauth.allowInsecureRequests]: true };
const authentication = oauth.ClientSecretBasic(SECRET);

const holder = await generateKeyPair('ECDH-ES', { extractable: true });
const jwk = { ...(await exportJWK(holder.publicKey)), kid: 'enc-1', use: 'enc' };

/** A client of which everything is signed with one algorithm, and for every second one encrypted. */
const metadataOf = (alg: string, index: number) => ({
  client_id: `client-${alg}`,
  client_secret: SECRET,
  redirect_uris: [CALLBACK],
  id_token_signed_response_alg: alg,
  access_token_signing_alg: alg,
  userinfo_signed_response_alg: alg,
  introspection_signed_response_alg: alg,
  resources: [API],
  ...(index % 2 === 0
    ? {}
    : {
        jwks: { keys: [{ ...jwk }] },
        id_token_encrypted_response_alg: 'ECDH-ES',
        userinfo_encrypted_response_alg: 'ECDH-ES',
        introspection_encrypted_response_alg: 'ECDH-ES',
      }),
});

let issuer: TestIssuer;
/** The library remembers key sets by this very object: a copy is a relying party of its own. */
let server: oauth.AuthorizationServer;

beforeAll(async () => {
  issuer = await startTestIssuer({
    clients: SIGNING_ALGS.map(metadataOf) as readonly Metadata[],
    users: [{ sub: 'alice', name: 'Alice Example' }],
  });
  const url = new URL(issuer.url);
  const response = await oauth.discoveryRequest(url, insecure);
  server = await oauth.processDiscoveryResponse(url, response);
});

beforeEach(() => {
  server = { ...server };
});

afterAll(() => issuer.stop());

async function signIn(client: oauth.Client, more: Readonly<Record<string, string>> = {}) {
  const url = new URL(server.authorization_endpoint ?? '');
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid profile',
    state: 'state',
    nonce: crypto.randomUUID(),
    ...more,
  }).toString();
  const nonce = url.searchParams.get('nonce') ?? '';
  const headers = { 'X-Authenticated-User': 'alice' };
  const answer = await fetch(url, { redirect: 'manual', headers });
  const location = new URL(answer.headers.get('location') ?? '');
  const callback = oauth.validateAuthResponse(server, client, location, 'state');
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    callback,
    CALLBACK,
    oauth.nopkce,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
    [oauth.jweDecrypt]: decrypt,
  });
  await oauth.validateApplicationLevelSignature(server, response, insecure);
  return tokens;
}

async function decrypt(jwe: string): Promise<string> {
  const { plaintext } = await compactDecrypt(jwe, holder.privateKey);
  return new TextDecoder().decode(plaintext);
}

const decryption = { [oauth.jweDecrypt]: decrypt };

for (const [index, alg] of SIGNING_ALGS.entries()) {
  const client: oauth.Client = {
    client_id: `client-${alg}`,
    id_token_signed_response_alg: alg,
    userinfo_signed_response_alg: alg,
    introspection_signed_response_alg: alg,
  };

  describe(`oauth4webapi and ${alg}${index % 2 === 0 ? '' : ', encrypted'}`, () => {
    it('agree about the ID Token and its signature', async () => {
      const tokens = await signIn(client);

      expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: 'alice' });
      expect(tokens.id_token?.split('.')).toHaveLength(index % 2 === 0 ? 3 : 5);
    });

    it('agree about signed UserInfo', async () => {
      const { access_token } = await signIn(client);
      const response = await oauth.userInfoRequest(server, client, access_token, insecure);

      expect(response.headers.get('content-type')).toBe('application/jwt');
      const claims = await oauth.processUserInfoResponse(
        server,
        client,
        'alice',
        response,
        decryption,
      );
      await oauth.validateApplicationLevelSignature(server, response, insecure);

      expect(claims).toMatchObject({ sub: 'alice', name: 'Alice Example' });
    });

    it('agree about introspection as a JWT', async () => {
      const { access_token } = await signIn(client);
      const response = await oauth.introspectionRequest(
        server,
        client,
        authentication,
        access_token,
        { ...insecure, requestJwtResponse: true },
      );

      const facts = await oauth.processIntrospectionResponse(server, client, response, decryption);
      await oauth.validateApplicationLevelSignature(server, response, insecure);

      expect(facts).toMatchObject({ active: true, sub: 'alice', client_id: `client-${alg}` });
    });

    it('agree about the access token at a resource server', async () => {
      const { access_token } = await signIn(client, { resource: API });
      const call = new Request(`${API}/`, { headers: { Authorization: `Bearer ${access_token}` } });

      const claims = await oauth.validateJwtAccessToken(server, call, API, insecure);

      expect(claims).toMatchObject({ sub: 'alice', client_id: `client-${alg}` });
    });
  });
}
