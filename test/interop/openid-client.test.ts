import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestIssuer } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';

const CALLBACK = 'http://localhost:3000/callback';
const SECRET = 'rp-secret-rp-secret-rp-secret-rp-secret';

let issuer: TestIssuer;

beforeAll(async () => {
  const common = { client_secret: SECRET, redirect_uris: [CALLBACK] };
  issuer = await startTestIssuer({
    clients: [
      { client_id: 'basic', ...common },
      { client_id: 'post', ...common, token_endpoint_auth_method: 'client_secret_post' },
      { client_id: 'rs256', ...common, id_token_signed_response_alg: 'RS256' },
      { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris: [CALLBACK] },
      {
        client_id: 'machine',
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        scope: 'api:read',
      },
    ],
    users: [
      { sub: 'alice', name: 'Alice Example', email: 'alice@example.test', email_verified: true },
    ],
  });
});

afterAll(() => issuer.stop());

type Setup = {
  readonly clientId: string;
  readonly authentication: oidc.ClientAuth;
  readonly alg?: string;
};

const CLIENTS: readonly Setup[] = [
  { clientId: 'basic', authentication: oidc.ClientSecretBasic(SECRET) },
  { clientId: 'post', authentication: oidc.ClientSecretPost(SECRET) },
  { clientId: 'rs256', authentication: oidc.ClientSecretBasic(SECRET), alg: 'RS256' },
  { clientId: 'spa', authentication: oidc.None() },
];

const configure = async ({ clientId, authentication, alg = 'ES256' }: Setup) => {
  const config = await oidc.discovery(
    new URL(issuer.url),
    clientId,
    { id_token_signed_response_alg: alg },
    authentication,
    { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  );
  return config;
};

/** What the browser brings back, with the proxy's word for who is there. */
async function visit(url: URL, user = 'alice'): Promise<URL> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { 'X-Authenticated-User': user },
  });
  const location = response.headers.get('location');
  if (location === null) throw new Error(`no redirect: ${response.status}`);
  return new URL(location);
}

async function signIn(config: oidc.Configuration, scope: string) {
  const verifier = oidc.randomPKCECodeVerifier();
  const expected = {
    pkceCodeVerifier: verifier,
    expectedNonce: oidc.randomNonce(),
    expectedState: oidc.randomState(),
    idTokenExpected: true,
  };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope,
    nonce: expected.expectedNonce,
    state: expected.expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  return oidc.authorizationCodeGrant(config, await visit(url), expected);
}

describe.each(CLIENTS)('openid-client as $clientId', (setup) => {
  it('signs in, reads userinfo, refreshes, revokes, and is signed out by that', async () => {
    const config = await configure(setup);
    const tokens = await signIn(config, 'openid profile email offline_access');
    const claims = await oidc.fetchUserInfo(config, tokens.access_token, 'alice');

    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    await oidc.tokenRevocation(config, refreshed.refresh_token ?? '');

    expect(tokens.claims()).toMatchObject({ iss: issuer.url, sub: 'alice', aud: setup.clientId });
    expect(claims).toEqual({
      sub: 'alice',
      name: 'Alice Example',
      email: 'alice@example.test',
      email_verified: true,
    });
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    expect(refreshed.claims()?.sub).toBe('alice');
    await expect(
      oidc.refreshTokenGrant(config, refreshed.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    await expect(oidc.fetchUserInfo(config, refreshed.access_token, 'alice')).rejects.toMatchObject(
      { status: 401 },
    );
  });

  it('refuses a code that came with another state or another issuer', async () => {
    const config = await configure(setup);
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'openid',
      state: 'state-of-this-browser',
      code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    });
    const callback = await visit(url);
    const mixedUp = new URL(callback);
    mixedUp.searchParams.set('iss', 'https://other.example');

    await expect(
      oidc.authorizationCodeGrant(config, callback, { expectedState: 'another' }),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining('state') } });
    await expect(
      oidc.authorizationCodeGrant(config, mixedUp, { expectedState: 'state-of-this-browser' }),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining('iss') } });
  });
});

describe('openid-client with what is not a code flow', () => {
  it('gets a token for a machine, and learns by introspection whose it is', async () => {
    const authentication = oidc.ClientSecretBasic(SECRET);
    const machine = await configure({ clientId: 'machine', authentication });

    const tokens = await oidc.clientCredentialsGrant(machine, { scope: 'api:read' });
    const facts = await oidc.tokenIntrospection(machine, tokens.access_token);

    expect(tokens).toMatchObject({ scope: 'api:read', token_type: 'bearer' });
    expect(tokens.refresh_token).toBeUndefined();
    expect(facts).toMatchObject({ active: true, client_id: 'machine', sub: 'machine' });
  });

  it('hears login_required for prompt=none when the proxy names nobody', async () => {
    const authentication = oidc.ClientSecretBasic(SECRET);
    const config = await configure({ clientId: 'basic', authentication });
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'openid',
      state: 's',
      prompt: 'none',
    });

    const callback = await visit(url, '');

    await expect(
      oidc.authorizationCodeGrant(config, callback, { expectedState: 's' }),
    ).rejects.toMatchObject({ error: 'login_required' });
  });
});
