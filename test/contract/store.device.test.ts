import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toAuthorizationId, toClientId } from '../../internal/protocol/ids.ts';
import type { NewDeviceRequest } from '../../internal/store/device.ts';
import type { Store } from '../../internal/store/store.ts';
import {
  CLIENT,
  EXPECTED,
  NOW,
  newAuthorization,
  newPending,
  newRedemption,
  OTHER,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { DENIED, newDevice, newDeviceGrant, parkDevice, poll } from '../support/devices.ts';
import { MAX_PENDING, STORES, type Stores } from '../support/stores.ts';

describe.each(STORES)('%s store: devices (RFC 8628)', (_, open) => {
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

  describe('a request', () => {
    it('is found by its user code until it expires, and is no authorization', async () => {
      const request = {
        ...{ params: [['scope', 'openid \n"é']] as const, clientId: CLIENT, jkt: 'key' },
        parkedAt: NOW,
      };
      const { id, userCodeHash, hash } = await park({ request });

      const found = { id, request, clientId: CLIENT };
      expect(await other.findDevice(userCodeHash, NOW)).toEqual(found);
      expect(await store.findDevice(userCodeHash, NOW + 599)).toEqual(found);
      expect(await store.findDevice(userCodeHash, NOW + 600)).toBeUndefined();
      expect(await store.findDevice(unique(), NOW)).toBeUndefined();
      expect(await store.find(id, NOW)).toBeUndefined();
      expect(await store.redeem(id, hash, EXPECTED, newRedemption())).toEqual({ kind: 'unknown' });
      expect(await store.rotate(id, token(1), EXPECTED, toNext(1))).toEqual({ kind: 'unknown' });
    });

    it('is none that a page can answer by its handle', async () => {
      const device = await park();
      const { id, hash, userCodeHash } = device;

      expect(await store.findPending(id, hash, NOW)).toBeUndefined();
      expect(await store.approve(hash, newAuthorization({ id }), NOW)).toBe('unknown');
      expect(await store.discard(id, hash, NOW)).toBe(false);
      expect(await store.findDevice(userCodeHash, NOW)).toBeDefined();
      expect(await poll(store, device)).toEqual({ kind: 'pending' });
    });

    it('is not what a page was shown for', async () => {
      const pending = newPending();
      await store.park(pending, NOW);

      expect(await store.decideDevice(pending.id, newDeviceGrant(), NOW)).toBe('unknown');
      expect(await poll(store, pending)).toEqual({ kind: 'unknown' });
      expect(await store.discard(pending.id, pending.hash, NOW)).toBe(true);
    });

    it('does not take the user code of another that lives', async () => {
      const { id, userCodeHash } = await park();
      const second = newDevice({ userCodeHash });

      expect(await other.parkDevice(second, NOW)).toBe('code_taken');
      expect((await store.findDevice(userCodeHash, NOW))?.id).toBe(id);
      expect(await poll(store, second)).toEqual({ kind: 'unknown' });
      expect(await store.decideDevice(second.id, newDeviceGrant(), NOW)).toBe('unknown');
    });

    it('has its user code to itself, of any number at once', async () => {
      const userCodeHash = unique();
      const devices = Array.from({ length: MAX_PENDING }, () => newDevice({ userCodeHash }));
      parked.push(...devices);

      const answers = await Promise.all(
        devices.map((device, n) => (n % 2 === 0 ? store : other).parkDevice(device, NOW)),
      );

      expect(answers.filter((answer) => answer === 'parked')).toHaveLength(1);
      expect((await store.findDevice(userCodeHash, NOW))?.id).toBe(
        devices[answers.indexOf('parked')]?.id,
      );
      // What was refused takes no place of the budget.
      for (let n = 1; n < MAX_PENDING; n += 1) await park();
    });

    for (const decision of [DENIED, newDeviceGrant()]) {
      it(`that was ${decision.kind} is not found, and its user code can be drawn again`, async () => {
        const { id, userCodeHash } = await park();

        await store.decideDevice(id, decision, NOW);

        expect(await other.findDevice(userCodeHash, NOW)).toBeUndefined();
        await expect.poll(() => store.parkDevice(newDevice({ userCodeHash }), NOW)).toBe('parked');
        const again = await store.findDevice(userCodeHash, NOW);
        expect(again?.id).not.toBe(id);
        await store.decideDevice(again?.id ?? id, DENIED, NOW);
      });
    }
  });

  describe('budgets', () => {
    it('are those of requests put aside, and given back by an answer', async () => {
      const pending = newPending();
      await store.park(pending, NOW);
      for (let n = 1; n < MAX_PENDING; n += 1) await park();
      const refused = newDevice();

      expect(await other.parkDevice(refused, NOW)).toBe('full');
      expect(await store.park(newPending(), NOW)).toBe('full');
      expect(await store.findDevice(refused.userCodeHash, NOW)).toBeUndefined();
      expect(await poll(store, refused)).toEqual({ kind: 'unknown' });

      await store.discard(pending.id, pending.hash, NOW);
      expect(await store.parkDevice(refused, NOW)).toBe('parked');
      await store.decideDevice(refused.id, DENIED, NOW);
      const [first, second] = parked;
      await store.decideDevice(first?.id ?? refused.id, newDeviceGrant(), NOW);
      await park();
      await park();
      expect(second && (await store.findDevice(second.userCodeHash, NOW))).toBeDefined();
      expect(await store.parkDevice(newDevice(), NOW)).toBe('full');
    });

    it('are also those of each client', async () => {
      const clientId = toClientId(unique());
      const [first, second] = [
        await park({ clientId, perClient: 2 }),
        await park({ clientId, perClient: 2 }),
      ];
      const third = newDevice({ clientId, perClient: 2 });

      expect(await other.parkDevice(third, NOW)).toBe('full');
      expect(await store.findDevice(third.userCodeHash, NOW)).toBeUndefined();
      await park({ perClient: 1, clientId: toClientId(unique()) });

      await store.decideDevice(first.id, newDeviceGrant({ grant: { clientId } }), NOW);
      await park({ clientId, perClient: 2 });
      await store.decideDevice(second.id, DENIED, NOW);
      await park({ clientId, perClient: 2 });
      expect(await store.parkDevice(newDevice({ clientId, perClient: 2 }), NOW)).toBe('full');
    });

    it('of a client are given back when its requests expire', async () => {
      const clientId = toClientId(unique());
      await park({ clientId, perClient: 1, expiresAt: NOW + 1 });
      const second = newDevice({ clientId, perClient: 1 });
      parked.push(second);
      expect(await store.parkDevice(second, NOW)).toBe('full');

      await expect.poll(() => store.parkDevice(second, NOW), { timeout: 30_000 }).toBe('parked');
    });

    it('give the user code of an expired request to another', async () => {
      const { userCodeHash } = await park({ expiresAt: NOW + 1 });
      const second = newDevice({ userCodeHash });
      parked.push(second);

      await expect.poll(() => store.parkDevice(second, NOW), { timeout: 30_000 }).toBe('parked');
      expect((await store.findDevice(userCodeHash, NOW))?.id).toBe(second.id);
    });
  });

  describe('a poll (RFC 8628 §3.5)', () => {
    it('is told to wait, and to slow down by five seconds each time it comes too soon', async () => {
      const device = await park();
      const at = (seconds: number, by = store) => poll(by, device, { now: NOW + seconds });

      expect(await at(0)).toEqual({ kind: 'pending' });
      expect(await at(5, other)).toEqual({ kind: 'pending' });
      expect(await at(9)).toEqual({ kind: 'slow_down', interval: 10 });
      expect(await at(18, other)).toEqual({ kind: 'slow_down', interval: 15 });
      expect(await at(33)).toEqual({ kind: 'pending' });
      expect(await at(47)).toEqual({ kind: 'slow_down', interval: 20 });
    });

    it('counts from the poll before, whatever that was told', async () => {
      const device = await park({ interval: 2 });
      const at = (seconds: number) => poll(store, device, { now: NOW + seconds });

      expect(await at(0)).toEqual({ kind: 'pending' });
      expect(await at(1)).toEqual({ kind: 'slow_down', interval: 7 });
      expect(await at(7)).toEqual({ kind: 'slow_down', interval: 12 });
      expect(await at(19)).toEqual({ kind: 'pending' });
    });

    it('of any number at once is told to wait once', async () => {
      const device = await park();

      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) => poll(n % 2 === 0 ? store : other, device)),
      );

      expect(answers.filter(({ kind }) => kind === 'pending')).toHaveLength(1);
      expect(
        answers
          .flatMap((answer) => (answer.kind === 'slow_down' ? [answer.interval] : []))
          .toSorted((a, b) => a - b),
      ).toEqual([10, 15, 20, 25, 30, 35, 40, 45, 50]);
    });

    it('gets the same answer for the same attempt, which does not slow it down', async () => {
      const device = await park();
      const [first, second] = [unique(), unique()];

      expect(await poll(store, device, { attempt: first })).toEqual({ kind: 'pending' });
      expect(await poll(other, device, { attempt: first })).toEqual({ kind: 'pending' });
      const slower = { kind: 'slow_down', interval: 10 };
      expect(await poll(store, device, { attempt: second })).toEqual(slower);
      expect(await poll(other, device, { attempt: second })).toEqual(slower);
      expect(await poll(store, device, { now: NOW + 10 })).toEqual({ kind: 'pending' });
    });

    it('that must not spend is told to wait, before and after the answer, and the next one is fresh', async () => {
      const device = await park();
      const only = { onlyPolls: true };

      expect(await poll(store, device, { now: NOW }, only)).toEqual({ kind: 'pending' });
      await store.decideDevice(device.id, newDeviceGrant(), NOW);
      expect(await poll(other, device, { now: NOW + 5 }, only)).toEqual({ kind: 'pending' });
      const stranger = { ...only, clientId: OTHER };
      expect(await poll(other, device, { now: NOW + 5 }, stranger)).toMatchObject({
        kind: 'mismatch',
      });
      expect(await poll(store, device, { now: NOW + 10 })).toMatchObject({ kind: 'fresh' });
      expect(await poll(other, device, { now: NOW + 15 }, only)).toEqual({ kind: 'replayed' });
    });

    it('with another secret or of another client changes nothing', async () => {
      const device = await park();
      await poll(store, device);

      for (let n = 0; n < 3; n += 1) {
        expect(await poll(store, { ...device, hash: unique() })).toEqual({ kind: 'unknown' });
        expect(await poll(store, device, {}, { clientId: OTHER })).toEqual({
          ...{ kind: 'mismatch', of: 'client' },
        });
      }
      const nobody = { id: toAuthorizationId(unique()), hash: device.hash };
      expect(await poll(store, nobody)).toEqual({ kind: 'unknown' });
      expect(await poll(store, device, { now: NOW + 5 })).toEqual({ kind: 'pending' });
    });

    it('is told that the code expired from the second on in which it does', async () => {
      const device = await park();

      expect(await poll(store, device, { now: NOW + 599 })).toEqual({ kind: 'pending' });
      expect(await poll(store, device, { now: NOW + 600 })).toEqual({ kind: 'expired' });
      expect(await poll(store, device, { now: NOW + 600 }, { clientId: OTHER })).toMatchObject({
        kind: 'mismatch',
      });
      expect(await store.decideDevice(device.id, newDeviceGrant(), NOW + 600)).toBe('unknown');
      expect(await store.decideDevice(device.id, DENIED, NOW + 600)).toBe('unknown');
      expect(await store.decideDevice(device.id, DENIED, NOW + 599)).toBe('decided');
    });

    it('is told of a refusal until the code expires', async () => {
      const device = await park();
      await poll(store, device);
      await store.decideDevice(device.id, DENIED, NOW);

      expect(await poll(store, device)).toEqual(DENIED);
      expect(await poll(other, device, { now: NOW + 599 })).toEqual(DENIED);
      expect(await poll(store, device, { now: NOW + 600 })).toEqual({ kind: 'expired' });
      expect(await poll(store, { ...device, hash: unique() })).toEqual({ kind: 'unknown' });
      expect(await poll(store, device, {}, { clientId: OTHER })).toMatchObject({
        kind: 'mismatch',
      });
      expect(await store.find(device.id, NOW)).toBeUndefined();
    });
  });

  it('refuses an id that exists already, and keeps what it names', async () => {
    const device = await park();

    await expect(
      other.parkDevice(newDevice({ id: device.id, userCodeHash: device.userCodeHash }), NOW),
    ).rejects.toThrow('exists already');

    expect(await store.findDevice(device.userCodeHash, NOW)).toMatchObject({ id: device.id });
    expect(await poll(store, device)).toEqual({ kind: 'pending' });
  });

  it('can neither find nor decide nor poll a request that was revoked', async () => {
    const device = await park();

    await store.revoke(device.id);

    expect(await store.findDevice(device.userCodeHash, NOW)).toBeUndefined();
    expect(await store.decideDevice(device.id, newDeviceGrant(), NOW)).toBe('unknown');
    expect(await poll(store, device)).toEqual({ kind: 'unknown' });
  });
});
