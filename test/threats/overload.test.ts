// A store that answers nobody for a while, and more requests than may wait for it.

import { afterAll, describe, expect, it } from 'vitest';
import { startProgram } from '../support/program.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { ask, attempt, HOST, honest, SIGNED_IN, signIn } from './threats.fixture.ts';

const REQUESTS = 20;
const ASKED = 60;

describe('more requests than may wait for a store (N7, F-3)', () => {
  let redis: RedisServer | undefined;
  afterAll(() => redis?.stop());

  it('are refused while it is frozen, and those before them, probes and keys are answered', async () => {
    redis = await startRedis();
    const program = await startProgram({
      config: {
        store: { driver: 'redis', redis: { url: redis.url, deadline: '30s' } },
        // However slow the machine is, nobody is refused for having waited.
        limits: { requests: REQUESTS, queue: '1m' },
      },
    });
    const get = (name: 'public' | 'admin', path: string, ...lines: readonly string[]) =>
      ask(program.at(name), [`GET ${path} HTTP/1.1`, HOST, ...lines]);
    await until(async () => (await get('admin', '/readyz')).status === 200);
    const { access_token } = await signIn(program);
    const statuses: number[] = [];

    redis.pause();
    const all = Array.from({ length: ASKED }, async () => {
      const { status } = await get('public', '/userinfo', `Authorization: Bearer ${access_token}`);
      statuses.push(status);
    });
    await expect.poll(() => statuses.length, { timeout: 15_000 }).toBe(ASKED - REQUESTS);
    const [early, live, keys] = [
      [...statuses],
      await get('admin', '/livez'),
      await get('public', '/jwks.json'),
    ];
    redis.resume();
    await Promise.all(all);

    expect(new Set(early)).toEqual(new Set([503]));
    expect([live.status, keys.status]).toEqual([200, 200]);
    expect(statuses.slice(early.length)).toEqual(Array.from({ length: REQUESTS }, () => 200));
    expect(program.logged().filter(({ cause }) => cause === 'requests')).toHaveLength(1);
    expect(program.logged().filter(({ status }) => status === 503)).toEqual([]);
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });
});
