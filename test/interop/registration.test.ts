// Clients that register themselves, by a library that many use, over real HTTP.

import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../../internal/config/secret-hash.ts';
import type { TestIssuer } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';
import { createSigner } from '../support/signer.ts';

const CALLBACK = 'https://rp.example/callback';
const INITIAL = 'let-me-in-let-me-in-let-me-in-let-me-in';
const signer = await createSigner('rp-1', 'RS256');

let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await startTestIssuer({
    clients: [],
    users: [{ sub: 'alice', name: 'Alice Example' }],
    config: {
      registration: { initial_access_tokens: [{ hash: await hashSecret(INITIAL, 'sha256') }] },
    },
  });
});

afterAll(() => issuer.stop());

const register = (
  metadata: Partial<oidc.ClientMetadata>,
  authentication?: oidc.ClientAuth,
  initialAccessToken = INITIAL,
) =>
  oidc.dynamicClientRegistration(
    new URL(issuer.url),
    { client_name: 'Shop', redirect_uris: [CALLBACK], ...metadata },
    authentication,
    {
      initialAccessToken,
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
    },
  );

/** As alice, who agrees on the page. */
async function visit(url: URL): Promise<URL> {
  const headers = { 'X-Authenticated-User': 'alice' };
  const page = await (await fetch(url, { headers, redirect: 'manual' })).text();
  const handle = /name="handle" value="([^"]+)"/.exec(page)?.[1] ?? 'no page';
  const answer = await fetch(new URL('/consent', issuer.url), {
    method: 'POST',
    redirect: 'manual',
    headers: { ...headers, Origin: issuer.url },
    body: new URLSearchParams({ handle, decision: 'allow' }),
  });
  return new URL(answer.headers.get('location') ?? `no-redirect:${answer.status}`);
}

async function signIn(config: oidc.Configuration) {
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  return oidc.authorizationCodeGrant(config, await visit(url), { pkceCodeVerifier: verifier });
}

describe('openid-client', () => {
  it.each([
    ['client_secret_basic', oidc.ClientSecretBasic],
    ['client_secret_post', oidc.ClientSecretPost],
  ])('registers a client of %s, signs in, refreshes and asks UserInfo', async (method, make) => {
    const config = await register({ token_endpoint_auth_method: method }, make());

    const tokens = await signIn(config);
    expect(tokens.claims()).toMatchObject({ sub: 'alice', aud: config.clientMetadata().client_id });
    const again = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(await oidc.fetchUserInfo(config, again.access_token, 'alice')).toMatchObject({
      name: 'Alice Example',
    });
  });

  it('registers a client of private_key_jwt by its public key', async () => {
    const key = { key: signer.privateKey, kid: signer.kid };
    const jwk: Record<string, string> = JSON.parse(JSON.stringify(signer.jwk));
    const config = await register(
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } },
      oidc.PrivateKeyJwt(key),
    );

    expect((await signIn(config)).claims()).toMatchObject({ sub: 'alice' });
    expect(config.clientMetadata().client_secret).toBeUndefined();
  });

  it('registers a public client', async () => {
    const config = await register({ token_endpoint_auth_method: 'none' }, oidc.None());

    expect((await signIn(config)).claims()).toMatchObject({ sub: 'alice' });
  });

  it('hears why it is refused', async () => {
    await expect(register({ redirect_uris: [`${CALLBACK}#x`] })).rejects.toMatchObject({
      error: 'invalid_redirect_uri',
    });
    await expect(register({}, undefined, 'wrong')).rejects.toMatchObject({ status: 401 });
  });
});
