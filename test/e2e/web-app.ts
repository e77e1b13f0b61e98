// A relying party with a browser in front of it: sessions of its own, openid-client for signing in and
// out, jose for what the issuer tells it in the back channel. As an application would write it.

import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { findFreePort } from '../support/free-port.ts';
import { onCleanUp } from './rig.ts';

const BACK_CHANNEL_LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';

export type WebApp = {
  readonly origin: string;
  readonly clientId: string;
  /** One entry of clients.yaml. */
  readonly metadata: string;
  /** Begins to work once the issuer answers. */
  readonly connect: (issuer: string) => Promise<void>;
  /** Who is signed in here, by their `sub`. */
  readonly signedIn: () => readonly string[];
  /** Refresh tokens of everybody who ever signed in, in order. */
  readonly refreshTokens: readonly string[];
  readonly refresh: (refreshToken: string) => Promise<unknown>;
  /** Claims of the logout tokens that verified, in order. */
  readonly logoutTokens: readonly JWTPayload[];
  /** Queries of the front-channel requests, in order. */
  readonly frontChannel: readonly URLSearchParams[];
};

type Session = { readonly sub: string; readonly sid: string; readonly idToken: string };

type Attempt = {
  readonly pkceCodeVerifier: string;
  readonly expectedState: string;
  readonly expectedNonce: string;
};

/** @param clientId also its name on pages. */
export async function startWebApp(clientId: string): Promise<WebApp> {
  const port = await findFreePort();
  const origin = `http://localhost:${port}`;
  const secret = `a secret of ${clientId} that nobody guesses`;
  const sessions = new Map<string, Session>();
  const attempts = new Map<string, Attempt>();
  const refreshTokens: string[] = [];
  const logoutTokens: JWTPayload[] = [];
  const frontChannel: URLSearchParams[] = [];
  let config: client.Configuration | undefined;
  let issuer = '';

  const connected = (): client.Configuration => {
    if (config === undefined) throw new Error('not connected to an issuer');
    return config;
  };
  const end = (matches: (session: Session) => boolean): void => {
    for (const [cookie, session] of sessions) if (matches(session)) sessions.delete(cookie);
  };

  const pages: Readonly<Record<string, (visit: Visit) => Promise<void> | void>> = {
    '/': ({ response, session }) => {
      const text = session === undefined ? 'nobody is signed in' : `signed in as ${session.sub}`;
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<h1>${clientId}: ${text}</h1>`);
    },
    async '/login'({ response, url }) {
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const attempt = {
        pkceCodeVerifier,
        expectedState: client.randomState(),
        expectedNonce: client.randomNonce(),
      };
      attempts.set(attempt.expectedState, attempt);
      const target = client.buildAuthorizationUrl(connected(), {
        ...Object.fromEntries(url.searchParams),
        redirect_uri: `${origin}/callback`,
        scope: 'openid profile email',
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        state: attempt.expectedState,
        nonce: attempt.expectedNonce,
      });
      redirect(response, target.href);
    },
    async '/callback'({ response, url }) {
      const attempt = attempts.get(url.searchParams.get('state') ?? '');
      const tokens = await client.authorizationCodeGrant(connected(), url, {
        ...attempt,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('no ID Token');
      const cookie = randomUUID();
      const { sub, sid } = claims;
      sessions.set(cookie, { sub, sid: String(sid), idToken: tokens.id_token ?? '' });
      refreshTokens.push(tokens.refresh_token ?? '');
      redirect(response, '/', { 'Set-Cookie': `${clientId}=${cookie}; Path=/; HttpOnly` });
    },
    '/logout'({ response, session }) {
      const target = client.buildEndSessionUrl(connected(), {
        post_logout_redirect_uri: `${origin}/signed-out`,
        id_token_hint: session?.idToken ?? '',
        state: 'from here & back = again',
      });
      end((one) => one === session);
      redirect(response, target.href);
    },
    '/signed-out'({ response, url }) {
      const state = url.searchParams.get('state') ?? '';
      response.writeHead(200, { 'Content-Type': 'text/plain' }).end(`goodbye: ${state}`);
    },
    async '/backchannel'({ request, response }) {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const claims = await verifyLogoutToken(form.get('logout_token') ?? '', connected(), clientId);
      logoutTokens.push(claims);
      end(({ sid }) => sid === claims['sid']);
      response.writeHead(200, { 'Cache-Control': 'no-store' }).end();
    },
    '/frontchannel'({ response, url }) {
      frontChannel.push(url.searchParams);
      if (url.searchParams.get('iss') === issuer) {
        end(({ sid }) => sid === url.searchParams.get('sid'));
      }
      response.writeHead(200, { 'Cache-Control': 'no-store' }).end();
    },
  };

  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', origin);
    const cookie = new RegExp(`\\b${clientId}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
    const visit = { request, response, url, session: sessions.get(cookie ?? '') };
    const page = pages[url.pathname];
    Promise.resolve(page?.(visit))
      .then(() => (page === undefined ? response.writeHead(404).end() : undefined))
      .catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });

  return {
    origin,
    clientId,
    metadata: `  - client_id: ${clientId}
    client_secret: ${secret}
    client_name: ${clientId}
    redirect_uris: ["${origin}/callback"]
    post_logout_redirect_uris: ["${origin}/signed-out"]
    backchannel_logout_uri: ${origin}/backchannel
    backchannel_logout_session_required: true
    frontchannel_logout_uri: ${origin}/frontchannel
    frontchannel_logout_session_required: true
`,
    async connect(url) {
      issuer = url;
      config = await client.discovery(new URL(url), clientId, secret, client.ClientSecretBasic(), {
        execute: [client.allowInsecureRequests],
      });
    },
    signedIn: () => [...sessions.values()].map(({ sub }) => sub),
    refreshTokens,
    refresh: (refreshToken) => client.refreshTokenGrant(connected(), refreshToken),
    logoutTokens,
    frontChannel,
  };
}

type Visit = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly session: Session | undefined;
};

const redirect = (
  response: ServerResponse,
  location: string,
  headers: http.OutgoingHttpHeaders = {},
): void => {
  response.writeHead(303, { Location: location, ...headers }).end();
};

/** Back-Channel Logout 1.0 §2.6, step by step. */
async function verifyLogoutToken(
  token: string,
  config: client.Configuration,
  audience: string,
): Promise<JWTPayload> {
  const { issuer, jwks_uri = '' } = config.serverMetadata();
  const keys = createRemoteJWKSet(new URL(jwks_uri));
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience,
    typ: 'logout+jwt',
    algorithms: ['ES256'],
    requiredClaims: ['iat', 'exp', 'jti', 'events', 'sid', 'sub'],
  });
  const event = Object(payload['events'])[BACK_CHANNEL_LOGOUT];
  if (typeof event !== 'object' || 'nonce' in payload) throw new Error('not a logout token');
  return payload;
}
