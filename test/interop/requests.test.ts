import { type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestIssuer } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';

const CALLBACK = 'http://localhost:3000/callback';
const SECRET = 'rp-secret-rp-secret-rp-secret-rp-secret';

let issuer: TestIssuer;
let privateKey: CryptoKey;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  privateKey = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', use: 'sig', alg: 'ES256' };
  const common = { client_secret: SECRET, redirect_uris: [CALLBACK] };
  issuer = await startTestIssuer({
    clients: [
      { client_id: 'par', ...common, require_pushed_authorization_requests: true },
      {
        client_id: 'jar',
        ...common,
        jwks: { keys: [jwk] },
        request_object_signing_alg: 'ES256',
        require_signed_request_object: true,
      },
      {
        client_id: 'keyed',
        redirect_uris: [CALLBACK],
        jwks: { keys: [jwk] },
        token_endpoint_auth_method: 'private_key_jwt',
        require_pushed_authorization_requests: true,
      },
    ],
    users: [{ sub: 'alice', name: 'Alice Example', email: 'alice@example.test' }],
  });
});

afterAll(() => issuer.stop());

const configure = (clientId: string, ...more: ((config: oidc.Configuration) => void)[]) =>
  oidc.discovery(
    new URL(issuer.url),
    clientId,
    { id_token_signed_response_alg: 'ES256', authorization_signed_response_alg: 'ES256' },
    oidc.ClientSecretBasic(SECRET),
    { execute: [oidc.allowInsecureRequests, ...more] },
  );

/** What the browser brings back, with the proxy's word for who is there. */
async function visit(url: URL): Promise<URL> {
  const headers = { 'X-Authenticated-User': 'alice' };
  const response = await fetch(url, { redirect: 'manual', headers });
  const location = response.headers.get('location');
  if (location === null) throw new Error(`no redirect: ${response.status}`);
  return new URL(location);
}

const signKey = (): oidc.PrivateKey => ({ key: privateKey, kid: 'k1' });

async function signIn(
  config: oidc.Configuration,
  build: (parameters: Record<string, string>) => Promise<URL>,
  more: Record<string, string> = {},
) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedNonce = oidc.randomNonce();
  const expectedState = oidc.randomState();
  const url = await build({
    redirect_uri: CALLBACK,
    scope: 'openid email',
    nonce: expectedNonce,
    state: expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...more,
  });
  const checks = { pkceCodeVerifier, expectedNonce, expectedState, idTokenExpected: true };
  return oidc.authorizationCodeGrant(config, await visit(url), checks);
}

describe('openid-client: authorization requests (PA-1, PA-5, JR-1)', () => {
  it('pushes them', async () => {
    const config = await configure('par');
    const build = (parameters: Record<string, string>) =>
      oidc.buildAuthorizationUrlWithPAR(config, parameters);

    expect((await signIn(config, build)).claims()?.sub).toBe('alice');
    const plain = async (parameters: Record<string, string>) =>
      oidc.buildAuthorizationUrl(config, parameters);
    await expect(signIn(config, plain)).rejects.toThrow('authorization response');
  });

  it('signs them, with claims that are an object', async () => {
    const config = await configure('jar');
    const build = (parameters: Record<string, string>) =>
      oidc.buildAuthorizationUrlWithJAR(config, parameters, signKey());
    const claims = JSON.stringify({ id_token: { name: null } });

    const tokens = await signIn(config, build, { claims });
    expect(tokens.claims()).toMatchObject({ sub: 'alice', name: 'Alice Example' });
  });

  it('signs and pushes them, and reads a signed response', async () => {
    const config = await configure('jar', oidc.useJwtResponseMode);
    const build = async (parameters: Record<string, string>) => {
      const url = await oidc.buildAuthorizationUrlWithJAR(config, parameters, signKey());
      return oidc.buildAuthorizationUrlWithPAR(config, url.searchParams);
    };

    expect((await signIn(config, build)).claims()?.sub).toBe('alice');
  });
});

describe('openid-client: a client that proves itself by its key (PA-1)', () => {
  it('pushes, and redeems what comes of it', async () => {
    const config = await oidc.discovery(
      new URL(issuer.url),
      'keyed',
      { id_token_signed_response_alg: 'ES256' },
      oidc.PrivateKeyJwt(signKey()),
      { execute: [oidc.allowInsecureRequests] },
    );
    const build = (parameters: Record<string, string>) =>
      oidc.buildAuthorizationUrlWithPAR(config, parameters);

    expect((await signIn(config, build)).claims()?.sub).toBe('alice');
  });
});

describe('oauth4webapi: authorization requests (PA-1, PA-5, JR-1)', () => {
  it('pushes a signed request, and validates a signed response', async () => {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const url = new URL(issuer.url);
    const server = await oauth.processDiscoveryResponse(
      url,
      await oauth.discoveryRequest(url, insecure),
    );
    const client: oauth.Client = {
      client_id: 'jar',
      authorization_signed_response_alg: 'ES256',
    };
    const parameters = {
      redirect_uri: CALLBACK,
      response_type: 'code',
      response_mode: 'jwt',
      scope: 'openid',
      state: 'state',
    };
    const request = await oauth.issueRequestObject(server, client, parameters, {
      key: privateKey,
      kid: 'k1',
    });
    const pushed = await oauth.processPushedAuthorizationResponse(
      server,
      client,
      await oauth.pushedAuthorizationRequest(
        server,
        client,
        oauth.ClientSecretBasic(SECRET),
        { request },
        insecure,
      ),
    );
    const authorize = new URL(server.authorization_endpoint ?? '');
    authorize.search = new URLSearchParams({
      client_id: 'jar',
      request_uri: pushed.request_uri,
    }).toString();
    const back = await visit(authorize);
    const params = await oauth.validateJwtAuthResponse(server, client, back, 'state', insecure);

    expect(params.get('code')).toMatch(/^ac_/);
  });
});
