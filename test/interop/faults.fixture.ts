// Clients as their libraries make them, against an issuer that may misbehave: each journey ends with what
// the client got, or with the library's own refusal.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import type { Metadata, RootIssuer } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';

const CALLBACK = 'http://localhost:3000/callback';
const SECRET = 'rp-secret-rp-secret-rp-secret-rp-secret';
const API = 'https://api.example';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** An answer to a client, as it was on the wire. */
export type Wire = {
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly sent: URLSearchParams;
};

export type World = {
  readonly issuer: RootIssuer;
  /** What clients were answered, in order; not what a browser was. */
  readonly wire: Wire[];
  /** Where browsers were sent back to. */
  readonly callbacks: URL[];
  /** With which session each of those came. */
  readonly cookies: string[];
  /** Resolves with the next logout token that the client `id` is told. */
  readonly nextLogoutToken: (id: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** A refresh token that was replaced is refused at once. */
const HASTY = { refresh_token_grace: '0s' };

/** Clients of which two and two differ in their names alone. */
export async function startWorld(config: Metadata = {}): Promise<World> {
  const wire: Wire[] = [];
  const waiting = new Map<string, (token: string) => void>();
  const receiver = await startReceiver((id, token) => waiting.get(id)?.(token));
  const { port } = receiver.address() as AddressInfo;
  const client = (client_id: string): Metadata => ({
    client_id,
    client_secret: SECRET,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token', DEVICE_GRANT],
    resources: [API],
    backchannel_logout_uri: `http://127.0.0.1:${port}/${client_id}`,
  });
  const issuer = await startTestIssuer({
    clients: [
      client('web'),
      client('web-other'),
      { ...client('careful'), require_pkce: true },
      { ...client('careful-other'), require_pkce: true },
      { ...client('hasty'), lifetimes: HASTY },
      { ...client('hasty-other'), lifetimes: HASTY },
    ],
    users: [{ sub: 'alice', name: 'Alice Example' }, { sub: 'bob' }],
    config,
  });
  return {
    issuer,
    wire,
    callbacks: [],
    cookies: [],
    nextLogoutToken: (id) => new Promise((resolve) => waiting.set(id, resolve)),
    async stop() {
      receiver.close();
      await issuer.stop();
    },
  };
}

function startReceiver(told: (id: string, token: string) => void): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      response.end();
      told((request.url ?? '').slice(1), new URLSearchParams(body).get('logout_token') ?? '');
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

export type Visitor = {
  readonly client?: string;
  readonly user?: string;
  /** Seconds that the library waits for an answer. */
  readonly patience?: number;
};

const recording =
  (wire: Wire[]): oidc.CustomFetch =>
  async (url, options) => {
    const response = await fetch(url, options as RequestInit);
    const body = await response.clone().text();
    const { status, headers } = response;
    const sent = new URLSearchParams(String(options.body ?? ''));
    wire.push({ path: new URL(url).pathname, status, headers, body, sent });
    return response;
  };

/** Reads the metadata, and verifies the signature of every ID Token. */
function discover({ issuer, wire }: World, { client = 'web', patience = 30 }: Visitor = {}) {
  return oidc.discovery(
    new URL(issuer.url),
    client,
    { id_token_signed_response_alg: 'ES256' },
    oidc.ClientSecretBasic(SECRET),
    {
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
      timeout: patience,
      [oidc.customFetch]: recording(wire),
    },
  );
}

const browse = (url: URL, user: string, cookie = ''): Promise<Response> =>
  fetch(url, { redirect: 'manual', headers: { 'X-Authenticated-User': user, cookie } });

/** What the browser brings back. */
async function visit({ callbacks, cookies }: World, url: URL, user = 'alice'): Promise<URL> {
  const response = await browse(url, user);
  const location = response.headers.get('location');
  if (location === null) throw new Error(`no redirect: ${response.status}`);
  const callback = new URL(location);
  callbacks.push(callback);
  cookies.push((response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '');
  return callback;
}

export type SignIn = {
  readonly config: oidc.Configuration;
  readonly callback: URL;
  readonly checks: oidc.AuthorizationCodeGrantChecks;
};

/** An authorization request, and the browser back from it. */
async function authorize(
  world: World,
  visitor: Visitor = {},
  more: Readonly<Record<string, string>> = {},
): Promise<SignIn> {
  const config = await discover(world, visitor);
  const verifier = oidc.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier: verifier,
    expectedNonce: oidc.randomNonce(),
    expectedState: oidc.randomState(),
    idTokenExpected: true,
  };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile offline_access',
    nonce: checks.expectedNonce,
    state: checks.expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  });
  return { config, checks, callback: await visit(world, url, visitor.user) };
}

export async function signIn(
  world: World,
  visitor: Visitor = {},
  more: Readonly<Record<string, string>> = {},
) {
  const { config, callback, checks } = await authorize(world, visitor, more);
  const parameters = more['resource'] === undefined ? {} : { resource: more['resource'] };
  const tokens = await oidc.authorizationCodeGrant(config, callback, checks, parameters);
  return { config, tokens };
}

/** A sign-in, and then what is known of the End-User. */
export async function readUserinfo(world: World, visitor: Visitor = {}) {
  const { config, tokens } = await signIn(world, visitor);
  return oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '');
}

export async function introspect(world: World, visitor: Visitor = {}) {
  const { config, tokens } = await signIn(world, visitor);
  return oidc.tokenIntrospection(config, tokens.access_token);
}

export async function revoke(world: World, visitor: Visitor = {}) {
  const { config, tokens } = await signIn(world, visitor);
  return oidc.tokenRevocation(config, tokens.access_token);
}

export async function push(world: World, visitor: Visitor = {}) {
  const config = await discover(world, visitor);
  const challenge = await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier());
  return oidc.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
}

export async function askForDevice(world: World, visitor: Visitor = {}) {
  const config = await discover(world, visitor);
  return oidc.initiateDeviceAuthorization(config, { scope: 'openid' });
}

/** A sign-in, and then the resource server of RFC 9068 that is shown the token. */
export async function callApi(world: World, visitor: Visitor = {}) {
  const { config, tokens } = await signIn(world, visitor, { resource: API });
  const request = new Request(API, { headers: { Authorization: `Bearer ${tokens.access_token}` } });
  const server = config.serverMetadata() as oauth.AuthorizationServer;
  const claims = await oauth.validateJwtAccessToken(server, request, API, {
    [oauth.allowInsecureRequests]: true,
  });
  // What the resource wants is not the library's to know.
  if (!claims.scope?.split(' ').includes('profile')) throw new Error('insufficient_scope');
  return claims;
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** A sign-in, a sign-out, and the receiver of Back-Channel Logout 1.0 §2.6 that is told, with jose. */
export async function beSignedOut(world: World, { client = 'web', user = 'alice' }: Visitor = {}) {
  const { config, tokens } = await signIn(world, { client, user });
  const told = world.nextLogoutToken(client);
  const url = oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token ?? '' });
  const response = await browse(url, user, world.cookies.at(-1));
  // On to the sign-out of the chooser, where that of a proxy would be.
  if (response.status !== 303) throw new Error(`not signed out: ${response.status}`);
  return verifyLogoutToken(world, client, await told);
}

async function verifyLogoutToken({ issuer }: World, client: string, token: string) {
  const keys = createRemoteJWKSet(new URL(`${issuer.url}/jwks.json`));
  const { payload } = await jwtVerify(token, keys, {
    issuer: issuer.url,
    audience: client,
    typ: 'logout+jwt',
    algorithms: ['ES256'],
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
    maxTokenAge: '5m',
  });
  if ('nonce' in payload) throw new Error('a logout token has no nonce');
  if (payload.sub === undefined && payload['sid'] === undefined)
    throw new Error('neither sub nor sid');
  if (!(EVENT in (payload['events'] as object))) throw new Error('no event of a logout');
  return payload;
}

/** The browser back from the chooser. */
async function choose({ issuer }: World, request: URL, user: string): Promise<URL> {
  const { url: page } = await fetch(request);
  const rd = new URL(page).searchParams.get('rd') ?? 'no way back';
  const chosen = await fetch(`${issuer.url}/choose`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: issuer.url },
    body: new URLSearchParams({ rd, user }),
  });
  const cookie = chosen.headers.get('set-cookie')?.split(';', 1)[0] ?? 'no cookie';
  const back = await fetch(chosen.headers.get('location') ?? 'about:blank', {
    redirect: 'manual',
    headers: { cookie },
  });
  return new URL(back.headers.get('location') ?? 'about:blank');
}

/** A sign-in at the chooser of the issuer, which knows when that was; the client asks for no older one. */
export async function signInFreshly(
  world: World,
  { client = 'web', user = 'alice' }: Visitor = {},
) {
  const config = await discover(world, { client });
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid',
    max_age: '60',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const callback = await choose(world, url, user);
  return oidc.authorizationCodeGrant(config, callback, {
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
    maxAge: 60,
  });
}

/** A sign-in by a client that has forgotten about PKCE. */
export async function signInWithoutPkce(
  world: World,
  { client = 'web', user = 'alice' }: Visitor = {},
) {
  const config = await discover(world, { client });
  const state = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid',
    state,
  });
  const callback = await visit(world, url, user);
  return oidc.authorizationCodeGrant(config, callback, { expectedState: state });
}

/** A sign-in by a client that names another page of its own at the token endpoint. */
export async function signInFromElsewhere(world: World, visitor: Visitor = {}) {
  const { config, callback, checks } = await authorize(world, visitor);
  const moved = new URL(callback);
  moved.pathname = '/moved';
  return oidc.authorizationCodeGrant(config, moved, checks);
}

/** The page that the browser comes back to is loaded twice. */
export async function redeemTwice(world: World, visitor: Visitor = {}) {
  const { config, callback, checks } = await authorize(world, visitor);
  await oidc.authorizationCodeGrant(config, callback, checks);
  return oidc.authorizationCodeGrant(config, callback, checks);
}

/** Two processes use the same refresh token, one after the other. */
export async function refreshTwice(world: World, visitor: Visitor = {}) {
  const { config, tokens } = await signIn(world, visitor);
  const old = tokens.refresh_token ?? '';
  await oidc.refreshTokenGrant(config, old);
  return oidc.refreshTokenGrant(config, old);
}
