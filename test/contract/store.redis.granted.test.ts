import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Subject, toSubject } from '../../internal/protocol/ids.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { NewAuthorization, Store } from '../../internal/store/store.ts';
import {
  CLIENT,
  EXPECTED,
  NOW,
  newMember,
  newPending,
  newRedemption,
  newSid,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { newDeviceGrant, parkDevice } from '../support/devices.ts';
import { openLimited } from '../support/limited-store.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const ISSUER = 'https://issuer.example';

describe('Redis store: the index of what an End-User granted', () => {
  let server: RedisServer;
  let admin: Redis;
  let store: Store;
  let subject: Subject;

  beforeAll(async () => {
    server = await startRedis();
    admin = new Redis(server.url);
    store = await openRedisStore({ url: server.url, issuer: ISSUER, maxPending: 100 });
  });
  beforeEach(async () => {
    subject = toSubject(unique());
    const keys = await admin.keys('*:g:*');
    if (keys.length > 0) await admin.del(keys);
  });
  afterAll(async () => {
    admin.disconnect();
    await store.close();
    await server.stop();
  });

  async function grant(): Promise<NewAuthorization> {
    const member = newMember(newSid(), { grant: { subject } });
    await store.create(member, NOW);
    return member;
  }

  /** The only index there is. */
  async function findIndex(): Promise<string> {
    const [index = 'no index', ...others] = await admin.keys('*:g:*');
    if (others.length > 0) throw new Error('more than one index');
    return index;
  }

  /** An id whose index is there and whose record is not, as another primary may see a grant under way. */
  async function enter(id: string): Promise<void> {
    await grant();
    await admin.zadd(await findIndex(), Date.now() + 3_600_000, id);
  }

  const idsOf = async () =>
    (await store.listGranted(subject, NOW)).authorizations.map(({ id }) => id);

  it('has no member of a grant that was under way when everything ended, and neither is it made', async () => {
    const late = newMember(newSid(), { grant: { subject } });
    await enter(late.id);

    const { isComplete } = await store.endAllGranted(subject, {}, NOW);

    expect(isComplete).toBe(true);
    expect(await store.create(late, NOW)).toBe('session_ended');
    expect(await store.find(late.id, NOW)).toBeUndefined();
    await expect.poll(() => admin.keys('*:g:*')).toEqual([]);
    const { nonce } = late.grant;
    const again = newMember(newSid(), { grant: { subject, ...(nonce ? { nonce } : {}) } });
    expect(await store.create(again, NOW)).toBe('created');
    expect(await idsOf()).toEqual([again.id]);
  });

  it('and nothing of a page or a device that was being answered', async () => {
    const pending = newPending();
    await store.park(pending, NOW);
    const device = await parkDevice(store);
    await enter(pending.id);
    await admin.zadd(await findIndex(), Date.now() + 3_600_000, device.id);
    const approved = newMember(newSid(), { id: pending.id, grant: { subject } });
    const membership = { offline: false, until: NOW + 3600 };
    const decision = newDeviceGrant({ membership, grant: { subject, sid: newSid() } });

    await store.endAllGranted(subject, {}, NOW);

    expect(await store.approve(pending.hash, approved, NOW)).toBe('unknown');
    expect(await store.decideDevice(device.id, decision, NOW)).toBe('unknown');
    expect(await idsOf()).toEqual([]);
  });

  it('keeps what is being answered while somebody merely looks', async () => {
    const pending = newPending();
    await store.park(pending, NOW);
    await enter(pending.id);

    await idsOf();
    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(await admin.zscore(await findIndex(), pending.id)).not.toBeNull();
    const approved = newMember(newSid(), { id: pending.id, grant: { subject } });
    expect(await store.approve(pending.hash, approved, NOW)).toBe('created');
    expect(await idsOf()).toContain(pending.id);
  });

  it('loses what is over when somebody looks, and nothing else', async () => {
    const [revoked, replayed, standing] = [await grant(), await grant(), await grant()];
    await store.revoke(revoked.id);
    for (const attempt of ['first', 'second']) {
      await store.redeem(replayed.id, replayed.code.hash, EXPECTED, newRedemption({ attempt }));
    }
    const index = await findIndex();
    expect(await admin.zcard(index)).toBe(3);

    expect(await idsOf()).toEqual([standing.id]);

    await expect.poll(() => admin.zrange(index, '0', '-1')).toEqual([standing.id]);
    // Whoever replays once more is still recognised.
    const { id, code } = replayed;
    expect((await store.redeem(id, code.hash, EXPECTED, newRedemption())).kind).toBe('replayed');
  });

  it('is as good as its records: nothing that was damaged, or is of another kind, is shown or ended', async () => {
    const [damaged, foreign, standing] = [await grant(), await grant(), await grant()];
    const keyOf = async ({ id }: NewAuthorization) => (await admin.keys(`*:a:{${id}}`))[0] ?? '';
    await admin.set(await keyOf(damaged), '2g\nof another version');
    await admin.del(await keyOf(foreign));
    await admin.rpush((await keyOf(standing)).replace(standing.id, foreign.id), 'a list');

    expect(await idsOf()).toEqual([standing.id]);
    await store.endAllGranted(subject, {}, NOW);

    expect(await admin.get(await keyOf(damaged))).toBe('2g\nof another version');
    expect(await admin.type(await keyOf(foreign))).toBe('list');
    expect(await store.find(standing.id, NOW)).toBeUndefined();
  });

  it('ends things when memory is used up', async () => {
    const [one, ...others] = [await grant(), await grant(), await grant()];
    await admin.config('SET', 'maxmemory', '1');
    try {
      expect(await store.endGranted(subject, one.id, NOW)).toMatchObject({ id: one.id });
      const { authorizations, isComplete } = await store.endAllGranted(subject, {}, NOW);
      expect([authorizations.length, isComplete]).toEqual([others.length, true]);
    } finally {
      await admin.config('SET', 'maxmemory', '0');
    }
    expect(await idsOf()).toEqual([]);
  });

  it('says what it could end, and that it was not all', async () => {
    const [reached, unreached] = [await grant(), await grant()];
    const kinds = ['g:', 'a:{', 's:{'].map((kind) =>
      kind === 'g:' ? kind : `${kind}${reached.id}}`,
    );
    const limited = await openLimited({ server, admin, issuer: ISSUER, kinds });

    const { authorizations, isComplete } = await limited.endAllGranted(subject, {}, NOW);

    expect(authorizations.map(({ id }) => id)).toEqual([reached.id]);
    expect(isComplete).toBe(false);
    expect(await idsOf()).toEqual([unreached.id]);
    expect(await store.endAllGranted(subject, {}, NOW)).toMatchObject({ isComplete: true });
    expect(await store.find(unreached.id, NOW)).toBeUndefined();
    await limited.close();
  });

  it('keeps no consent that its End-User could not find', async () => {
    const kinds = ['c:', 'a:'];
    const limited = await openLimited({ server, admin, issuer: ISSUER, kinds });
    const consent = { scope: ['openid'], grantedAt: NOW };

    await expect(limited.keepConsent(subject, CLIENT, consent, 60)).rejects.toMatchObject({
      name: 'Unavailable',
    });

    expect(await store.findConsent(subject, CLIENT)).toBeUndefined();
    await limited.close();
  });

  describe('when it was lost without its records', () => {
    /** A used authorization whose index is gone; a marker that is gone says that more may be. */
    async function lose(markers: boolean): Promise<NewAuthorization> {
      const member = await grant();
      await store.redeem(member.id, member.code.hash, EXPECTED, newRedemption());
      await admin.del(await findIndex());
      if (markers) await admin.del(await admin.keys('*:memory:*'));
      await store.ping();
      expect(await idsOf()).toEqual([]);
      return member;
    }

    it('costs nothing where nothing was lost', async () => {
      const { id } = await lose(false);
      await store.rotate(id, token(1), EXPECTED, toNext(1, { now: NOW }));
      await new Promise((resolve) => setTimeout(resolve, 100));

      expect(await admin.keys('*:g:*')).toEqual([]);
    });

    it('has a member again when it is used, once Redis is known to have lost something', async () => {
      const { id } = await lose(true);

      await store.rotate(id, token(1), EXPECTED, toNext(1, { now: NOW + 60 }));

      await expect.poll(idsOf).toEqual([id]);
      await store.endAllGranted(subject, {}, NOW);
      expect(await store.find(id, NOW)).toBeUndefined();
    });

    it('also one whose session has ended meanwhile', async () => {
      const { id, grant: granted } = await lose(true);
      const { sid = newSid() } = granted;
      await store.endSession({ sid, subject }, 60);

      await store.rotate(id, token(1), EXPECTED, toNext(1, { now: NOW + 60 }));

      await expect.poll(idsOf).toEqual([id]);
      expect((await store.endSession({ sid, subject }, 60)).map((one) => one.id)).toEqual([id]);
    });
  });
});
