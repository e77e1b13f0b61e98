// Clients that nobody wrote down: registered by both libraries as their manuals show it, then signed in.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from './browser.ts';
import { cookieOf } from './nginx.ts';
import { CALLBACK, type Protocol, startProtocol } from './protocol.ts';
import { type Answer, ask, cleanUp, temporaryFolder } from './rig.ts';

const INITIAL = 'an-initial-access-token-of-more-than-32-bytes';

let protocol: Protocol;

beforeAll(async () => {
  const file = path.join(temporaryFolder(), 'initial');
  writeFileSync(file, INITIAL, { mode: 0o600 });
  const more = `registration: { initial_access_tokens: [{ file: "${file}" }] }\n`;
  protocol = await startProtocol({ nonce: 'never', more });
});
afterAll(cleanUp);

// By the algorithm whose key is there from the start: the first key of another one is made with the first
// token, and the other replica publishes it a moment later.
const METADATA = {
  client_name: 'Corner Shop',
  redirect_uris: [CALLBACK],
  id_token_signed_response_alg: 'ES256',
};
const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
const insecure = { [oauth.allowInsecureRequests]: true };

/** Alice agrees on the page, which every such client has. */
async function agree(url: URL): Promise<URL> {
  const browser = openBrowser([cookieOf('alice')]);
  const { url: page, answer } = await browser.visit(url.href, CALLBACK);
  const [, handle] = /name="handle" value="([^"]+)"/.exec(answer.body) ?? [];
  if (handle === undefined) throw new Error(`no question at ${page}: ${answer.body}`);
  const form = { handle, decision: 'allow' };
  return new URL((await browser.submit(page, '/consent', form, CALLBACK)).url);
}

async function signIn(config: client.Configuration) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid email',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  });
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  return await client.authorizationCodeGrant(config, await agree(url), checks);
}

describe.each([
  { method: 'client_secret_basic', authentication: () => client.ClientSecretBasic() },
  { method: 'client_secret_post', authentication: () => client.ClientSecretPost() },
  { method: 'none', authentication: () => client.None() },
  {
    method: 'private_key_jwt',
    authentication: () =>
      client.PrivateKeyJwt({ key: protocol.signer.privateKey, kid: protocol.signer.kid }),
  },
])('openid-client registers a client with $method', ({ method, authentication }) => {
  it('and signs alice in to it', async () => {
    const jwks = method === 'private_key_jwt' ? { jwks: { keys: [protocol.signer.jwk] } } : {};
    const metadata = { ...METADATA, ...jwks, token_endpoint_auth_method: method };

    const config = await client.dynamicClientRegistration(
      new URL(protocol.origin),
      metadata as Partial<client.ClientMetadata>,
      authentication(),
      { initialAccessToken: INITIAL, execute },
    );
    const tokens = await signIn(config);

    expect(tokens.claims()).toMatchObject({ sub: 'alice', aud: config.clientMetadata().client_id });
    expect((await client.fetchUserInfo(config, tokens.access_token, 'alice')).email).toBe(
      'alice@example.test',
    );
  });
});

describe('openid-client without the initial access token', () => {
  it('registers nobody', async () => {
    for (const initialAccessToken of [undefined, `${INITIAL}x`]) {
      const more = initialAccessToken === undefined ? {} : { initialAccessToken };
      await expect(
        client.dynamicClientRegistration(new URL(protocol.origin), METADATA, client.None(), {
          ...more,
          execute,
        }),
      ).rejects.toMatchObject({ status: 401 });
    }
  });
});

describe('oauth4webapi registers a client', () => {
  async function register(metadata: Partial<oauth.OmitSymbolProperties<oauth.Client>>) {
    const issuer = new URL(protocol.origin);
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, insecure),
    );
    const answer = await oauth.dynamicClientRegistrationRequest(server, metadata, {
      ...insecure,
      initialAccessToken: INITIAL,
    });
    return await oauth.processDynamicClientRegistrationResponse(answer);
  }

  /** What a client asks about itself (RFC 7592), which no library knows. */
  async function manage(method: string, url: unknown, token: unknown): Promise<Answer> {
    return await ask(String(url), { method, headers: { authorization: `Bearer ${token}` } });
  }

  it('which reads and deletes itself through nginx, and nobody else does', async () => {
    const mine = await register(METADATA);
    const other = await register(METADATA);
    const url = mine['registration_client_uri'];
    const token = mine['registration_access_token'];

    const read = await manage('GET', url, token);
    const foreign = await manage('DELETE', url, other['registration_access_token']);
    const removed = await manage('DELETE', url, token);
    const gone = await manage('GET', url, token);

    expect(JSON.parse(read.body)).toMatchObject({ client_id: mine.client_id, ...METADATA });
    expect([read, foreign, removed, gone].map(({ status }) => status)).toEqual([
      200, 401, 204, 401,
    ]);
  });

  it('and is told what may not be registered', async () => {
    for (const metadata of [
      { ...METADATA, redirect_uris: ['http://app.example/callback'] },
      { ...METADATA, grant_types: ['implicit'] },
    ]) {
      await expect(register(metadata)).rejects.toMatchObject({
        error: expect.stringMatching(/^invalid_(?:redirect_uri|client_metadata)$/),
        status: 400,
      });
    }
  });
});
