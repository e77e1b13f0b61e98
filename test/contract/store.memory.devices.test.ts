import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { toClientId } from '../../internal/protocol/ids.ts';
import { createMemoryStore } from '../../internal/store/memory/memory.ts';
import {
  createGranted,
  NOW,
  newAuthorization,
  newClientRecord,
  newPending,
  newSid,
  unique,
} from '../support/authorizations.ts';
import { createTestClock } from '../support/clock.ts';
import { DENIED, newDevice, newDeviceGrant, parkDevice, poll } from '../support/devices.ts';

const expectUnavailable = (call: Promise<unknown>) =>
  expect(call).rejects.toBeInstanceOf(Unavailable);

describe('memory store: bounds of devices, counts and clients', () => {
  it('counts what is counted, once for each key, and forgets it after its window', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ maxEntries: 2, maxPending: 5, now: clock });
    await store.count('guess', 'a', 60);
    await store.count('guess', 'b', 120);
    await store.count('guess', 'a', 60);

    await expectUnavailable(store.count('guess', 'c', 60));
    await expectUnavailable(store.create(newAuthorization(), NOW));
    expect(await store.count('guess', 'a', 60)).toBe(3);
    clock.advance(59);
    expect(await store.count('guess', 'a', 60)).toBe(4);
    clock.advance(1);
    expect(await store.count('guess', 'c', 60)).toBe(1);
    expect(await store.count('guess', 'b', 60)).toBe(2);
    await expectUnavailable(store.count('guess', 'a', 60));
  });

  it('takes the room of a device from requests that wait, and of its grant from End-Users', async () => {
    const store = createMemoryStore({ maxEntries: 2, maxPending: 2 });
    const [first, second] = [await parkDevice(store), await parkDevice(store)];
    expect(await store.parkDevice(newDevice(), NOW)).toBe('full');
    expect(await store.park(newPending(), NOW)).toBe('full');
    await createGranted(store);
    const membership = { offline: false, until: NOW + 600 };
    const inSession = newDeviceGrant({ membership, grant: { sid: newSid() } });

    await expectUnavailable(store.decideDevice(first.id, inSession, NOW));
    expect(await poll(store, first)).toEqual({ kind: 'pending' });
    expect(await store.decideDevice(first.id, newDeviceGrant(), NOW)).toBe('decided');
    await expectUnavailable(store.decideDevice(second.id, newDeviceGrant(), NOW));
    await expectUnavailable(store.decideDevice(second.id, DENIED, NOW));
    expect(await store.findDevice(second.userCodeHash, NOW)).toBeDefined();
    await store.revoke(first.id);
    expect(await store.decideDevice(second.id, DENIED, NOW)).toBe('decided');
    await expectUnavailable(store.create(newAuthorization(), NOW));
    await store.revoke(second.id);
    expect(await poll(store, second)).toEqual({ kind: 'unknown' });
    expect(await store.create(newAuthorization(), NOW)).toBe('created');
    expect(await store.park(newPending(), NOW)).toBe('parked');
    expect(await store.parkDevice(newDevice(), NOW)).toBe('parked');
  });

  it('has the room of devices again a minute after they expired', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ maxEntries: 5, maxPending: 3, now: clock });
    const clientId = toClientId(unique());
    const devices = [];
    for (let n = 0; n < 3; n += 1) devices.push(await parkDevice(store, { clientId }));
    const [first = newDevice(), denied = newDevice()] = devices;
    await store.decideDevice(denied.id, DENIED, NOW);

    clock.advance(659);
    expect(await poll(store, first, { now: NOW + 659 }, { clientId })).toEqual({ kind: 'expired' });
    expect(await poll(store, denied, { now: NOW + 659 }, { clientId })).toEqual({
      kind: 'expired',
    });
    expect(await store.findDevice(first.userCodeHash, NOW)).toBeUndefined();
    clock.advance(1);

    expect(await poll(store, first, { now: NOW + 660 }, { clientId })).toEqual({ kind: 'unknown' });
    expect(await poll(store, denied, { now: NOW + 660 }, { clientId })).toEqual({
      kind: 'unknown',
    });
    for (let n = 0; n < 3; n += 1) await parkDevice(store, { clientId, perClient: 3 });
    expect(await store.parkDevice(newDevice(), NOW)).toBe('full');
  });

  it('gives a user code away when it expires, and takes it from nobody when the first goes', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ maxEntries: 5, maxPending: 5, now: clock });
    const userCodeHash = unique();
    await parkDevice(store, { userCodeHash });
    clock.advance(600);
    const second = await parkDevice(store, { userCodeHash });
    clock.advance(60);
    await parkDevice(store);

    expect((await store.findDevice(userCodeHash, NOW))?.id).toBe(second.id);
    expect(await store.parkDevice(newDevice({ userCodeHash }), NOW)).toBe('code_taken');
  });

  it('keeps the budget of a client apart from requests that only linger', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ maxEntries: 5, maxPending: 50, now: clock });
    for (let n = 0; n < 3; n += 1) await parkDevice(store, { perClient: 3 });
    clock.advance(600);

    for (let n = 0; n < 3; n += 1) await parkDevice(store, { perClient: 3 });
    expect(await store.parkDevice(newDevice({ perClient: 3 }), NOW)).toBe('full');
  });

  it('registers as many clients as it may, whatever else it holds', async () => {
    const clock = createTestClock();
    const options = { maxEntries: 1, maxPending: 1, maxClients: 2, now: clock };
    const store = createMemoryStore(options);
    await createGranted(store);
    const create = (ttl?: number) => {
      const id = toClientId(unique());
      return store.createClient(id, newClientRecord(), ttl);
    };

    expect([await create(60), await create(), await create()]).toEqual([
      ...['created', 'created', 'full'],
    ]);
    clock.advance(59);
    expect(await create()).toBe('full');
    clock.advance(1);
    expect([await create(), await create()]).toEqual(['created', 'full']);
    clock.advance(1_000_000_000);
    expect(await create()).toBe('full');
  });
});
