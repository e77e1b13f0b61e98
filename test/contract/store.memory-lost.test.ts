// What a store answers of things that it may have known, and forgot when it was emptied.

import { afterEach, describe, expect, it } from 'vitest';
import type { Loss } from '../../internal/store/loss.ts';
import { createMemoryStore } from '../../internal/store/memory/memory.ts';
import type { RedisStoreOptions } from '../../internal/store/redis/connection/options.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Made, Store } from '../../internal/store/store.ts';
import { NOW, unique } from '../support/authorizations.ts';
import { createTestClock } from '../support/clock.ts';
import { createClient } from '../support/redis-client.ts';
import { startCluster } from '../support/redis-cluster.ts';
import { startRedis } from '../support/redis-server.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
const losses: Loss[] = [];

async function open(options: Pick<RedisStoreOptions, 'url' | 'cluster'>): Promise<Store> {
  const opened = await openRedisStore({
    ...{ issuer: 'https://issuer.example', maxPending: 1000, deadlineMs: 2000 },
    ...{ onLoss: (loss: Loss) => void losses.push(loss), ...options },
  });
  cleanups.push(() => opened.close());
  return opened;
}

/** Made so many seconds ago. */
const ago = (seconds: number): Made => ({ at: NOW - seconds, now: NOW });

const revoked = (of: Store, made: Made) => of.happened('revoked', unique(), made);
const isFirst = (of: Store, made: Made) => of.once('jti', unique(), 60, made);

const untilUp = (of: Store) =>
  expect
    .poll(
      () =>
        of.ping().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  losses.length = 0;
});

describe('Redis store, emptied (F-2, F-18, N2, N3)', () => {
  async function started() {
    const server = await startRedis();
    const admin = createClient(server.port);
    cleanups.push(
      () => server.stop(),
      () => admin.disconnect(),
    );
    return { server, admin, store: await open({ url: server.url }) };
  }

  it('takes what was made before for revoked and used, from the next question on, and says so once', async () => {
    const { admin, store } = await started();
    expect(await revoked(store, ago(0))).toBe(false);
    expect(await isFirst(store, ago(0))).toBe(true);

    await admin.flushall();

    expect(await revoked(store, ago(0))).toBe(true);
    expect(await revoked(store, ago(60))).toBe(true);
    expect(await isFirst(store, ago(60))).toBe(false);
    await store.ping();
    expect(losses).toEqual([{ kind: 'emptied' }]);
  });

  it('takes no assertion of before a second time, though nothing else was asked since', async () => {
    const { admin, store } = await started();
    const key = unique();
    expect(await store.once('jti', key, 60, ago(0))).toBe(true);

    await admin.flushall();

    expect(await store.once('jti', key, 60, ago(0))).toBe(false);
  });

  it('knows nothing against what was made since', async () => {
    const { admin, store } = await started();
    await admin.flushall();
    expect(await revoked(store, ago(0))).toBe(true);

    const since = { at: NOW + 5, now: NOW };
    expect(await revoked(store, since)).toBe(false);
    expect(await isFirst(store, since)).toBe(true);
    expect(await store.once('jti', unique(), 60)).toBe(true);
    expect(await store.happened('jti', unique())).toBe(false);
  });

  it('is noticed by a probe, and by a process that only starts afterwards', async () => {
    const { admin, server, store } = await started();
    await admin.flushall();
    await store.ping();
    expect(losses).toEqual([{ kind: 'emptied' }]);

    const other = await open({ url: server.url });

    expect(await revoked(other, ago(0))).toBe(true);
    expect(await isFirst(other, ago(0))).toBe(false);
    expect(await revoked(other, { at: NOW + 5, now: NOW })).toBe(false);
  });

  it('is told from one that another process has already begun to fill', async () => {
    const { admin, server, store } = await started();
    await admin.flushall();
    const other = await open({ url: server.url });
    expect(await revoked(other, ago(0))).toBe(false);

    expect(await revoked(store, ago(0))).toBe(true);
    await other.ping();

    expect(await revoked(other, ago(0))).toBe(true);
  });

  it('is one memory to two that begin it in the same moment', async () => {
    const server = await startRedis();
    cleanups.push(() => server.stop());
    const stores = await Promise.all([open(server), open(server), open(server)]);

    for (const store of stores) {
      await store.ping();
      expect(await revoked(store, ago(0))).toBe(false);
      expect(await isFirst(store, ago(0))).toBe(true);
      expect(await revoked(store, ago(60))).toBe(true);
    }
    expect(losses).toEqual([]);
  });

  it('is noticed over a connection that was lost, before anything else is asked', async () => {
    const { server, store } = await started();
    await server.kill();
    const empty = await startRedis([], server.port);
    cleanups.push(() => empty.stop());
    await untilUp(store);

    expect(await isFirst(store, ago(0))).toBe(false);
    expect(losses).toEqual([{ kind: 'emptied' }]);
  });

  it('of a cluster is each of its parts', { timeout: 60_000 }, async () => {
    const cluster = await startCluster();
    cleanups.push(() => cluster.stop());
    const store = await open({ url: 'redis://', cluster });
    await untilUp(store);
    expect(await revoked(store, ago(0))).toBe(false);
    expect(await isFirst(store, ago(0))).toBe(true);

    for (const [index, part] of cluster.primaries.entries()) {
      if (index === 1) await cluster.tell(part, 'FLUSHALL');
    }
    await store.ping();

    expect(await revoked(store, ago(0))).toBe(true);
    expect(await isFirst(store, ago(0))).toBe(false);
    expect(await revoked(store, { at: NOW + 5, now: NOW })).toBe(false);
    expect(losses).toEqual([{ kind: 'emptied' }]);
  });
});

describe('memory store, begun anew (N2, N3)', () => {
  const begin = (now: () => number) => createMemoryStore({ maxEntries: 100, maxPending: 5, now });

  it('takes what was made before for revoked and used, and nothing else', async () => {
    const clock = createTestClock();
    const store = begin(clock);
    const made = (at: number): Made => ({ at, now: clock() });
    const began = clock();
    clock.advance(30);

    expect(await revoked(store, made(began - 1))).toBe(true);
    expect(await isFirst(store, made(began - 1))).toBe(false);
    expect(await revoked(store, made(began))).toBe(false);
    expect(await isFirst(store, made(began))).toBe(true);
    expect(await store.happened('jti', unique())).toBe(false);
  });

  it('has lost nothing when its clock is set back', async () => {
    const clock = createTestClock();
    const store = begin(clock);
    clock.advance(-3600);
    const at = clock();
    await store.once('jti', unique(), 60);
    clock.advance(30);

    expect(await revoked(store, { at, now: clock() })).toBe(false);
    expect(await isFirst(store, { at, now: clock() })).toBe(true);
    expect(await isFirst(store, { at: at - 1, now: clock() })).toBe(false);
  });
});
