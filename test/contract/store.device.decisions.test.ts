import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NewDeviceRequest } from '../../internal/store/device.ts';
import type { Store } from '../../internal/store/store.ts';
import {
  CLIENT,
  createGranted,
  createRedeemed,
  EXPECTED,
  NOW,
  newRedemption,
  newSid,
  OTHER,
  ofAlice,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { DENIED, newDevice, newDeviceGrant, parkDevice, poll } from '../support/devices.ts';
import { STORES, type Stores } from '../support/stores.ts';

describe.each(STORES)('%s store: devices that were answered (RFC 8628 §3.3)', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;
  const parked: NewDeviceRequest[] = [];

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  // The budget of pending requests is small.
  afterEach(async () => {
    for (const { id } of parked.splice(0)) await store.decideDevice(id, DENIED, NOW);
  });
  afterAll(() => stores.close());

  async function park(different: Partial<NewDeviceRequest> = {}): Promise<NewDeviceRequest> {
    const device = await parkDevice(store, different);
    parked.push(device);
    return device;
  }
  const grant = async (different: Parameters<typeof newDeviceGrant>[0] = {}) => {
    const device = await park();
    expect(await store.decideDevice(device.id, newDeviceGrant(different), NOW)).toBe('decided');
    return device;
  };

  describe('a decision', () => {
    it('counts when it is the first', async () => {
      const [granted, denied] = [await grant(), await park()];
      await store.decideDevice(denied.id, DENIED, NOW);

      expect(await other.decideDevice(granted.id, DENIED, NOW)).toBe('unknown');
      expect(await other.decideDevice(denied.id, newDeviceGrant(), NOW)).toBe('unknown');
      expect(await store.decideDevice(granted.id, newDeviceGrant(), NOW)).toBe('unknown');
      expect(await poll(store, granted)).toMatchObject({ kind: 'fresh' });
      expect(await poll(store, denied)).toEqual(DENIED);
      expect(await store.decideDevice(granted.id, DENIED, NOW)).toBe('unknown');
    });

    it('is one of any number at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const device = await park();

        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            (n % 4 < 2 ? store : other).decideDevice(
              ...([device.id, n % 2 === 0 ? DENIED : newDeviceGrant(), NOW] as const),
            ),
          ),
        );

        expect(answers.filter((answer) => answer === 'decided')).toHaveLength(1);
        expect((await poll(store, device)).kind).toBe(
          answers.indexOf('decided') % 2 === 0 ? 'denied' : 'fresh',
        );
      }
    });

    it('can be given again where only the session has ended, which a poll does not see', async () => {
      const device = await park();
      const [ended, alive] = [newSid(), newSid()];
      await store.endSession(ofAlice(ended), 60);
      const membership = { offline: false, until: NOW + 3600 };
      const of = (sid: typeof ended) => newDeviceGrant({ membership, grant: { sid } });

      expect(await other.decideDevice(device.id, of(ended), NOW)).toBe('session_ended');
      expect(await poll(store, device)).toEqual({ kind: 'pending' });
      expect(await store.findDevice(device.userCodeHash, NOW)).toBeDefined();
      expect(await store.decideDevice(device.id, of(alive), NOW)).toBe('decided');
      expect(await store.endSession(ofAlice(ended), 60)).toEqual([]);
      expect(await store.endSession(ofAlice(alive), 60)).toEqual([
        { id: device.id, clientId: CLIENT, offline: false },
      ]);
    });

    it('enters no session where the request was somebody else’s to answer', async () => {
      const device = await park();
      const [first, second] = [newSid(), newSid()];
      const membership = { offline: true, until: NOW + 3600 };
      const of = (sid: typeof first) => newDeviceGrant({ membership, grant: { sid } });
      await store.decideDevice(device.id, of(first), NOW);

      expect(await store.decideDevice(device.id, of(second), NOW)).toBe('unknown');
      expect(await store.decideDevice(device.id, of(first), NOW)).toBe('unknown');

      expect(await store.endSession(ofAlice(second), 60)).toEqual([]);
      expect(await store.endSession(ofAlice(first), 60)).toEqual([
        { id: device.id, clientId: CLIENT, offline: true },
      ]);
    });

    it('enters no session where there is nothing to decide', async () => {
      const sid = newSid();
      const membership = { offline: false, until: NOW + 3600 };
      const decision = newDeviceGrant({ membership, grant: { sid } });
      const denied = await park();
      await store.decideDevice(denied.id, DENIED, NOW);

      for (const id of [denied.id, newDevice().id]) {
        expect(await store.decideDevice(id, decision, NOW)).toBe('unknown');
      }

      expect(await store.endSession(ofAlice(sid), 60)).toEqual([]);
    });

    it('grants nothing that a session still has when it ends at the same moment', async () => {
      for (let round = 0; round < 20; round += 1) {
        const device = await park();
        const sid = newSid();
        const membership = { offline: false, until: NOW + 3600 };

        const [members, decided] = await Promise.all([
          other.endSession(ofAlice(sid), 60),
          store.decideDevice(device.id, newDeviceGrant({ membership, grant: { sid } }), NOW),
        ]);

        if (decided === 'decided') expect(members.map(({ id }) => id)).toEqual([device.id]);
        else
          expect([decided, (await poll(store, device)).kind]).toEqual(['session_ended', 'pending']);
        await store.decideDevice(device.id, DENIED, NOW);
      }
    });
  });

  describe('a device code that was granted', () => {
    it('is fresh once, with the grant, at once and however often it was polled', async () => {
      const device = await park();
      await poll(store, device);
      await poll(store, device);
      const decision = newDeviceGrant({ grant: { acr: 'urn:acr', resource: ['https://a/'] } });
      await store.decideDevice(device.id, decision, NOW);

      const found = await other.find(device.id, NOW);
      const redeemed = await poll(other, device, {});

      expect(found).toEqual({ grant: decision.grant, refresh: undefined });
      expect(redeemed).toEqual({
        ...{ kind: 'fresh', grant: decision.grant, refreshExpiresAt: NOW + 1000 },
      });
    });

    it('is redeemed once by any number at once, and all others end it', async () => {
      for (let round = 0; round < 3; round += 1) {
        const device = await grant();

        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, n) => poll(n % 2 === 0 ? store : other, device)),
        );

        expect(answers.filter(({ kind }) => kind === 'fresh')).toHaveLength(1);
        expect(answers.filter(({ kind }) => kind === 'replayed')).toHaveLength(49);
        expect(await store.find(device.id, NOW)).toBeUndefined();
      }
    });

    it('gives the same attempt the same answer', async () => {
      const device = await grant();
      const attempt = unique();

      const first = await poll(store, device, { attempt });
      const second = await poll(other, device, { attempt });

      expect(first.kind).toBe('fresh');
      expect(second).toEqual(first);
      expect(await store.find(device.id, NOW)).toBeDefined();
    });

    it('burns nothing with another secret, client or key', async () => {
      const device = await grant({ grant: { jkt: 'key' } });

      expect(await poll(store, { ...device, hash: unique() })).toEqual({ kind: 'unknown' });
      expect(await poll(store, device, {}, { clientId: OTHER, jkt: 'key' })).toEqual({
        ...{ kind: 'mismatch', of: 'client' },
      });
      for (const jkt of [{ jkt: 'other' }, {}]) {
        expect(await poll(store, device, {}, jkt)).toEqual({ kind: 'mismatch', of: 'jkt' });
      }
      expect(await poll(store, device, {}, { jkt: 'key' })).toMatchObject({ kind: 'fresh' });
      expect(await poll(store, device, {}, { jkt: 'other' })).toEqual({
        kind: 'mismatch',
        of: 'jkt',
      });
      expect(await store.find(device.id, NOW)).toBeDefined();
    });

    it('may come with any key where it is bound to none', async () => {
      expect(await poll(store, await grant(), {}, { jkt: 'key' })).toMatchObject({ kind: 'fresh' });
    });

    it('expires like one that nobody answered', async () => {
      const device = await grant();

      expect(await store.find(device.id, NOW + 599)).toBeDefined();
      expect(await store.find(device.id, NOW + 600)).toBeUndefined();
      expect(await poll(store, device, { now: NOW + 600 })).toEqual({ kind: 'expired' });
      expect(await poll(store, device, { now: NOW + 599 })).toMatchObject({ kind: 'fresh' });
    });

    it('is no authorization code, and a code is none of a device', async () => {
      const device = await grant();
      const bare = { ...EXPECTED, redirectUri: undefined, challenge: undefined };
      const code = await createGranted(store);

      expect(await store.redeem(device.id, device.hash, bare, newRedemption())).toEqual({
        kind: 'unknown',
      });
      expect(await poll(store, { id: code.id, hash: code.code.hash })).toEqual({ kind: 'unknown' });
      expect(await poll(store, device)).toMatchObject({ kind: 'fresh' });
      const redeemed = await store.redeem(code.id, code.code.hash, EXPECTED, newRedemption());
      expect(redeemed).toMatchObject({ kind: 'fresh' });
      const spent = await createRedeemed(store);
      expect(await poll(store, { id: spent.id, hash: spent.code.hash })).toEqual({
        kind: 'unknown',
      });
      expect(await store.find(spent.id, NOW)).toBeDefined();
    });

    it('keeps a refresh token that is rotated, bound and revoked like any other', async () => {
      const device = await grant();
      await poll(store, device, { refresh: { ...token(1), binding: 'key' } });
      const bound = { clientId: CLIENT, binding: 'key' };

      const stolen = await store.rotate(device.id, token(1), EXPECTED, toNext(1));
      const rotated = await store.rotate(device.id, token(1), bound, toNext(1));

      expect(stolen).toEqual({ kind: 'mismatch', of: 'binding' });
      expect(rotated).toMatchObject({ kind: 'fresh', refreshExpiresAt: NOW + 1000 });
      expect((await other.find(device.id, NOW))?.refresh?.hash).toBe('token-2');
      await store.revoke(device.id);
      expect(await store.find(device.id, NOW)).toBeUndefined();
      expect(await poll(store, device)).toEqual({ kind: 'unknown' });
    });

    it('keeps no refresh token where there are no terms for one', async () => {
      const device = await park();
      const { refresh: _, ...decision } = newDeviceGrant();
      await store.decideDevice(device.id, decision, NOW);

      expect(await poll(store, device)).toMatchObject({
        kind: 'fresh',
        refreshExpiresAt: undefined,
      });
      expect((await store.find(device.id, NOW))?.refresh).toBeUndefined();
    });

    it('that was replayed ends its refresh tokens', async () => {
      const device = await grant();
      await poll(store, device);

      expect(await poll(store, device, { now: NOW + 900 })).toEqual({ kind: 'replayed' });
      expect(await store.rotate(device.id, token(1), EXPECTED, toNext(1))).toEqual({
        kind: 'replayed',
      });
      expect(await poll(store, device)).toEqual({ kind: 'replayed' });
    });
  });
});
