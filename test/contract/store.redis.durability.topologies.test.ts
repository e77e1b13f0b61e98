// What replicas acknowledge and what a failover may lose, where sentinels or a cluster choose the primary.

import { afterEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import type { Loss } from '../../internal/store/loss.ts';
import type { RedisStoreOptions } from '../../internal/store/redis/connection/options.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { NewAuthorization, Store } from '../../internal/store/store.ts';
import {
  createGranted,
  createRedeemed,
  EXPECTED,
  NOW,
  newRedemption,
  token,
  toNext,
} from '../support/authorizations.ts';
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts';
import { type RedisSentinel, startSentinel } from '../support/redis-sentinel.ts';
import type { RedisServer } from '../support/redis-server.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
const losses: Loss[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  losses.length = 0;
});

type Where = Pick<RedisStoreOptions, 'url' | 'sentinel' | 'cluster'>;

async function open(where: Where, different: Partial<RedisStoreOptions> = {}): Promise<Store> {
  const opened = await openRedisStore({
    ...{ issuer: 'https://issuer.example', maxPending: 1000, deadlineMs: 2000 },
    ...{ onLoss: (loss: Loss) => void losses.push(loss), ...where, ...different },
  });
  cleanups.push(() => opened.close());
  await untilUp(opened);
  return opened;
}

const untilUp = (of: Store) =>
  expect
    .poll(
      () =>
        of.ping().then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true);

const LATER = NOW + 30;

const redeem = (of: Store, { id, code }: NewAuthorization) =>
  of.redeem(id, code.hash, EXPECTED, newRedemption({ now: LATER }));

const refused = (call: Promise<unknown>) => expect(call).rejects.toBeInstanceOf(Unavailable);

/** Many, so that every part of a cluster has some. */
const several = <Made>(make: () => Promise<Made>): Promise<readonly Made[]> =>
  Promise.all(Array.from({ length: 24 }, make));

/** Every part has a replica that has what was written so far: what it never had is no loss of a failover. */
async function untilReplicated(where: Where): Promise<void> {
  const witness = await open(where, { durability: 'acknowledged', onLoss: () => {} });
  await several(() => createGranted(witness));
  await witness.close();
}

async function sentinels(): Promise<readonly [RedisSentinel, Where]> {
  const redis = await startSentinel({ replicas: 2 });
  cleanups.push(() => redis.stop());
  return [redis, { url: 'redis://', sentinel: { name: redis.name, nodes: redis.nodes } }];
}

async function replicatedCluster(): Promise<readonly [RedisCluster, Where]> {
  const redis = await startCluster({ withReplicas: true });
  cleanups.push(() => redis.stop());
  return [redis, { url: 'redis://', cluster: { nodes: redis.nodes } }];
}

const resumeAll = (servers: readonly RedisServer[]) => {
  for (const server of servers) server.resume();
};

describe('Redis store behind sentinels', { timeout: 120_000 }, () => {
  it('acknowledges what a replica has, and a failover loses none of it (N1, N2, N3, F-8)', async () => {
    const [redis, where] = await sentinels();
    const store = await open(where, { durability: 'acknowledged' });
    const [granted, spent] = [await createGranted(store), await createGranted(store)];
    await redeem(store, spent);
    const revoked = await createRedeemed(store);
    await store.revoke(revoked.id);
    const rotated = await createRedeemed(store);
    await store.rotate(rotated.id, token(1), EXPECTED, toNext(1, { grace: 0 }));

    const primary = await redis.primary();
    await primary.kill();
    await redis.untilFailedOver(primary);
    await untilUp(store);

    expect(await redeem(store, granted)).toMatchObject({ kind: 'fresh' });
    expect(await redeem(store, spent)).toEqual({ kind: 'replayed' });
    expect(await store.find(revoked.id, NOW)).toBeUndefined();
    expect(await store.rotate(rotated.id, token(1), EXPECTED, toNext(1))).toEqual({
      kind: 'replayed',
    });
  });

  it('acknowledges nothing while both replicas hang', async () => {
    const [redis, where] = await sentinels();
    const store = await open(where, { durability: 'acknowledged' });
    const granted = await createGranted(store);
    const replicas = await redis.replicas();
    for (const replica of replicas) replica.pause();
    cleanups.push(() => resumeAll(replicas));

    await refused(redeem(store, granted));
    expect(await store.find(granted.id, NOW)).toBeDefined();
  });

  it('refuses codes of before a failover where nobody acknowledged them (F-9)', async () => {
    const [redis, where] = await sentinels();
    const store = await open(where);
    // Whoever is promoted has it: it is not lost, and refused all the same.
    const patient = await open(where, { durability: 'acknowledged', acknowledgedBy: 2 });
    const granted = await createGranted(patient);
    await patient.close();
    const primary = await redis.primary();
    await redis.failover();
    await primary.kill();
    await untilUp(store);

    expect(await redeem(store, granted)).toEqual({ kind: 'expired' });
    expect(losses.map(({ kind }) => kind)).toEqual(['failover']);
  });
});

describe('Redis store in a cluster', { timeout: 120_000 }, () => {
  it('has each part acknowledged by the replica of that part, and loses none of it', async () => {
    const [redis, where] = await replicatedCluster();
    const store = await open(where, { durability: 'acknowledged' });
    const all = await several(() => createRedeemed(store));
    for (const { id } of all.slice(0, 12)) await store.revoke(id);

    const [primary] = redis.primaries;
    if (primary === undefined) throw new Error('no primary');
    await primary.kill();
    await redis.untilFailedOver(primary);
    const after = await open(where, { durability: 'acknowledged', acknowledgedBy: 0 });

    const found = await Promise.all(all.map(({ id }) => after.find(id, NOW)));
    expect(found.slice(0, 12).every((one) => one === undefined)).toBe(true);
    expect(found.slice(12).every((one) => one?.refresh?.hash === 'token-1')).toBe(true);
  });

  it('refuses what the replica of its part does not have, and takes the rest', async () => {
    const [redis, where] = await replicatedCluster();
    const store = await open(where, { durability: 'acknowledged' });
    const all = await several(() => createGranted(store));
    const [paused] = redis.replicas;
    paused?.pause();
    cleanups.push(() => paused?.resume());

    const answers = await Promise.allSettled(all.map((one) => redeem(store, one)));

    const refusals = answers.filter(({ status }) => status === 'rejected');
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.length).toBeLessThan(all.length);
    const found = await Promise.all(all.map(({ id }) => store.find(id, NOW)));
    expect(found).not.toContain(undefined);
  });

  it('refuses codes of before the failover of one part, and says so once', async () => {
    const [redis, where] = await replicatedCluster();
    const store = await open(where);
    const all = await several(() => createGranted(store));
    await untilReplicated(where);
    const [primary] = redis.primaries;
    if (primary === undefined) throw new Error('no primary');
    await primary.kill();
    await redis.untilFailedOver(primary);
    await untilUp(store);

    const answers = await Promise.all(all.map((one) => redeem(store, one)));

    expect(answers.every(({ kind }) => kind === 'expired' || kind === 'unknown')).toBe(true);
    expect(answers.some(({ kind }) => kind === 'expired')).toBe(true);
    expect(losses.map(({ kind }) => kind)).toEqual(['failover']);
  });
});
