// openid-client as its manual shows it, with every check that it offers switched on.

import * as client from 'openid-client';
import type { Browser } from './browser.ts';

export const CALLBACK = 'http://127.0.0.1:1/callback';
export const AFTER_SIGN_OUT = 'http://127.0.0.1:1/after';
export const CLIENT_ID = 'relying-party';
export const CLIENT_SECRET = 'a client secret that nobody guesses';

export const CLIENTS = `clients:
  - client_id: ${CLIENT_ID}
    client_secret: ${CLIENT_SECRET}
    redirect_uris: ["${CALLBACK}"]
    post_logout_redirect_uris: ["${AFTER_SIGN_OUT}"]
    grant_types: [authorization_code, refresh_token]
    scope: openid profile email groups offline_access
`;

/** A relying party that knows nothing but the address of the issuer. */
export async function discover(issuer: string): Promise<client.Configuration> {
  const config = await client.discovery(
    new URL(issuer),
    CLIENT_ID,
    CLIENT_SECRET,
    client.ClientSecretBasic(),
    { execute: [client.allowInsecureRequests] },
  );
  client.enableNonRepudiationChecks(config);
  return config;
}

export type SignIn = {
  readonly url: URL;
  /** Checks state, `iss`, nonce, PKCE and the ID Token's signature; redeems the code. */
  readonly finish: (
    callback: string,
  ) => Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers>;
};

/** @param more parameters of the request, such as `prompt`; `max_age` is held against what comes. */
export async function beginSignIn(
  config: client.Configuration,
  more: Readonly<Record<string, string>> = {},
): Promise<SignIn> {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email groups offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...more,
  });
  const checks = {
    ...{ pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true },
    ...(more['max_age'] === undefined ? {} : { maxAge: Number(more['max_age']) }),
  };
  return {
    url,
    finish: (callback) => client.authorizationCodeGrant(config, new URL(callback), checks),
  };
}

/** A whole sign-in by somebody who has a browser. */
export async function signIn(
  config: client.Configuration,
  browser: Browser,
): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers> {
  const { url, finish } = await beginSignIn(config);
  const visit = await browser.visit(url.href, CALLBACK);
  if (!visit.url.startsWith(CALLBACK)) {
    throw new Error(`no callback: ${visit.steps.join('\n')}\n${visit.answer.body}`);
  }
  return await finish(visit.url);
}
