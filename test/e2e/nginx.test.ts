import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { openBrowser } from './browser.ts';
import { cookieOf, startAuthService, startNginx } from './nginx.ts';
import {
  AFTER_SIGN_OUT,
  beginSignIn,
  CALLBACK,
  CLIENTS,
  discover,
  signIn,
} from './relying-party.ts';
import { type Asteroid, ask, cleanUp, startAsteroid, startRedis } from './rig.ts';

/** `status` answers somebody without a session, `steps` is how many it takes until they are back. */
const SETUPS = [
  { name: 'memory', redis: false, socket: false, preset: 'custom', status: 302, steps: 2 },
  { name: 'Redis', redis: true, socket: false, preset: 'custom', status: 302, steps: 2 },
  {
    name: 'memory, on a Unix socket, by its preset',
    redis: false,
    socket: true,
    // Asteroid itself sends people to sign in.
    preset: 'nginx-auth-request',
    status: 303,
    steps: 3,
  },
];

for (const setup of SETUPS) {
  describe(`openid-client over nginx with auth_request, ${setup.name}`, () => {
    let config: client.Configuration;
    let asteroid: Asteroid;
    let origin: string;

    beforeAll(async () => {
      const listen = await findFreePort();
      origin = `http://127.0.0.1:${listen}`;
      const redis = setup.redis ? { redisUrl: (await startRedis()).url } : {};
      const { socket, preset } = setup;
      const upstream = preset === 'custom' ? {} : { upstream: `preset: ${preset}` };
      const options = { issuer: origin, clients: CLIENTS, socket, ...redis, ...upstream };
      asteroid = await startAsteroid(options);
      await startNginx({ listen, auth: await startAuthService(), asteroid, preset });
      config = await discover(origin);
    });
    afterAll(cleanUp);

    const browserOf = (name: 'alice' | 'bob') => openBrowser([cookieOf(name)]);

    it('signs alice in, with an ID Token that names her', async () => {
      const tokens = await signIn(config, browserOf('alice'));

      expect(tokens.claims()).toMatchObject({ iss: origin, sub: 'alice', name: 'Alice Example' });
      expect(tokens.scope?.split(' ')).toContain('offline_access');
    });

    it('sends somebody without a session to the auth service, and brings them back', async () => {
      const { url, finish } = await beginSignIn(config);

      const visit = await openBrowser().visit(url.href, CALLBACK);

      expect(visit.steps).toHaveLength(setup.steps);
      expect((await finish(visit.url)).claims()?.sub).toBe('alice');
    });

    if (setup.preset === 'nginx-auth-request') {
      it('answers the client that nobody is signed in, where it asks for no page', async () => {
        const { url } = await beginSignIn(config);
        url.searchParams.set('prompt', 'none');

        const answer = await ask(url.href);

        expect(answer.headers.location?.startsWith(CALLBACK)).toBe(true);
        expect(answer.headers.location).toContain('error=login_required');
      });
    }

    it('tells the claims of the End-User at userinfo', async () => {
      const tokens = await signIn(config, browserOf('alice'));

      const claims = await client.fetchUserInfo(config, tokens.access_token, 'alice');

      expect(claims).toMatchObject({ sub: 'alice', email: 'alice@example.test' });
      expect(claims['groups']).toContain('engineering');
    });

    it('rotates refresh tokens and introspects what they bring', async () => {
      const first = await signIn(config, browserOf('bob'));

      const second = await client.refreshTokenGrant(config, first.refresh_token ?? '');

      expect(second.refresh_token).toEqual(expect.any(String));
      expect(second.refresh_token).not.toBe(first.refresh_token);
      expect(second.claims()?.sub).toBe('bob');
      expect(await client.tokenIntrospection(config, second.access_token)).toMatchObject({
        active: true,
        sub: 'bob',
      });
    });

    it('ends everything on revocation', async () => {
      const tokens = await signIn(config, browserOf('alice'));
      const refreshToken = tokens.refresh_token ?? '';

      await client.tokenRevocation(config, refreshToken);

      await expect(client.refreshTokenGrant(config, refreshToken)).rejects.toMatchObject({
        error: 'invalid_grant',
        status: 400,
      });
      expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({
        active: false,
      });
      await expect(client.fetchUserInfo(config, tokens.access_token, 'alice')).rejects.toThrow();
    });

    it('signs alice out, and back in only when she is asked aloud', async () => {
      const browser = browserOf('alice');
      const tokens = await signIn(config, browser);
      const url = client.buildEndSessionUrl(config, {
        id_token_hint: tokens.id_token ?? '',
        post_logout_redirect_uri: AFTER_SIGN_OUT,
        state: 'a b&c',
      });
      const { url: after } = await browser.visit(url.href, AFTER_SIGN_OUT);

      expect(after).toBe(`${AFTER_SIGN_OUT}?state=a%20b%26c`);
      const silent = async () => {
        const { url: first } = await beginSignIn(config);
        first.searchParams.set('prompt', 'none');
        return new URL((await browser.visit(first.href, CALLBACK)).url).searchParams;
      };
      expect((await silent()).get('error')).toBe('login_required');
      await signIn(config, browser);
      expect((await silent()).has('code')).toBe(true);
    });

    it('asks alice first where no client shows whose session it is', async () => {
      const browser = browserOf('alice');
      await signIn(config, browser);
      const { answer } = await browser.visit(`${origin}/end_session`, CALLBACK);

      expect([answer.status, answer.body.includes('Do you want to sign out?')]).toEqual([
        200,
        true,
      ]);
      expect(answer.body).toContain('<strong>alice</strong>');
    });

    it('has nobody sign in to sign out, and asks nothing of whoever comes back', async () => {
      for (const path of ['/end_session', '/signed_out']) {
        const headers = { 'X-Authenticated-User': 'alice' };
        const { answer, steps } = await openBrowser().visit(origin + path, CALLBACK, headers);

        expect([answer.status, steps.length]).toEqual([200, 1]);
        expect(answer.body).toContain('You are signed out');
      }
    });

    const SPOOFS: readonly Record<string, string>[] = [
      { 'X-Authenticated-User': 'bob' },
      { 'x-authenticated-user': 'bob', 'x-authenticated-groups': 'admins' },
      { 'X-Auth-Request-User': 'bob' },
      { X_Authenticated_User: 'bob' },
      { Connection: 'close, X-Authenticated-User', 'X-Authenticated-User': 'bob' },
    ];
    for (const headers of SPOOFS) {
      it(`gives alice's tokens to alice whatever her browser says: ${Object.keys(headers)}`, async () => {
        const { url, finish } = await beginSignIn(config);

        const visit = await browserOf('alice').visit(url.href, CALLBACK, headers);

        expect((await finish(visit.url)).claims()?.sub).toBe('alice');
      });
    }

    it('signs nobody in who only says who they are', async () => {
      const { url } = await beginSignIn(config);

      const answer = await ask(url.href, { headers: { 'X-Authenticated-User': 'bob' } });

      expect(answer.status).toBe(setup.status);
      expect(answer.headers.location?.startsWith(CALLBACK)).toBe(false);
    });

    it('refuses whoever goes around nginx with 403', async () => {
      const { url } = await beginSignIn(config);
      const direct = `http://127.0.0.1:${asteroid.port}${url.pathname}${url.search}`;

      const answer = await ask(direct, {
        socketPath: asteroid.socketPath,
        headers: { Host: new URL(origin).host, 'X-Authenticated-User': 'bob' },
      });

      expect(answer.status).toBe(403);
    });

    for (const near of [
      '/Authorize',
      '/authorize/',
      '/authorize%2f',
      '/authorize;x',
      '/authorize%20',
      '/%61uthorize/',
      '/x/../Authorize',
      '/x/../authorize',
      '//authorize',
    ]) {
      it(`answers ${near} with 404, whoever asks`, async () => {
        const { url } = await beginSignIn(config);
        const headers = { cookie: cookieOf('alice'), 'X-Authenticated-User': 'bob' };

        const answer = await ask(`${origin}/`, { headers, path: `${near}${url.search}` });

        expect(answer.status).toBe(404);
        expect(answer.headers.location).toBeUndefined();
      });
    }

    it('answers the exact path with the identity that the auth service knows', async () => {
      const { url } = await beginSignIn(config);

      const answer = await ask(url.href, { headers: { cookie: cookieOf('alice') } });

      expect(answer.status).toBe(303);
      expect(answer.headers.location?.startsWith(CALLBACK)).toBe(true);
    });
  });
}
