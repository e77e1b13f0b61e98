import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createMemoryStore } from '../../internal/store/memory/memory.ts';
import type { Store } from '../../internal/store/store.ts';
import {
  createGranted,
  createRedeemed,
  EXPECTED,
  GRANT,
  NOW,
  newAuthorization,
  newMember,
  newRedemption,
  newSid,
  ofAlice,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { createTestClock } from '../support/clock.ts';

const DAY = 86_400;

/** How many more facts there is room for. */
async function fill(store: Store, ttl: number): Promise<number> {
  for (let made = 0; ; made += 1) {
    try {
      await store.once('fills', unique(), ttl);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      return made;
    }
  }
}

describe('memory store: no verb scans (F-33)', () => {
  const verbs: readonly (readonly [string, (store: Store) => Promise<unknown>])[] = [
    ['once', (store) => store.once('verb', 'x', 60)],
    ['count', (store) => store.count('verb', 'x', 60)],
    ['create', (store) => store.create(newMember(newSid()), NOW)],
    [
      'keepConsent',
      (store) => store.keepConsent(GRANT.subject, GRANT.clientId, { scope: [], grantedAt: 0 }, 60),
    ],
    ['happened', (store) => store.happened('verb', 'x')],
    ['find', (store) => store.find(newAuthorization().id, NOW)],
    ['endSession', (store) => store.endSession(ofAlice(newSid()), 60)],
  ];

  it.each(verbs)('%s removes at most eight of a thousand that have ended', async (_, call) => {
    let now = 0;
    const store = createMemoryStore({ maxEntries: 1000, maxPending: 5, now: () => now });
    expect(await fill(store, 60)).toBe(1000);

    now = 60;
    await call(store);
    // By a clock before their end, those that are left count again.
    now = 59;

    expect(await fill(store, 60)).toBeLessThanOrEqual(8);
  });
});

describe('memory store: clocks that jump (N1)', () => {
  it('forgets nothing that lives longer than the clock jumped ahead', async () => {
    const clock = createTestClock(NOW);
    const store = createMemoryStore({ maxEntries: 1000, maxPending: 5, now: clock });
    const refresh = { ttl: 30 * DAY, until: NOW + 90 * DAY };
    const lasting = await createRedeemed(store, { refresh });
    await store.once('jti', 'lasting', 2 * DAY);

    clock.advance(DAY);
    for (let n = 0; n < 100; n += 1) await store.once('jti', unique(), 60);
    clock.advance(-DAY);

    expect(await store.once('jti', 'lasting', 60)).toBe(false);
    expect(await store.rotate(lasting.id, token(1), EXPECTED, toNext(1))).toMatchObject({
      kind: 'fresh',
    });
  });

  it('has everything again when the clock comes back, but what writes removed meanwhile', async () => {
    const clock = createTestClock(NOW);
    const store = createMemoryStore({ maxEntries: 1000, maxPending: 5, now: clock });
    const codes = [];
    for (let n = 0; n < 50; n += 1) codes.push(await createGranted(store));

    clock.advance(DAY);
    for (const { id } of codes) expect(await store.find(id, NOW + DAY)).toBeUndefined();
    await store.once('jti', unique(), 60);
    clock.advance(-DAY);

    const kinds = [];
    for (const { id, code } of codes) {
      kinds.push((await store.redeem(id, code.hash, EXPECTED, newRedemption())).kind);
    }
    expect(kinds.filter((kind) => kind === 'fresh')).toHaveLength(50 - 8);
  });

  it('lets go of nothing when the clock goes back, and of all in their time by that clock', async () => {
    const clock = createTestClock(NOW);
    const store = createMemoryStore({ maxEntries: 2, maxPending: 5, now: clock });
    const { id, code } = await createGranted(store);
    await store.once('jti', 'x', 60);

    clock.advance(-DAY);
    await expect(store.once('jti', 'y', 60)).rejects.toBeInstanceOf(Unavailable);
    expect(await store.once('jti', 'x', 60)).toBe(false);
    clock.advance(DAY);
    expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
      kind: 'fresh',
    });
    clock.advance(60);
    expect(await store.once('jti', 'x', 60)).toBe(true);
  });
});

describe('memory store: what comes and goes (N7)', () => {
  it('takes no more memory after many times its bound than after the first', async () => {
    const clock = createTestClock(NOW);
    const store = createMemoryStore({ maxEntries: 2000, maxPending: 5, now: clock });
    const turnOver = async (times: number) => {
      for (let n = 0; n < times * 700; n += 1) {
        const at = clock();
        const code = { hash: unique(), expiresAt: at + 60 };
        const membership = { offline: false, until: at + 120 };
        const sid = newSid();
        const snapshot = { name: 'x'.repeat((n * 31) % 900) };
        const grant = { nonce: unique(), sid, snapshot };
        const made = newAuthorization({ code, membership, grant });
        expect(await store.create(made, at)).toBe('created');
        if (n % 5 === 0) clock.advance(1);
      }
      return process.memoryUsage().arrayBuffers;
    };

    const first = await turnOver(2);
    const last = await turnOver(6);

    expect(last).toBeLessThan(first + 2_000_000);
  });

  it('gives out what it was given, whatever its caller does to that afterwards', async () => {
    const store = createMemoryStore({ maxEntries: 10, maxPending: 5, now: () => NOW });
    const groups = ['engineering'];
    const made = newAuthorization({ grant: { snapshot: { groups } } });
    await store.create(made, NOW);
    groups.push('admins');

    expect((await store.find(made.id, NOW))?.grant.snapshot).toEqual({ groups: ['engineering'] });
  });
});
