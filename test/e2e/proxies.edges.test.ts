// The printed lines where something is missing: an auth service that is silent, a login_url, the
// listener that all paths share.

import type * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApache } from './apache.ts';
import { openBrowser } from './browser.ts';
import { startCaddy } from './caddy.ts';
import {
  AUTH_REQUEST,
  choose,
  type Front,
  startAuth,
  withEmulation,
  withPasswords,
  withSessions,
} from './fronts.ts';
import { startHaproxy } from './haproxy.ts';
import { cookieOf, startNginx } from './nginx.ts';
import { type RawAnswer, sendRaw, wordsOf } from './raw.ts';
import { beginSignIn, CALLBACK, discover, signIn } from './relying-party.ts';
import { ask, cleanUp } from './rig.ts';

const nginx = withEmulation(async (listen, auth, asteroid) => {
  await startNginx({ listen, auth, asteroid, preset: AUTH_REQUEST });
});

const caddyOf = (release: 'debian' | 'current', without?: RegExp) =>
  withEmulation(async (listen, auth, asteroid) => {
    const options = { release, listen, auth, asteroid, preset: AUTH_REQUEST };
    await startCaddy(without === undefined ? options : { ...options, without });
  });

/** Asks for a code on the way that a browser would take. */
async function authorize(
  front: Front,
  config: client.Configuration,
  lines: readonly string[],
): Promise<RawAnswer> {
  const { url } = await beginSignIn(config);
  const target = url.pathname + url.search;
  return await sendRaw(front.port, { target, host: new URL(front.origin).host, lines });
}

for (const [name, start] of [
  ['nginx', nginx],
  ['caddy of Debian', caddyOf('debian')],
  ['caddy', caddyOf('current')],
] as const) {
  describe(`${name} with an auth service that says yes and not to whom (T08)`, () => {
    let front: Front;
    let config: client.Configuration;

    beforeAll(async () => {
      front = await start();
      config = await discover(front.origin);
    });
    afterAll(cleanUp);

    it('knows nobody, whoever the client says it is', async () => {
      const yes = `Cookie: ${cookieOf('nobody')}`;
      for (const lines of [
        [],
        ['X-Authenticated-User: bob'],
        ['X-Auth-Request-User: bob'],
        ['X-Authenticated-Email: bob@example.test', 'X-Authenticated-Groups: admins'],
      ]) {
        const { status, location } = await authorize(front, config, [yes, ...lines]);

        expect([status, location.startsWith('/oauth2/start?')]).toEqual([303, true]);
      }
    });

    it('knows carol, of whom it says nothing but the name, and alice', async () => {
      const carol = (await signIn(config, openBrowser([cookieOf('carol')]))).claims();

      expect([carol?.sub, carol?.['email'], carol?.['groups']]).toEqual([
        'carol',
        undefined,
        undefined,
      ]);
      expect((await signIn(config, openBrowser([cookieOf('alice')]))).claims()?.sub).toBe('alice');
    });
  });
}

describe('the Caddy of Debian without the lines that take its placeholders away (T18)', () => {
  let front: Front;
  let config: client.Configuration;

  beforeAll(async () => {
    front = await caddyOf('debian', /asteroid_unsaid/)();
    config = await discover(front.origin);
  });
  afterAll(cleanUp);

  it('writes them for what nobody said, and the issuer refuses them', async () => {
    for (const person of ['nobody', 'carol'] as const) {
      const before = front.asteroid.output().length;
      const { status } = await authorize(front, config, [`Cookie: ${cookieOf(person)}`]);

      expect(status).toBe(400);
      await expect.poll(() => front.asteroid.output().slice(before)).toContain('placeholder');
    }
  });

  it('signs alice in, of whom everything is said', async () => {
    expect((await signIn(config, openBrowser([cookieOf('alice')]))).claims()?.sub).toBe('alice');
  });
});

describe('Caddy in front of an issuer without login_url', () => {
  let front: Front;
  let config: client.Configuration;

  beforeAll(async () => {
    front = await withSessions(undefined, async (listen, asteroid) => {
      const auth = await startAuth(listen);
      await startCaddy({ release: 'current', listen, auth, asteroid, preset: 'custom' });
    })();
    config = await discover(front.origin);
  });
  afterAll(cleanUp);

  it('sends nobody to oauth2-proxy, which brings them back to the very request', async () => {
    const { url, finish } = await beginSignIn(config);
    const browser = openBrowser();

    const page = await browser.visit(url.href, CALLBACK);
    const back = await choose(browser, page, 'alice', CALLBACK);

    expect((await finish(back.url)).claims()?.sub).toBe('alice');
  });

  it('lets nobody sign out without signing in, and knows who does', async () => {
    const path = `${front.origin}/end_session`;
    const nobody = await ask(path, { headers: { 'X-Authenticated-User': 'bob' } });
    const { answer } = await (await front.browserOf('alice')).visit(path, CALLBACK);

    expect([nobody.status, nobody.body.includes('You are signed out')]).toEqual([200, true]);
    expect(answer.body).toContain('<strong>alice</strong>');
  });
});

for (const [name, start] of [
  ['nginx', nginx],
  ['caddy', caddyOf('current')],
  ['apache', withPasswords(startApache)],
  ['haproxy', withPasswords(startHaproxy)],
] as const) {
  describe(`${name} where what reads an identity has a listener of its own (T14)`, () => {
    let front: Front;
    let config: client.Configuration;

    beforeAll(async () => {
      front = await start(true);
      config = await discover(front.origin);
    });
    afterAll(cleanUp);

    it('signs alice in over both', async () => {
      const tokens = await signIn(config, await front.browserOf('alice'));

      expect(tokens.claims()?.sub).toBe('alice');
    });

    it('knows her at /end_session, and a stranger nowhere', async () => {
      const host = new URL(front.origin).host;
      const asked = async (target: string, lines: readonly string[]) =>
        (await sendRaw(front.port, { target, host, lines })).text;
      const alice = await front.linesOf('alice');

      expect(await asked('/end_session', alice)).toContain('<strong>alice</strong>');
      const forged = ['X-Authenticated-User: bob'];
      expect(await asked('/end_session', forged)).toContain('You are signed out');
      expect(wordsOf(await asked('//end_session', forged))).not.toContain('bob');
    });
  });
}
