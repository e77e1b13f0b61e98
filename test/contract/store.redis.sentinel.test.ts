import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import type { RedisStoreOptions } from '../../internal/store/redis/connection/options.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Store } from '../../internal/store/store.ts';
import {
  createGranted,
  createRedeemed,
  EXPECTED,
  NOW,
  newRedemption,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { startLoop, untilReady } from '../support/outage.ts';
import { tell } from '../support/redis-client.ts';
import {
  type RedisSentinel,
  type SentinelOptions,
  startSentinel,
} from '../support/redis-sentinel.ts';
import type { RedisServer } from '../support/redis-server.ts';

const DEADLINE_MS = 500;
const PASSWORDS = { password: 'of-data', sentinelPassword: 'of-sentinels' };

const cleanups: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: SentinelOptions = PASSWORDS): Promise<RedisSentinel> {
  const sentinel = await startSentinel(options);
  cleanups.push(() => sentinel.stop());
  return sentinel;
}

async function open(
  { name, nodes }: Pick<RedisSentinel, 'name' | 'nodes'>,
  different: Partial<RedisStoreOptions> = {},
): Promise<Store> {
  const store = await openRedisStore({
    ...{ url: 'redis://', issuer: 'https://issuer.example', maxPending: 100 },
    ...{ sentinel: { name, nodes, password: PASSWORDS.sentinelPassword } },
    ...{ password: PASSWORDS.password, deadlineMs: DEADLINE_MS, ...different },
  });
  cleanups.push(() => store.close());
  return store;
}

/** What was acknowledged is on every replica. */
const replicate = async (redis: RedisSentinel) =>
  redis.tell(await redis.primary(), 'WAIT', (await redis.replicas()).length, 10_000);

type Granted = Awaited<ReturnType<typeof createGranted>>;

/** A code of before the failover is over; one that was granted since is spent once. */
async function expectToSpendOnce(store: Store, before: Granted): Promise<void> {
  const redeem = ({ id, code }: Granted) => store.redeem(id, code.hash, EXPECTED, newRedemption());
  expect(await redeem(before)).toEqual({ kind: 'expired' });
  const since = await createGranted(store, { grant: { grantedAt: NOW + 10 } });
  expect(await redeem(since)).toMatchObject({ kind: 'fresh' });
  expect(await redeem(since)).toEqual({ kind: 'replayed' });
}

describe('Redis behind sentinels: a failover (F-8, F-15, N5, N6)', () => {
  it('is 503 while it lasts, and goes on at the new primary without a restart', async () => {
    const redis = await start();
    const said: string[] = [];
    const store = await open(redis, {
      onUp: () => void said.push('up'),
      onDown: () => void said.push('down'),
    });
    const [granted, spent] = [await createGranted(store), await createGranted(store)];
    const redeemed = await createRedeemed(store);
    await store.redeem(spent.id, spent.code.hash, EXPECTED, newRedemption());
    await replicate(redis);
    const loop = startLoop(() => store.once('jti', unique(), 60), DEADLINE_MS);
    await loop.untilAnswered(5);

    await redis.failover();
    await expect.poll(() => said).toContain('down');
    await untilReady(store);
    const { unavailable } = loop.counts();
    await loop.untilAnswered(20);
    await loop.stop();

    expect(loop.counts().unavailable).toBe(unavailable);
    await expectToSpendOnce(store, granted);
    expect(await store.redeem(spent.id, spent.code.hash, EXPECTED, newRedemption())).toEqual({
      kind: 'replayed',
    });
    expect(await store.rotate(redeemed.id, token(1), EXPECTED, toNext(1))).toMatchObject({
      kind: 'fresh',
    });
    expect(said).toEqual(['up', 'down', 'up']);
  });

  for (const [how, lose] of [
    ['killed', (primary: RedisServer) => primary.kill()],
    ['frozen', async (primary: RedisServer) => primary.pause()],
  ] as const) {
    it(`follows when the primary is ${how}`, async () => {
      const redis = await start();
      const store = await open(redis);
      const granted = await createGranted(store);
      await replicate(redis);
      const primary = await redis.primary();

      await lose(primary);
      await expect(store.ping()).rejects.toThrow(Unavailable);
      await redis.untilFailedOver(primary);
      await untilReady(store);

      await expectToSpendOnce(store, granted);
    });
  }

  // For seconds it takes writes that are lost when it becomes a replica.
  it('leaves the old primary although that would go on', async () => {
    const redis = await start();
    const said: string[] = [];
    const store = await open(redis, { onDown: () => void said.push('down') });

    await redis.failover();
    await expect.poll(() => said, { timeout: 30_000 }).toEqual(['down']);
    await untilReady(store);
    await store.once('jti', unique(), 60);

    expect(await redis.tell(await redis.primary(), 'DBSIZE')).toBe(2);
  });
});

describe('Redis behind sentinels: who names the primary', () => {
  it('is any of those that answer', async () => {
    const redis = await start();
    for (const sentinel of redis.sentinels.slice(0, 2)) await sentinel.kill();

    const store = await open(redis);

    await untilReady(store);
  });

  it('is nobody while none answers, which is an outage like any other', async () => {
    const redis = await start();
    for (const sentinel of redis.sentinels) sentinel.pause();
    const reasons: string[] = [];

    const store = await open(redis, { onDown: (reason) => void reasons.push(reason) });
    await expect(store.once('jti', unique(), 60)).rejects.toThrow(Unavailable);

    for (const sentinel of redis.sentinels) sentinel.resume();
    await untilReady(store);
    expect(reasons.length).toBeLessThanOrEqual(1);
  });

  it('refuses a wrong password, which nobody is told (F-16)', async () => {
    const redis = await start();
    const reasons: string[] = [];
    const onDown = (reason: string) => void reasons.push(reason);
    const { name, nodes } = redis;

    const unnamed = await open(redis, {
      ...{ sentinel: { name, nodes, password: 'wrong-at-sentinels' }, onDown },
    });
    const refused = await open(redis, { password: 'wrong-at-redis', onDown });

    await expect(unnamed.ping()).rejects.toThrow(Unavailable);
    await expect(refused.ping()).rejects.toThrow(Unavailable);
    await expect.poll(() => reasons).toHaveLength(2);
    for (const reason of reasons) expect(reason).toMatch(/WRONGPASS/);
    expect(reasons.join('\n')).not.toMatch(/wrong-at/);
  });

  it('may be one where a user of its own may ask for nothing else', async () => {
    const redis = await start();
    const page = await readFile(new URL('../../docs/storage.md', import.meta.url), 'utf8');
    const [, rule = ''] = /^ACL SETUSER (.+ \+sentinel.+)$/m.exec(page) ?? [];
    const options = { password: PASSWORDS.sentinelPassword };
    for (const { port } of redis.sentinels) {
      const words = rule.replace('PASSWORD', 'secret').split(' ');
      await tell(port, options, 'ACL', 'SETUSER', ...words);
    }
    const { name, nodes } = redis;

    const store = await open(redis, {
      sentinel: { name, nodes, username: 'asteroid', password: 'secret' },
    });

    await expect(store.ping()).resolves.toBeUndefined();
    for (const { port } of redis.sentinels) {
      const listening = async () =>
        String(await tell(port, options, 'CLIENT', 'LIST', 'TYPE', 'pubsub'));
      await expect.poll(listening).toMatch(/ sub=1 .* user=asteroid/);
      expect(await tell(port, options, 'ACL', 'LOG')).toEqual([]);
    }
  });
});

describe('Redis behind sentinels: warnings', () => {
  it('say that a primary that is cut off would go on, and no more when it would not', async () => {
    const redis = await start();
    const warnings: string[] = [];
    const onWarning = (warning: string) => void warnings.push(warning);

    await open(redis, { onWarning });
    await expect.poll(() => warnings).toHaveLength(1);
    expect(warnings[0]).toContain('set min-replicas-to-write 1');

    await redis.tell(await redis.primary(), 'CONFIG', 'SET', 'min-replicas-to-write', 1);
    const store = await open(redis, { onWarning });
    await untilReady(store);
    expect(warnings).toHaveLength(1);
  });
});
