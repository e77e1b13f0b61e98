// A relying party at a test issuer, as openid-client has it, and a browser that follows no redirect.

import * as oidc from 'openid-client';
import { onTestFinished } from 'vitest';
import type { RootIssuer, TestIssuer, TestIssuerOptions } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';

export const CALLBACK = 'http://localhost:3000/callback';
export const SECRET = 'web-secret-web-secret-web-secret-web';

/** A web application that refreshes, one in a browser, and a program without End-Users. */
export const CLIENTS = [
  {
    client_id: 'web',
    client_secret: SECRET,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
  },
  {
    client_id: 'spa',
    token_endpoint_auth_method: 'none',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code'],
  },
  {
    client_id: 'machine',
    client_secret: SECRET,
    grant_types: ['client_credentials'],
    scope: 'api:read api:write',
    resources: ['https://api.example'],
  },
];

const USERS = [
  { sub: 'alice', name: 'Alice Example', email: 'alice@example.test', groups: ['admins'] },
  { sub: 'bob', name: 'Bob Example' },
];

/** Ends with the test. */
export async function start(options: TestIssuerOptions = {}): Promise<RootIssuer> {
  const issuer = await startTestIssuer({ clients: CLIENTS, users: USERS, ...options });
  onTestFinished(() => issuer.stop());
  return issuer;
}

export const configure = (issuer: Pick<TestIssuer, 'url'>, clientId = 'web') =>
  oidc.discovery(
    new URL(issuer.url),
    clientId,
    undefined,
    clientId === 'spa' ? oidc.None() : oidc.ClientSecretBasic(SECRET),
    { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  );

type Query = Readonly<Record<string, string>>;

/** The nearest honest authorization request of `web`. */
export const authorizeUrl = ({ url }: Pick<TestIssuer, 'url'>, query: Query = {}): string =>
  `${url}/authorize?${new URLSearchParams({
    client_id: 'web',
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid',
    state: 'state-1',
    ...query,
  })}`;

/** What the browser brings back to the client. */
export async function visit(url: string | URL, headers: Query = {}): Promise<URL> {
  const response = await fetch(url, { redirect: 'manual', headers });
  const location = response.headers.get('location');
  if (location === null) throw new Error(`no redirect: ${response.status}`);
  return new URL(location);
}

/** A whole sign-in of whoever is signed in at the issuer. */
export async function signIn(config: oidc.Configuration, more: Query = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile offline_access',
    state: expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  });
  const maxAge = more['max_age'] === undefined ? undefined : Number(more['max_age']);
  return oidc.authorizationCodeGrant(config, await visit(url), {
    pkceCodeVerifier: verifier,
    expectedState,
    idTokenExpected: true,
    ...(maxAge === undefined ? {} : { maxAge }),
  });
}

export const get = async (url: string, token?: string) => {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers });
  return { status: response.status, json: JSON.parse(await response.text()) };
};

export const basic = (id: string, secret = SECRET): Query => ({
  Authorization: `Basic ${btoa(`${id}:${secret}`)}`,
});

/** A form by a client that proves itself. */
export async function post(url: string, form: Query, client = 'web') {
  const body = new URLSearchParams(form);
  const response = await fetch(url, { method: 'POST', headers: basic(client), body });
  const text = await response.text();
  return { status: response.status, json: text === '' ? {} : JSON.parse(text) };
}

/** What throws, says. */
export const complaint = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return 'nothing was wrong';
};
