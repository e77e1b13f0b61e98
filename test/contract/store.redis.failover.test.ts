// A failover that lost what was written last, with `durability: fast`: it is noticed, whoever connects next
// and however it came about, and a restart is not taken for one.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Loss } from '../../internal/store/loss.ts';
import type { RedisStoreOptions } from '../../internal/store/redis/connection/options.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Store } from '../../internal/store/store.ts';
import {
  createGranted,
  createRedeemed,
  EXPECTED,
  NOW,
  newAuthorization,
  newRedemption,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { newDeviceGrant, parkDevice, poll } from '../support/devices.ts';
import { createClient } from '../support/redis-client.ts';
import { type ReplicatedRedis, startReplicatedRedis } from '../support/redis-replica.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
const losses: Loss[] = [];

/** After a failover has been noticed, by the clock of whoever asks: codes of before it are older than it. */
const LATER = NOW + 30;

async function open(url: string, different: Partial<RedisStoreOptions> = {}): Promise<Store> {
  const opened = await openRedisStore({
    ...{ url, issuer: 'https://issuer.example', maxPending: 1000, deadlineMs: 1000 },
    ...{ onLoss: (loss: Loss) => void losses.push(loss), ...different },
  });
  cleanups.push(() => opened.close());
  return opened;
}

async function replicated(): Promise<ReplicatedRedis> {
  const redis = await startReplicatedRedis();
  cleanups.push(() => redis.stop());
  return redis;
}

const isUp = (of: Store) =>
  of.ping().then(
    () => true,
    () => false,
  );
const untilUp = (of: Store) => expect.poll(() => isUp(of), { timeout: 20_000 }).toBe(true);

const redeem = (of: Store, { id, code }: ReturnType<typeof newAuthorization>, now = LATER) =>
  of.redeem(id, code.hash, EXPECTED, newRedemption({ now }));

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  losses.length = 0;
});

describe('Redis store, failed over without what was written last (F-9, N2)', () => {
  it('refuses a code whose spending was lost, and every other that was granted before', async () => {
    const redis = await replicated();
    const store = await open(redis.url);
    const [spent, unspent] = [await createGranted(store), await createGranted(store)];
    const device = await parkDevice(store);
    await store.decideDevice(device.id, newDeviceGrant(), NOW);
    await redis.caughtUp();
    redis.partition();
    expect(await redeem(store, spent)).toMatchObject({ kind: 'fresh' });
    expect(await poll(store, device)).toMatchObject({ kind: 'fresh' });

    await redis.failOver();
    await untilUp(store);

    expect(await redeem(store, spent)).toEqual({ kind: 'expired' });
    expect(await redeem(store, unspent)).toEqual({ kind: 'expired' });
    expect(await poll(store, device, { now: LATER })).toEqual({ kind: 'expired' });
    expect(losses).toEqual([{ kind: 'failover', refusedFor: expect.any(Number) }]);
    expect(JSON.stringify(losses)).toMatch(/"refusedFor":(59\d|60[012])}/);
  });

  it('goes on reading where the new primary lacks the replicas it needs, spends nothing, and refuses the same after', async () => {
    const redis = await replicated();
    const store = await open(redis.url);
    const [spent, live] = [await createGranted(store), await createRedeemed(store)];
    await redis.caughtUp();
    redis.partition();
    expect(await redeem(store, spent)).toMatchObject({ kind: 'fresh' });
    const admin = createClient(redis.replica.port);
    cleanups.push(() => admin.disconnect());
    await admin.config('SET', 'min-replicas-to-write', '1');

    await redis.failOver();
    const read = () => store.find(live.id, NOW).catch(() => undefined);
    await expect.poll(read, { timeout: 20_000 }).toMatchObject({ refresh: { hash: 'token-1' } });
    const rotate = () => store.rotate(live.id, token(1), EXPECTED, toNext(1));
    await expect(rotate()).rejects.toThrow('store did not answer');
    expect(await redeem(store, spent)).toEqual({ kind: 'expired' });
    // What nobody can write down is looked at again and again, and is another moment each time.
    await pause(5500);
    expect(await isUp(store)).toBe(false);
    expect(losses).toEqual([{ kind: 'failover', refusedFor: expect.any(Number) }]);

    await admin.config('SET', 'min-replicas-to-write', '0');
    await untilUp(store);
    expect(await redeem(store, spent)).toEqual({ kind: 'expired' });
    expect(await rotate()).toMatchObject({ kind: 'fresh' });
    expect(await redeem(await open(redis.url), spent)).toEqual({ kind: 'expired' });
  });

  it('says nothing for a Redis that remembers nothing and cannot begin to', async () => {
    const server = await startRedis(['--maxmemory', '1']);
    cleanups.push(() => server.stop());
    const store = await open(server.url, { deadlineMs: 300 });
    await expect(store.find(newAuthorization().id, NOW)).rejects.toThrow('store did not answer');

    const admin = createClient(server.port);
    cleanups.push(() => admin.disconnect());
    await admin.config('SET', 'maxmemory', '0');
    await untilUp(store);
    expect(await store.find(newAuthorization().id, NOW)).toBeUndefined();
  });

  it('takes codes that were granted since, and goes on ending what is presented twice', async () => {
    const redis = await replicated();
    const store = await open(redis.url);
    const [code, spent] = [newAuthorization(), await createGranted(store)];
    expect(await redeem(store, spent)).toMatchObject({ kind: 'fresh' });
    await redis.caughtUp();

    await redis.failOver();
    await untilUp(store);
    // Thirty seconds and more after it.
    const since = NOW + 60;
    const later = newAuthorization({
      grant: { grantedAt: since },
      code: { ...code.code, expiresAt: since + 300 },
    });
    await store.create(later, since);

    expect(await redeem(store, later, since)).toMatchObject({ kind: 'expired' });
    expect(await redeem(store, later, since - 10)).toMatchObject({ kind: 'fresh' });
    expect(await redeem(store, spent)).toEqual({ kind: 'replayed' });
    expect(await store.find(spent.id, LATER)).toBeUndefined();
  });

  it('answers as before to who has not what it takes', async () => {
    const redis = await replicated();
    const store = await open(redis.url);
    const { id, code } = await createGranted(store);
    await redis.caughtUp();
    await redis.failOver();
    await untilUp(store);
    const redemption = newRedemption({ now: LATER });
    const wrong = { ...EXPECTED, challenge: 'another' };

    expect(await store.redeem(id, 'another', EXPECTED, redemption)).toEqual({ kind: 'unknown' });
    expect(await store.redeem(id, code.hash, wrong, redemption)).toMatchObject({
      kind: 'mismatch',
    });
  });

  it('refuses what may be used once and was made before, and goes on with refresh tokens', async () => {
    const redis = await replicated();
    const store = await open(redis.url);
    const jti = unique();
    const refreshed = await createRedeemed(store);
    await redis.caughtUp();
    redis.partition();
    expect(await store.once('jti', jti, 60, { at: NOW, now: NOW })).toBe(true);

    await redis.failOver();
    await untilUp(store);

    expect(await store.once('jti', jti, 60, { at: NOW, now: LATER })).toBe(false);
    expect(await store.once('jti', unique(), 60, { at: LATER + 5, now: LATER })).toBe(true);
    expect(await store.happened('jti', unique(), { at: NOW - 10, now: NOW - 10 })).toBe(false);
    expect(await store.rotate(refreshed.id, token(1), EXPECTED, toNext(1))).toMatchObject({
      kind: 'fresh',
    });
  });

  it('is known to who starts after it, and to who starts when all others have ended', async () => {
    const redis = await replicated();
    const before = await open(redis.url);
    const codes = [await createGranted(before), await createGranted(before)];
    await before.close();
    await redis.caughtUp();
    await redis.failOver();

    const first = await open(redis.replica.url);
    await first.close();
    const second = await open(redis.replica.url);

    for (const code of codes) expect(await redeem(second, code)).toEqual({ kind: 'expired' });
    expect(losses.map(({ kind }) => kind)).toEqual(['failover', 'failover']);
  });

  it('sees that the server it is connected to was a replica for a while', async () => {
    const server = await startRedis();
    cleanups.push(() => server.stop());
    const admin = createClient(server.port);
    cleanups.push(() => admin.disconnect());
    const store = await open(server.url);
    const code = await createGranted(store);

    await admin.replicaof('127.0.0.1', '1');
    expect(await isUp(store)).toBe(false);
    await admin.replicaof('NO', 'ONE');
    await untilUp(store);

    expect(await redeem(store, code)).toEqual({ kind: 'expired' });
  });

  it('refuses nothing where replicas acknowledge: nothing was lost', async () => {
    const redis = await replicated();
    const store = await open(redis.url, { durability: 'acknowledged' });
    const code = await createGranted(store);
    await redis.failOver();
    const after = await open(redis.url, { durability: 'acknowledged', acknowledgedBy: 0 });
    await untilUp(after);

    expect(await redeem(after, code)).toMatchObject({ kind: 'fresh' });
    expect(losses.filter(({ kind }) => kind === 'failover')).toEqual([]);
  });
});

describe('Redis store, restarted from its own file', () => {
  async function startOn(folder: string, port?: number): Promise<RedisServer> {
    const file = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'];
    const server = await startRedis(file, port);
    cleanups.push(() => server.stop());
    return server;
  }

  it('is not taken for a failover, nor for another Redis', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'asteroid-aof-'));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    const server = await startOn(folder);
    const store = await open(server.url);
    const code = await createGranted(store);

    await server.kill();
    await startOn(folder, server.port);
    await untilUp(store);

    expect(await redeem(store, code)).toMatchObject({ kind: 'fresh' });
    expect(await store.happened('jti', unique(), { at: NOW, now: NOW })).toBe(false);
    expect(losses).toEqual([]);
  });
});
