import { setTimeout as sleep } from 'node:timers/promises';
import type * as client from 'openid-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { type Browser, openBrowser, type Visit } from './browser.ts';
import { chooseAt } from './chooser.ts';
import { type HeaderLine, sessionOf, startEmulator } from './emulator.ts';
import { startIdTokenRig } from './oauth2-proxy-id-token.ts';
import { beginSignIn, CALLBACK, CLIENTS, discover } from './relying-party.ts';
import { cleanUp, startAsteroid } from './rig.ts';

const HEADERS = `headers:
    subject: { name: X-Authenticated-User }`;

const AGAIN = `reauthenticate_url: "/again?max_age=\${max_age}&rd=\${url}"`;

/** The next whole second, so that a time that is stated then is a later one. */
const tick = (): Promise<void> => sleep(1000 - (Date.now() % 1000) + 50);

const now = (): number => Math.floor(Date.now() / 1000);

type Asked = Readonly<Record<string, string>>;

/** What a browser brings to the callback, after whoever is at it did what the pages want. */
async function visit(
  config: client.Configuration,
  browser: Browser,
  asked: Asked = {},
  meet: (page: Visit) => Promise<Visit> = async (page) => page,
) {
  const { url, finish } = await beginSignIn(config, asked);
  const arrived = await browser.visit(url.href, CALLBACK);
  const back = arrived.url.startsWith(CALLBACK) ? arrived : await meet(arrived);
  if (!back.url.startsWith(CALLBACK)) throw new Error(back.steps.join('\n'));
  return {
    steps: [...arrived.steps, ...(back === arrived ? [] : back.steps)],
    error: new URL(back.url).searchParams.get('error'),
    authTime: async () => (await finish(back.url)).claims()?.auth_time,
  };
}

type Proxy = {
  readonly config: client.Configuration;
  /** Who has been signed in there since when. */
  readonly since: Map<string, number>;
  /** What becomes of it where they sign in again; of whoever is not here nothing does. */
  readonly again: Map<string, (before: number) => number>;
  /** Queries of the visits to the place where one signs in again. */
  readonly visits: URLSearchParams[];
};

/** It has sessions of alice and bob; alice types her password when she is asked. */
async function startProxy({
  statesTime,
  upstream,
}: {
  readonly statesTime: boolean;
  readonly upstream: string;
}): Promise<Proxy> {
  const since = new Map<string, number>();
  const again = new Map<string, (before: number) => number>([['alice', now]]);
  const visits: URLSearchParams[] = [];
  const port = await findFreePort();
  const issuer = `http://127.0.0.1:${port}`;
  const target = await startAsteroid({ issuer, clients: CLIENTS, upstream });
  const timeOf = (person: string): readonly HeaderLine[] =>
    statesTime ? [['X-Authenticated-Time', `${since.get(person) ?? 0}`]] : [];
  await startEmulator({
    port,
    target,
    removes: (name) => name.startsWith('x-authenticated-'),
    says: async (person) => [['X-Authenticated-User', person], ...timeOf(person)],
    isProvenBySecret: true,
    pages: {
      '/again': (request, response) => {
        const { searchParams } = new URL(request.url ?? '', issuer);
        visits.push(searchParams);
        for (const [person, sign] of again) {
          if (!request.headers.cookie?.includes(sessionOf(person))) continue;
          since.set(person, sign(since.get(person) ?? 0));
        }
        response.writeHead(302, { Location: searchParams.get('rd') ?? '/' }).end();
      },
    },
  });
  return { config: await discover(issuer), since, again, visits };
}

describe('behind an emulated proxy that authenticates anew (X-4)', () => {
  let proxy: Proxy;
  beforeAll(async () => {
    const upstream = `${HEADERS}\n    auth_time: { name: X-Authenticated-Time }\n  ${AGAIN}`;
    proxy = await startProxy({ statesTime: true, upstream });
  });
  beforeEach(() => {
    proxy.visits.length = 0;
    proxy.again.delete('bob');
    for (const person of ['alice', 'bob']) proxy.since.set(person, now() - 60);
  });
  afterAll(cleanUp);

  for (const [what, asked] of [
    ['prompt=login', { prompt: 'login' }],
    ['max_age=1', { max_age: '1' }],
    ['max_age=0', { max_age: '0' }],
  ] as const) {
    it(`keeps ${what} with a second, later auth_time, after one visit there`, async () => {
      const before = proxy.since.get('alice');
      const browser = openBrowser([sessionOf('alice')]);
      const first = await visit(proxy.config, browser);
      expect(proxy.visits).toHaveLength(0);

      const second = await visit(proxy.config, browser, asked);

      expect([first.error, second.error]).toEqual([null, null]);
      expect(proxy.visits.map((query) => query.get('max_age'))).toEqual([
        'max_age' in asked ? asked.max_age : '',
      ]);
      expect(await first.authTime()).toBe(before);
      expect(await second.authTime()).toBe(proxy.since.get('alice'));
      expect(proxy.since.get('alice')).toBeGreaterThan((before ?? 0) + 50);
    });

    it(`answers ${what} with login_required when bob comes back as he went, and asks him once`, async () => {
      const { error } = await visit(proxy.config, openBrowser([sessionOf('bob')]), asked);

      expect([error, proxy.visits.length]).toEqual(['login_required', 1]);
    });
  }

  it('takes no other sign-in of bob for one that he was asked for', async () => {
    proxy.since.set('bob', now() - 3600);
    proxy.again.set('bob', (before) => before + 1800);

    const { error } = await visit(proxy.config, openBrowser([sessionOf('bob')]), {
      prompt: 'login',
    });

    expect([error, proxy.visits.length]).toEqual(['login_required', 1]);
  });

  it('sends nobody anywhere for a max_age that is kept, nor with prompt=none', async () => {
    const browser = openBrowser([sessionOf('alice')]);
    const young = await visit(proxy.config, browser, { max_age: '3600' });
    const silent = await visit(proxy.config, browser, { max_age: '1', prompt: 'none' });

    expect(await young.authTime()).toBe(proxy.since.get('alice'));
    expect([young.error, silent.error, proxy.visits.length]).toEqual([null, 'login_required', 0]);
  });
});

describe('behind an emulated proxy that does not say when somebody signed in (X-4)', () => {
  let dumb: Proxy;
  let asking: Proxy;
  beforeAll(async () => {
    dumb = await startProxy({ statesTime: false, upstream: HEADERS });
    asking = await startProxy({ statesTime: false, upstream: `${HEADERS}\n  ${AGAIN}` });
  });
  afterAll(cleanUp);

  it('signs alice in without an auth_time', async () => {
    const { authTime } = await visit(dumb.config, openBrowser([sessionOf('alice')]));

    expect(await authTime()).toBeUndefined();
  });

  for (const asked of [{ prompt: 'login' }, { max_age: '1' }] as const) {
    it(`answers ${new URLSearchParams(asked)} with login_required, at once or after one visit`, async () => {
      const browser = openBrowser([sessionOf('alice')]);
      const [at, after] = [
        await visit(dumb.config, browser, asked),
        await visit(asking.config, browser, asked),
      ];

      expect([at.error, at.steps.length]).toEqual(['login_required', 1]);
      expect([after.error, after.steps.length]).toEqual(['login_required', 3]);
    });
  }
});

describe('behind the real oauth2-proxy, by the preset oauth2-proxy-id-token (X-4)', () => {
  let config: client.Configuration;
  let provider: string;
  beforeAll(async () => {
    const rig = await startIdTokenRig(CLIENTS);
    config = await discover(rig.issuer);
    provider = rig.provider.issuer;
  });
  afterAll(cleanUp);

  for (const [what, asked, wait] of [
    ['prompt=login', { prompt: 'login' }, tick],
    ['max_age=1', { max_age: '1' }, () => sleep(2100)],
  ] as const) {
    it(`keeps ${what} with a second, later auth_time of the identity provider`, async () => {
      const browser = openBrowser();
      const choose = (page: Visit) => chooseAt(page, 'alice', browser);
      const first = await visit(config, browser, {}, choose);
      const still = await visit(config, browser, {}, choose);
      await wait();
      const since = now();

      const second = await visit(config, browser, asked, choose);

      const [one, same, two] = [
        await first.authTime(),
        await still.authTime(),
        await second.authTime(),
      ];
      expect(same).toBe(one);
      expect(one).toBeLessThan(since);
      expect(two).toBeGreaterThanOrEqual(since);
      // The proxy would have had her session; the identity provider was asked all the same.
      expect(still.steps).toHaveLength(1);
      const asks = second.steps.filter(
        (step) => step.startsWith(`303 ${provider}/authorize?`) && step.includes('client_id='),
      );
      expect(asks.map((step) => new URL(step.slice(4)).searchParams.get('prompt'))).toEqual([
        'login',
      ]);
    });
  }

  it('asks whoever arrives with prompt=login twice: for the proxy, and for the request', async () => {
    const browser = openBrowser();
    const pages: string[] = [];

    const { authTime } = await visit(config, browser, { prompt: 'login' }, async (page) => {
      const again = await chooseAt(page, 'alice', browser);
      pages.push(page.url, again.url);
      await tick();
      return await chooseAt(again, 'alice', browser);
    });

    expect(pages.map((page) => page.startsWith(`${provider}/choose?`))).toEqual([true, true]);
    expect(await authTime()).toBeGreaterThanOrEqual(now() - 1);
  });

  it('lets nobody hand the identity provider another prompt through it', async () => {
    const { origin } = new URL(config.serverMetadata().issuer);
    const page = await openBrowser().visit(`${origin}/oauth2/start?prompt=none&rd=/`, CALLBACK);

    const asked = new URL(new URL(page.url).searchParams.get('rd') ?? '');
    expect(asked.href.startsWith(`${provider}/authorize?`)).toBe(true);
    expect(asked.searchParams.has('client_id')).toBe(true);
    expect(asked.searchParams.has('prompt')).toBe(false);
  });
});
