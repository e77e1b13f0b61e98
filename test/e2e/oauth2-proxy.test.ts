import http from 'node:http';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../support/free-port.ts';
import { openBrowser } from './browser.ts';
import { cookieOf, startAuthService, startNginx } from './nginx.ts';
import { startOauth2Proxy } from './oauth2-proxy.ts';
import { beginSignIn, CALLBACK, CLIENTS, discover, signIn } from './relying-party.ts';
import { ask, cleanUp, onCleanUp, startAsteroid } from './rig.ts';

const NOWHERE = 'http://nowhere.invalid/';
const CLIENT = { clientId: 'oauth2-proxy', clientSecret: 'a client secret of oauth2-proxy' };

const clientOf = (port: number): string => `clients:
  - client_id: ${CLIENT.clientId}
    client_secret: ${CLIENT.clientSecret}
    redirect_uris: ["http://127.0.0.1:${port}/oauth2/callback"]
    scope: openid profile email groups
`;

/** Asteroid behind nginx, where alice and bob have sessions; oauth2-proxy on `port` is its client. */
async function startIssuer(port: number): Promise<string> {
  const [listen = 0] = await findFreePorts(1);
  const issuer = `http://127.0.0.1:${listen}`;
  const asteroid = await startAsteroid({ issuer, clients: clientOf(port) });
  await startNginx({ listen, auth: await startAuthService(), asteroid });
  return issuer;
}

describe('oauth2-proxy as a relying party', () => {
  let origin: string;

  beforeAll(async () => {
    const [port = 0, upstream = 0] = await findFreePorts(2);
    origin = `http://127.0.0.1:${port}`;
    const echo = http.createServer((request, response) => {
      response.end(JSON.stringify(request.headers));
    });
    await new Promise<void>((resolve) => echo.listen(upstream, '127.0.0.1', resolve));
    onCleanUp(() => {
      echo.closeAllConnections();
      echo.close();
    });
    await startOauth2Proxy({ port, upstream, issuer: await startIssuer(port), ...CLIENT });
  });
  afterAll(cleanUp);

  it('signs alice in and tells the application who she is', async () => {
    const browser = openBrowser([cookieOf('alice')]);

    const { answer, steps } = await browser.visit(`${origin}/hello?a=b`, NOWHERE);

    expect([answer.status, steps.at(-1)]).toEqual([200, `200 ${origin}/hello?a=b`]);
    expect(JSON.parse(answer.body)).toMatchObject({
      'x-forwarded-user': 'alice',
      'x-forwarded-email': 'alice@example.test',
      'x-forwarded-groups': 'engineering',
    });
  });

  it('keeps her signed in without asking the issuer again', async () => {
    const browser = openBrowser([cookieOf('alice')]);
    await browser.visit(`${origin}/`, NOWHERE);

    const { steps } = await browser.visit(`${origin}/again`, NOWHERE);

    expect(steps).toEqual([`200 ${origin}/again`]);
  });
});

describe('oauth2-proxy as the upstream proxy', () => {
  let origin: string;
  let config: client.Configuration;

  beforeAll(async () => {
    const [port = 0] = await findFreePorts(1);
    origin = `http://127.0.0.1:${port}`;
    const inner = await startAsteroid({
      issuer: origin,
      clients: CLIENTS,
      upstream: 'preset: oauth2-proxy',
    });
    await startOauth2Proxy({
      port,
      upstream: inner.port,
      issuer: await startIssuer(port),
      open: '^/(?:[.]well-known/|(?:jwks[.]json|token|userinfo|introspect|revoke)$)',
      ...CLIENT,
    });
    config = await discover(origin);
  });
  afterAll(cleanUp);

  it('brings alice to a relying party, with userinfo, refresh and revocation', async () => {
    const tokens = await signIn(config, openBrowser([cookieOf('alice')]));

    expect(tokens.claims()).toMatchObject({ iss: origin, sub: 'alice' });
    const claims = await client.fetchUserInfo(config, tokens.access_token, 'alice');
    expect(claims.email).toBe('alice@example.test');
    const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
    await client.tokenRevocation(config, next.refresh_token ?? '');
    await expect(client.refreshTokenGrant(config, next.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('lets nobody say who they are', async () => {
    const { url, finish } = await beginSignIn(config);
    const spoof = { 'X-Forwarded-User': 'bob', 'X-Asteroid-Upstream-Secret': 'guessed' };

    const visit = await openBrowser([cookieOf('alice')]).visit(url.href, CALLBACK, spoof);

    expect((await finish(visit.url)).claims()?.sub).toBe('alice');
  });

  it('lets nobody in through a route that needs no sign-in', async () => {
    const { url } = await beginSignIn(config);
    const path = `/token/../authorize${url.search}`;

    const answer = await ask(`${origin}/`, { path, headers: { 'X-Forwarded-User': 'bob' } });

    expect(answer.headers.location?.startsWith(CALLBACK) ?? false).toBe(false);
  });
});
