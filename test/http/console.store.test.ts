// The console while its store goes away and comes back: a real Redis, behind a proxy that loses it.

import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WRITER } from '../support/admin-api.ts';
import {
  type ConsoleSite,
  fieldOf,
  signInOf,
  startConsole,
  type Visitor,
} from '../support/console.ts';
import { CLIENT_SECRET, type Metadata, makeFolder } from '../support/program.ts';
import { ask } from '../support/raw-http.ts';
import { tell } from '../support/redis-client.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { basic } from '../support/requests.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const FORM = 'Content-Type: application/x-www-form-urlencoded';
const PATIENT = { timeout: 30_000 };

let redis: RedisServer;
let proxy: TcpProxy;

beforeAll(async () => {
  redis = await startRedis();
  proxy = await startTcpProxy(redis.port);
});
afterAll(async () => {
  await proxy.stop();
  await redis.stop();
});

/** Nobody is let through, and whoever was is cut off. */
function takeAway(): void {
  proxy.aim(1);
  proxy.cutAll();
}

async function bringBack(site: ConsoleSite): Promise<void> {
  proxy.aim(redis.port);
  const ready = async () => (await fetch(`${site.origin}/readyz`)).status;
  await expect.poll(ready, PATIENT).toBe(200);
}

const start = (keys: Metadata = { source: 'ephemeral' }) =>
  startConsole({
    config: { keys, store: { driver: 'redis', redis: { url: `redis://127.0.0.1:${proxy.port}` } } },
  });

async function enter(site: ConsoleSite): Promise<Visitor> {
  const visitor = site.visitor();
  expect((await visitor.signIn(WRITER)).status).toBe(303);
  return visitor;
}

describe('the console while the store is away', () => {
  it('is looked at by whoever signed in, who changes nothing until it is back', async () => {
    const site = await start();
    const visitor = await enter(site);
    const proof = fieldOf(await visitor.open('/console/do/rotate'), 'proof');
    takeAway();

    for (const path of ['', '/keys', '/audit', '/identity', '/configuration']) {
      const { status, body } = await visitor.open(`/console${path}`);
      expect([path, status, body.includes('The store does not answer')]).toEqual([path, 200, true]);
      expect(body).not.toContain('/console/do/');
    }
    expect((await visitor.open('/console')).body).toMatch(/Not ready: <bdi[^>]*>store</);
    expect((await visitor.open('/console/sessions')).status).toBe(503);
    expect((await visitor.send('/console/do/rotate', { proof })).status).toBe(503);
    expect((await visitor.open('/console/do/rotate')).status).toBe(503);
    expect(site.program.logged().some(({ msg }) => msg === 'admin.refused')).toBe(false);
    expect(site.program.logged().some(({ msg }) => msg === 'keys.rotated')).toBe(false);

    await bringBack(site);
    const page = await visitor.open('/console/keys');
    expect(page.body).not.toContain('The store does not answer');
    expect((await visitor.send('/console/do/rotate', { proof })).status).toBe(303);
  });

  it('lets in whoever shows a token of the configuration, and tells them the same', async () => {
    const site = await start();
    await site.visitor().open('/console');
    takeAway();

    const visitor = await enter(site);
    expect((await visitor.open('/console')).body).toContain('The store does not answer');
    await bringBack(site);
  });

  it('takes nobody for one who guesses, whose access token cannot be looked up', async () => {
    const audience = 'https://sso.example/admin';
    const site = await startConsole({
      config: {
        scopes: { 'admin:write': {} },
        store: { driver: 'redis', redis: { url: `redis://127.0.0.1:${proxy.port}` } },
      },
      admin: { access_tokens: { audience, clients: ['ops'], write_scope: 'admin:write' } },
      clients: [
        {
          ...{ client_id: 'ops', client_secret: CLIENT_SECRET, scope: 'admin:write' },
          ...{ grant_types: ['client_credentials'], resources: [audience] },
        },
      ],
    });
    const body = `${new URLSearchParams({ grant_type: 'client_credentials', resource: audience })}`;
    const lines = [
      ...['POST /token HTTP/1.1', 'Host: sso.example', FORM],
      ...[`Authorization: ${basic('ops', CLIENT_SECRET)}`, `Content-Length: ${body.length}`],
    ];
    const token = JSON.parse((await ask(site.program.public, lines, body)).body).access_token;
    const visitor = site.visitor();
    await visitor.open('/console/sign-in');
    takeAway();

    for (let attempt = 0; attempt < 12; attempt += 1) {
      expect([attempt, (await visitor.signIn(token)).status]).toEqual([attempt, 503]);
    }
    await bringBack(site);
    expect((await visitor.signIn(token)).status).toBe(303);
  });

  it('ends a sign-in all the same, says what that is worth, and it does not come back', async () => {
    const site = await start();
    const visitor = await enter(site);
    const kept = { Cookie: signInOf(visitor) };
    const proof = fieldOf(await visitor.open('/console'), 'proof');
    takeAway();

    const left = await visitor.send('/console/sign-out', { proof });
    expect([left.status, signInOf(visitor)]).toEqual([503, '']);
    expect(left.body).toContain('other processes of the issuer were not told');
    expect((await site.visitor().open('/console', kept)).status).toBe(303);
    await bringBack(site);
    expect((await site.visitor().open('/console', kept)).status).toBe(303);
  });
});

describe('a sign-out from the console', () => {
  it('is one at every process of the issuer, also of one that starts later', async () => {
    const { file } = await makeFolder();
    await mkdir(file('keys'), { mode: 0o700 });
    const [one, other] = [await start({ dir: file('keys') }), await start({ dir: file('keys') })];
    const visitor = await enter(one);
    const [kept, stays] = [signInOf(visitor), signInOf(await enter(one))];
    const shown = async ({ visitor: make }: ConsoleSite, Cookie: string) =>
      (await make().open('/console', { Cookie })).status;
    expect([await shown(one, kept), await shown(other, kept)]).toEqual([200, 200]);

    await visitor.send('/console/sign-out', {
      proof: fieldOf(await visitor.open('/console'), 'proof'),
    });

    const later = await start({ dir: file('keys') });
    for (const site of [one, other, later]) {
      expect([await shown(site, kept), await shown(site, stays)]).toEqual([303, 200]);
    }
  });

  it('lasts, also where the next configuration lets sign-ins count for as long as any may', async () => {
    const site = await start();
    const visitor = await enter(site);
    const { body } = await visitor.open('/console');
    const before = new Set((await tell(redis.port, {}, 'KEYS', '*')) as string[]);
    await visitor.send('/console/sign-out', { proof: fieldOf({ body }, 'proof') });

    const keys = (await tell(redis.port, {}, 'KEYS', '*')) as string[];
    const made = keys.filter((key) => !before.has(key));
    const lives = await Promise.all(made.map((key) => tell(redis.port, {}, 'TTL', key)));
    expect(Math.max(...lives.map(Number))).toBeGreaterThan(7 * 86_400 - 60);
  });

  it('is not forgotten with what the store knew: whoever signed in before does it again', async () => {
    const site = await start();
    const visitor = await enter(site);
    const kept = signInOf(visitor);
    await visitor.send('/console/sign-out', {
      proof: fieldOf(await visitor.open('/console'), 'proof'),
    });
    const other = await enter(site);
    expect((await other.open('/console')).status).toBe(200);

    await tell(redis.port, {}, 'FLUSHALL');
    proxy.cutAll();
    // Until the store is back, and no sign-in can be of a moment that it forgot.
    const entered = async () => (await (await enter(site)).open('/console/keys')).status;
    await expect.poll(entered, PATIENT).toBe(200);
    expect((await other.open('/console')).status).toBe(303);
    expect((await site.visitor().open('/console', { Cookie: kept })).status).toBe(303);
  });
});
