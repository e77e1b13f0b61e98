import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLimiter } from '../../internal/ratelimit/limiter.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import { createTestClock } from '../support/clock.ts';
import { startMonitor } from '../support/monitor.ts';
import type { Metadata } from '../support/program.ts';
import { tell } from '../support/redis-client.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { EVE, grant, HONEST, repeat, startLimited } from './rate-limits.fixture.ts';

const FAILED = 'client_authentication_failed';
const TOKEN: Metadata = { name: 'token', on: ['token'], by: 'client', limit: '3/1h' };
const PEER: Metadata = { name: 'network', on: ['token'], by: 'peer', limit: '9/1h' };
const GUESSES: Metadata = { name: 'guesses', on: [FAILED], by: 'client+peer', limit: '3/1h' };

let redis: RedisServer;
beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  redis.resume();
  await redis.stop();
});

const start = (rules: readonly Metadata[], limits: Metadata = {}) =>
  startLimited(
    rules,
    {
      config: { store: { driver: 'redis', redis: { url: redis.url, deadline: '300ms' } } },
    },
    limits,
  );

describe('limits in Redis (DO-1)', () => {
  it('are those of all processes together', async () => {
    const [one, other] = [await start([TOKEN]), await start([TOKEN])];

    const statuses = await repeat(4, (n) => grant(n % 2 === 0 ? one : other, 'app'));
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('are of each process where memory counts', async () => {
    const limits = { store: 'memory' };
    const [one, other] = [await start([TOKEN], limits), await start([TOKEN], limits)];

    expect(await repeat(4, () => grant(one, 'app'))).toEqual([200, 200, 200, 429]);
    expect((await grant(other, 'app')).status).toBe(200);
  });

  it('cost a script for each rule, and nothing where nobody is counted or nothing is left', async () => {
    const program = await start([TOKEN, PEER, GUESSES]);
    await grant(program, 'other');
    const monitor = await startMonitor(redis.port);
    await monitor.take();

    await grant(program, 'app');
    expect(await monitor.take(2)).toEqual(['evalsha', 'evalsha']);

    await repeat(3, () => grant(program, 'app'));
    await monitor.take();
    await grant(program, 'app');
    // Of the network, of which something is left.
    expect(await monitor.take(1)).toEqual(['evalsha']);
    monitor.stop();
  });

  it('let requests through while Redis is away, and no guesses', async () => {
    const program = await start([TOKEN, GUESSES]);
    redis.pause();

    expect(await repeat(5, () => grant(program, 'app'))).toEqual([200, 200, 200, 200, 200]);
    expect(await repeat(2, () => grant(program, 'app', EVE, 'wrong'))).toEqual([503, 503]);

    redis.resume();
    await expect.poll(async () => (await grant(program, 'app', EVE, 'wrong')).status).toBe(401);
  });

  it('refuse requests while Redis is away where a rule says so', async () => {
    const program = await start([{ ...TOKEN, when_store_fails: 'refuse' }]);
    redis.pause();

    const { status, headers } = await grant(program, 'app', HONEST);
    expect(status).toBe(503);
    expect(headers['retry-after']).toBeDefined();
  });
});

describe('100,000 addresses and names (DO-1)', () => {
  it('make no more keys than a rule keeps apart, and get in for free by none of them', async () => {
    const store = await openRedisStore({
      ...{ url: redis.url, issuer: 'https://sso.example', maxPending: 10, deadlineMs: 30_000 },
    });
    const rule = {
      name: 'guesses',
      on: [FAILED],
      by: 'client+peer',
      budget: { limit: 5, window: 3600 },
      exempt: { clients: new Set<string>(), subjects: new Set<string>(), networks: () => false },
      whenStoreFails: 'refuse',
    } as const;
    const events: unknown[] = [];
    const limiter = createLimiter({
      rules: [rule],
      proxies: { isProxy: () => false, header: undefined },
      maxKeys: 1000,
      take: store.take,
      budgetsOf: () => undefined,
      isClient: () => false,
      audit: (event) => events.push(event),
      now: createTestClock(1_800_000_000),
      salt: 'a salt',
    });
    const guess = (n: number) =>
      limiter
        .begin({
          ...{ endpoint: 'token', readsIdentity: false, rawHeaders: [], requestId: `r${n}` },
          connected: { address: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, unixSocket: false },
        })
        ?.notAuthenticated(`client-${n}`)
        .then(
          () => 'counted',
          () => 'refused',
        );

    const seen = new Map<string | undefined, number>();
    for (let n = 0; n < 100_000; n += 1000) {
      const some = Array.from({ length: 1000 }, (_, index) => guess(n + index));
      for (const word of await Promise.all(some)) seen.set(word, (seen.get(word) ?? 0) + 1);
    }

    const keys = Number(await tell(redis.port, {}, 'DBSIZE'));
    expect(keys).toBeGreaterThan(1000);
    expect(keys).toBeLessThanOrEqual(1000 + 4096 + 64);
    // Those beyond share what there is for 4,096.
    expect(seen.get('counted')).toBeLessThanOrEqual(1000 + 4096 * 5);
    expect(seen.get('refused')).toBeGreaterThan(70_000);
    expect(events.length).toBeLessThanOrEqual(1000);
    await store.close();
  }, 180_000);
});
