// What a failover that loses writes may undo, and what it may not: a primary, its replica, and a line
// between them that nothing comes through.

import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { toClientId } from '../../internal/protocol/ids.ts';
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
  newClientRecord,
  newMember,
  newPending,
  newRedemption,
  newSid,
  ofAlice,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { newDevice, newDeviceGrant, parkDevice, poll } from '../support/devices.ts';
import { type ReplicatedRedis, startReplicatedRedis } from '../support/redis-replica.ts';

const DEADLINE_MS = 1000;

const cleanups: (() => Promise<unknown> | unknown)[] = [];
let redis: ReplicatedRedis;
let losses: Loss[];

async function open(different: Partial<RedisStoreOptions> = {}): Promise<Store> {
  const opened = await openRedisStore({
    ...{ url: redis.url, issuer: 'https://issuer.example', maxPending: 1000 },
    ...{ deadlineMs: DEADLINE_MS, onLoss: (loss: Loss) => void losses.push(loss) },
    ...different,
  });
  cleanups.push(() => opened.close());
  return opened;
}

const openAcknowledged = (different: Partial<RedisStoreOptions> = {}) =>
  open({ durability: 'acknowledged', ...different });

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

/** What is left when the primary has died: seen by a store that waits for no replica, as there is none left. */
async function survivor(): Promise<Store> {
  await redis.failOver();
  const store = await openAcknowledged({ acknowledgedBy: 0 });
  await untilUp(store);
  return store;
}

const refusesAll = (calls: readonly Promise<unknown>[]) =>
  Promise.all(calls.map((call) => expect(call).rejects.toBeInstanceOf(Unavailable)));

beforeEach(async () => {
  losses = [];
  redis = await startReplicatedRedis();
  cleanups.push(() => redis.stop());
});
afterEach(async () => {
  redis.heal();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe('Redis store, acknowledged', () => {
  it('answers when a replica has it, and loses none of it in a failover (N1, N2, N3, F-8)', async () => {
    const store = await openAcknowledged();
    const { id, code } = await createGranted(store);
    const spent = await createRedeemed(store);
    const rotated = await createRedeemed(store);
    await store.rotate(rotated.id, token(1), EXPECTED, toNext(1, { grace: 0 }));
    const revoked = await createRedeemed(store);
    await store.revoke(revoked.id);
    const jti = unique();
    await store.once('jti', jti, 60);

    const after = await survivor();

    expect(await after.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
      kind: 'fresh',
    });
    expect((await after.find(rotated.id, NOW))?.refresh?.hash).toBe('token-2');
    expect(await after.redeem(spent.id, spent.code.hash, EXPECTED, newRedemption())).toEqual({
      kind: 'replayed',
    });
    expect(await after.rotate(rotated.id, token(1), EXPECTED, toNext(1))).toEqual({
      kind: 'replayed',
    });
    expect(await after.find(revoked.id, NOW)).toBeUndefined();
    expect(await after.once('jti', jti, 60)).toBe(false);
  });

  it('acknowledges nothing that the replica lacks, and what it refused is not there after a failover', async () => {
    const store = await openAcknowledged();
    const granted = await createGranted(store);
    const redeemed = await createRedeemed(store);
    const revoked = await createRedeemed(store);
    await redis.caughtUp();
    redis.partition();

    await refusesAll([
      store.redeem(granted.id, granted.code.hash, EXPECTED, newRedemption()),
      store.rotate(redeemed.id, token(1), EXPECTED, toNext(1)),
      store.revoke(revoked.id),
      store.create(newMember(newSid()), NOW),
      store.once('jti', unique(), 60),
    ]);
    const after = await survivor();

    expect(
      await after.redeem(granted.id, granted.code.hash, EXPECTED, newRedemption()),
    ).toMatchObject({ kind: 'fresh' });
    expect(await after.rotate(redeemed.id, token(1), EXPECTED, toNext(1))).toMatchObject({
      kind: 'fresh',
    });
    expect(await after.find(revoked.id, NOW)).toBeDefined();
  });

  it('acknowledges no more when it is asked again, over whichever connection', async () => {
    const store = await openAcknowledged();
    const { id, code } = await createGranted(store);
    const redeemed = await createRedeemed(store);
    const [redemption, rotation] = [newRedemption(), toNext(1)];
    const redeem = (of: Store) => of.redeem(id, code.hash, EXPECTED, redemption);
    const rotate = (of: Store) => of.rotate(redeemed.id, token(1), EXPECTED, rotation);
    await redis.caughtUp();
    redis.partition();

    await refusesAll([redeem(store), rotate(store)]);
    const other = await openAcknowledged();
    await refusesAll([redeem(other), rotate(other), other.revoke(newAuthorization().id)]);
    await refusesAll([redeem(await openAcknowledged())]);

    redis.heal();
    await untilUp(other);
    expect(await redeem(other)).toMatchObject({ kind: 'fresh' });
    expect(await rotate(other)).toMatchObject({ kind: 'fresh' });
  });

  it('goes on reading while the replica hangs, and spends nothing that it could not answer', async () => {
    const store = await openAcknowledged();
    const found = await createRedeemed(store);
    const pending = newPending();
    await store.park(pending, NOW);
    const device = await parkDevice(store);
    redis.replica.pause();
    await refusesAll([store.revoke(newAuthorization().id)]);

    const untold = await createGranted(await open());
    const read = [
      await store.find(found.id, NOW),
      await store.findPending(pending.id, pending.hash, NOW),
      await store.findDevice(device.userCodeHash, NOW),
    ];
    expect(read).not.toContain(undefined);
    expect(await store.happened('jti', unique())).toBe(false);
    await refusesAll([
      store.redeem(untold.id, untold.code.hash, EXPECTED, newRedemption()),
      store.ping(),
    ]);

    redis.replica.resume();
    await untilUp(store);
    const redemption = store.redeem(untold.id, untold.code.hash, EXPECTED, newRedemption());
    expect(await redemption).toMatchObject({ kind: 'fresh' });
    expect(losses).toEqual([{ kind: 'lagging' }, { kind: 'caught_up' }]);
  });

  it('changes nothing without its replica: every verb that writes is refused', async () => {
    const store = await openAcknowledged();
    const [pending, discarded] = [newPending(), newPending()];
    for (const parked of [pending, discarded]) await store.park(parked, NOW);
    const [device, waiting] = [await parkDevice(store), await parkDevice(store)];
    const [clientId, record] = [toClientId(unique()), newClientRecord()];
    await store.createClient(clientId, record, 60);
    redis.replica.pause();

    await refusesAll([
      store.park(newPending(), NOW),
      store.approve(pending.hash, newAuthorization({ id: pending.id }), NOW),
      store.discard(discarded.id, discarded.hash, NOW),
      store.parkDevice(newDevice(), NOW),
      store.decideDevice(device.id, newDeviceGrant(), NOW),
      poll(store, waiting),
      store.createClient(toClientId(unique()), newClientRecord(), 60),
      store.replaceClient(clientId, record.version, newClientRecord(), 60),
      store.removeClient(clientId),
      store.count('guess', unique(), 60),
      store.keepConsent(newAuthorization().grant.subject, clientId, CONSENT, 60),
      store.endSession(ofAlice(newSid()), 60),
      store.forgetSession(ofAlice(newSid())),
    ]);
  });

  it('reads from no replica, whatever the address led to for a moment', async () => {
    const store = await openAcknowledged();
    const revoked = await createRedeemed(store);
    await redis.caughtUp();
    redis.lead('replica');
    redis.cut();
    await refusesAll([store.revoke(newAuthorization().id)]);
    redis.lead('primary');
    await untilUp(store);
    redis.partition();

    await (await open()).revoke(revoked.id);

    // The replica has it still; and nobody is told that it is gone before the replica knows.
    await refusesAll([store.find(revoked.id, NOW)]);
    redis.heal();
    await untilUp(store);
    expect(await store.find(revoked.id, NOW)).toBeUndefined();
  });

  it('ends a session that it could not acknowledge the end of when it is asked again, with the same members', async () => {
    const store = await openAcknowledged();
    const sid = newSid();
    const member = newMember(sid);
    await store.create(member, NOW);
    await redis.caughtUp();
    redis.partition();

    await refusesAll([store.endSession(ofAlice(sid), 60)]);
    await refusesAll([store.create(newMember(sid), NOW)]);
    redis.heal();
    await untilUp(store);

    expect(await store.endSession(ofAlice(sid), 60)).toMatchObject([{ id: member.id }]);
    expect(await store.create(newMember(sid), NOW)).toBe('session_ended');
  });

  it('says once that replicas lag, and once that they have caught up, whatever connection that is', async () => {
    const store = await openAcknowledged();
    await redis.caughtUp();
    redis.partition();
    await refusesAll([store.once('jti', unique(), 60)]);
    redis.cut();
    await refusesAll([store.ping()]);

    redis.heal();
    await untilUp(store);

    expect(losses).toEqual([{ kind: 'lagging' }, { kind: 'caught_up' }]);
  });

  it('waits once for each write, however often the connection was lost', async () => {
    const store = await openAcknowledged();
    const admin = new Redis(redis.primary.url);
    cleanups.push(() => admin.disconnect());
    const waits = async () =>
      Number(/cmdstat_wait:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
    await store.once('jti', unique(), 60);
    for (let lost = 0; lost < 3; lost += 1) {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await untilUp(store);
    }
    const before = await waits();

    expect(await store.once('jti', unique(), 60)).toBe(true);

    expect((await waits()) - before).toBe(1);
  });

  it('acknowledges nothing of a script that Redis had forgotten, either', async () => {
    const store = await openAcknowledged();
    const { id, code } = await createGranted(store);
    const admin = new Redis(redis.primary.url);
    cleanups.push(() => admin.disconnect());
    await redis.caughtUp();
    redis.partition();
    await admin.script('FLUSH');

    await refusesAll([store.redeem(id, code.hash, EXPECTED, newRedemption())]);
  });

  it('waits for as many replicas as it was told', async () => {
    const store = await openAcknowledged({ acknowledgedBy: 2 });

    await refusesAll([store.create(newAuthorization(), NOW)]);
    expect(await (await openAcknowledged()).create(newAuthorization(), NOW)).toBe('created');
  });

  it('keeps up with many at once, with one replica at its heels', async () => {
    const store = await openAcknowledged({ deadlineMs: 5000 });
    const redeemed = await Promise.all(Array.from({ length: 200 }, () => createRedeemed(store)));

    const after = await survivor();

    const found = await Promise.all(redeemed.map(({ id }) => after.find(id, NOW)));
    expect(found.filter((one) => one?.refresh?.hash === 'token-1')).toHaveLength(200);
  });
});

const CONSENT = { scope: ['openid'], grantedAt: NOW };

describe('Redis store, whose primary lacks the replicas it needs (min-replicas-to-write)', () => {
  it('is unavailable, and knows nothing of what it could not do', async () => {
    const store = await open();
    const { id, code } = await createGranted(store);
    const redeemed = await createRedeemed(store);
    const admin = new Redis(redis.primary.url);
    cleanups.push(() => admin.disconnect());
    await admin.config('SET', 'min-replicas-to-write', '2');

    await refusesAll([
      store.redeem(id, code.hash, EXPECTED, newRedemption()),
      store.rotate(redeemed.id, token(1), EXPECTED, toNext(1)),
      store.revoke(redeemed.id),
      store.create(newAuthorization(), NOW),
      store.once('jti', unique(), 60),
      store.endSession(ofAlice(newSid()), 60),
      store.ping(),
    ]);

    await admin.config('SET', 'min-replicas-to-write', '0');
    expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
      kind: 'fresh',
    });
    expect((await store.find(redeemed.id, NOW))?.refresh?.hash).toBe('token-1');
  });
});
