import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createMemoryStore } from '../../internal/store/memory/memory.ts';
import {
  CLIENT,
  createGranted,
  createRedeemed,
  EXPECTED,
  GRANT,
  NOW,
  newAuthorization,
  newMember,
  newPending,
  newRedemption,
  newSid,
  OTHER,
  ofAlice,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { createTestClock } from '../support/clock.ts';
import { newDeviceGrant, parkDevice } from '../support/devices.ts';

describe('memory store: bounds (DO-1, N1, N7)', () => {
  it('answers Unavailable when it is full, and forgets no live authorization', async () => {
    const store = createMemoryStore({ maxEntries: 10, maxPending: 5 });
    const live = [];
    for (let n = 0; n < 10; n += 1) live.push(await createGranted(store));

    await expect(store.create(newAuthorization(), NOW)).rejects.toBeInstanceOf(Unavailable);
    await expect(store.once('jti', unique(), 60)).rejects.toBeInstanceOf(Unavailable);
    const consent = { scope: ['openid'], grantedAt: NOW };
    await expect(store.keepConsent(GRANT.subject, CLIENT, consent, 60)).rejects.toBeInstanceOf(
      Unavailable,
    );

    for (const { id, code } of live) {
      expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
        kind: 'fresh',
      });
      expect(await store.rotate(id, token(1), EXPECTED, toNext(1))).toMatchObject({
        kind: 'fresh',
      });
    }
  });

  it('says how full each of its budgets is, without what has ended though nobody writes', async () => {
    const clock = createTestClock(NOW);
    const options = { maxEntries: 20_000, maxPending: 5, maxClients: 3, now: clock };
    const store = createMemoryStore(options);
    const used = () => store.usage?.().map((one) => `${one.budget} ${one.used} of ${one.most}`);
    expect(used()).toEqual(['entries 0 of 20000', 'pending 0 of 5', 'clients 0 of 3']);

    await store.create(newAuthorization(), NOW);
    await store.park(newPending(), NOW);
    await parkDevice(store);
    for (let n = 0; n < 1500; n += 1) await store.once('jti', unique(), 60);
    expect(used()).toEqual(['entries 1501 of 20000', 'pending 2 of 5', 'clients 0 of 3']);

    clock.advance(61);
    // It removes some of it each time.
    used();
    expect(used()?.[0]).toBe('entries 1 of 20000');
  });

  it('that is full in the middle of a page burns nothing, and the page can be answered again', async () => {
    const store = createMemoryStore({ maxEntries: 2, maxPending: 5 });
    const { id } = await createGranted(store);
    const pending = newPending();
    await store.park(pending, NOW);
    const device = await parkDevice(store);
    await store.once('jti', unique(), 60);
    const approved = newAuthorization({ id: pending.id, grant: { nonce: unique() } });
    const full = [
      store.approve(pending.hash, approved, NOW),
      store.decideDevice(device.id, newDeviceGrant(), NOW),
      store.decideDevice(device.id, { kind: 'denied' }, NOW),
    ];
    for (const call of full) await expect(call).rejects.toBeInstanceOf(Unavailable);
    await store.revoke(id);

    expect(await store.decideDevice(device.id, newDeviceGrant(), NOW)).toBe('decided');
    await store.revoke(device.id);
    const { nonce: _, ...grant } = approved.grant;
    expect(await store.approve(pending.hash, { ...approved, grant }, NOW)).toBe('created');
  });

  it('has room again when something is revoked, and when something expires', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ maxEntries: 2, maxPending: 5, now: clock });
    const { id } = await createGranted(store);
    await createGranted(store);

    await store.revoke(id);
    expect(await store.create(newAuthorization(), NOW)).toBe('created');

    clock.advance(361);
    expect(await store.create(newAuthorization(), NOW)).toBe('created');
  });

  it('counts a nonce, and burns none when there is no room for both', async () => {
    const store = createMemoryStore({ maxEntries: 3, maxPending: 5 });
    const { id } = await createGranted(store);
    await createGranted(store);
    const refused = newAuthorization({ grant: { nonce: unique() } });

    await expect(store.create(refused, NOW)).rejects.toBeInstanceOf(Unavailable);

    await store.revoke(id);
    expect(await store.create(refused, NOW)).toBe('created');
  });

  it('counts every member of a session and every end, and always has room to end one', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ maxEntries: 7, maxPending: 5, now: clock });
    const sid = newSid();
    // The record, its nonce, and its place in the session; and one for all in the index of its End-User.
    const member = newMember(sid);
    await store.create(member, NOW);
    await store.create(newMember(sid), NOW);
    await expect(store.create(newAuthorization(), NOW)).rejects.toBeInstanceOf(Unavailable);
    const refused = newMember(newSid());
    await store.revoke(member.id);
    await expect(store.create(refused, NOW)).rejects.toBeInstanceOf(Unavailable);

    expect(await store.endSession(ofAlice(sid), 60)).toHaveLength(2);
    expect(await store.endSession(ofAlice(newSid()), 60)).toEqual([]);
    await expect(store.create(newAuthorization(), NOW)).rejects.toBeInstanceOf(Unavailable);
    await store.forgetSession(ofAlice(sid));
    expect(await store.create(newAuthorization(), NOW)).toBe('created');
    await expect(store.create(newAuthorization(), NOW)).rejects.toBeInstanceOf(Unavailable);
    clock.advance(60);
    expect(await store.create(newAuthorization(), NOW)).toBe('created');
    expect(await store.create(newAuthorization(), NOW)).toBe('created');
    await expect(store.create(newAuthorization(), NOW)).rejects.toBeInstanceOf(Unavailable);
  });

  it('has the room of members again when they may be forgotten', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ maxEntries: 5, maxPending: 5, now: clock });
    const membership = { offline: false, until: NOW + 361 };
    const sid = newSid();
    const make = () => newMember(sid, { membership, grant: { nonce: unique() } });
    await store.create(make(), NOW);
    await expect(store.create(make(), NOW)).rejects.toBeInstanceOf(Unavailable);
    clock.advance(361);

    expect(await store.create(make(), NOW)).toBe('created');
    expect(await store.endSession(ofAlice(sid), 60)).toHaveLength(1);
  });

  it('keeps requests of strangers and grants of End-Users from taking the room of each other', async () => {
    const store = createMemoryStore({ maxEntries: 3, maxPending: 2 });
    const pending = newPending();
    await store.park(pending, NOW);
    await store.park(newPending(), NOW);
    for (let n = 0; n < 3; n += 1) await createGranted(store);
    const granted = newAuthorization({ id: pending.id });

    expect(await store.park(newPending(), NOW)).toBe('full');
    await expect(store.approve(pending.hash, granted, NOW)).rejects.toBeInstanceOf(Unavailable);
    expect(await store.findPending(pending.id, pending.hash, NOW)).toEqual(pending.request);
  });

  it('remembers a nonce of a megabyte as briefly as any other', async () => {
    const store = createMemoryStore({ maxEntries: 10, maxPending: 5 });
    const nonce = 'n'.repeat(1_000_000);
    await store.create(newAuthorization({ grant: { nonce } }), NOW);

    const other = newAuthorization({ grant: { nonce, clientId: OTHER } });

    expect(await store.create(newAuthorization({ grant: { nonce } }), NOW)).toBe('nonce_used');
    expect(await store.create(other, NOW)).toBe('created');
  });

  it('refuses an id that exists already, and keeps what it names', async () => {
    const store = createMemoryStore({ maxEntries: 10, maxPending: 5 });
    const { id, code } = await createGranted(store);
    const pending = newPending();
    await store.park(pending, NOW);

    await expect(store.create(newAuthorization({ id }), NOW)).rejects.toThrow('exists already');
    await expect(store.park(newPending({ id: pending.id }), NOW)).rejects.toThrow('exists already');
    expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
      kind: 'fresh',
    });
  });
});

describe('memory store: time (F-33)', () => {
  it('lets everything end by its own clock, however the callers count', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ maxEntries: 10, maxPending: 5, now: clock });
    await store.once('jti', 'a', 60);
    await store.keepConsent(GRANT.subject, CLIENT, { scope: [], grantedAt: NOW }, 60);
    const { id } = await createRedeemed(store);

    clock.advance(60);

    expect(await store.happened('jti', 'a')).toBe(false);
    expect(await store.findConsent(GRANT.subject, CLIENT)).toBeUndefined();
    expect(await store.find(id, NOW)).toBeDefined();
    clock.advance(3600);
    expect(await store.find(id, NOW)).toBeUndefined();
    expect(await store.rotate(id, token(1), EXPECTED, toNext(1))).toEqual({ kind: 'unknown' });
  });

  it('knows a replay for as long as the code would have lived', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ maxEntries: 10, maxPending: 5, now: clock });
    const { id, code } = await createRedeemed(store);
    await store.redeem(id, code.hash, EXPECTED, newRedemption());

    clock.advance(299);

    expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toEqual({
      kind: 'replayed',
    });
  });

  it('removes 200,000 that end at once without a pause, and has their room again', async () => {
    const entries = 200_000;
    const clock = createTestClock();
    const store = createMemoryStore({ maxEntries: entries, maxPending: 5, now: clock });
    for (let n = 0; n < entries; n += 1) await store.once('jti', `${n}`, 1 + ((n * 7919) % 60));
    await expect(store.once('jti', 'one more', 60)).rejects.toBeInstanceOf(Unavailable);

    clock.advance(60);
    const startedAt = performance.now();
    await store.once('jti', 'again 0', 60);
    const first = performance.now() - startedAt;
    for (let n = 1; n < entries; n += 1) await store.once('jti', `again ${n}`, 60);
    const all = performance.now() - startedAt;

    // Whoever removed them all at once would have the first caller wait for it.
    expect(first).toBeLessThan(all / 20);
    await expect(store.once('jti', 'one more', 60)).rejects.toBeInstanceOf(Unavailable);
  });
});
