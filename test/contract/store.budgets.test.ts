import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBudgetVerbs, decideTake, type Used } from '../../internal/store/memory/budget.ts';
import type { Store } from '../../internal/store/store.ts';
import { unique } from '../support/authorizations.ts';
import { createTestClock } from '../support/clock.ts';
import { STORES, type Stores } from '../support/stores.ts';

describe.each(STORES)('%s store: take', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  afterAll(() => stores.close());

  it('gives as many as there are, and says how many are left', async () => {
    const key = unique();
    const budget = { limit: 3, window: 3600 };

    expect(await store.take('rule', key, budget)).toEqual({
      ...{ allowed: true, remaining: 2 },
      wait: 1200,
    });
    expect(await other.take('rule', key, budget)).toMatchObject({ allowed: true, remaining: 1 });
    expect(await store.take('rule', key, budget)).toMatchObject({ allowed: true, remaining: 0 });
    const refused = await other.take('rule', key, budget);
    expect(refused).toMatchObject({ allowed: false, remaining: 0 });
    expect(refused.wait).toBeGreaterThan(1100);
    expect(refused.wait).toBeLessThanOrEqual(1200);
  });

  it('takes nothing of what it refuses', async () => {
    const key = unique();
    const budget = { limit: 1, window: 3600 };
    await store.take('rule', key, budget);

    const waits: number[] = [];
    for (let n = 0; n < 5; n += 1) waits.push((await store.take('rule', key, budget)).wait);

    expect(Math.max(...waits)).toBeLessThanOrEqual(3600);
  });

  it('gives exactly as many as there are to any number that ask at once', async () => {
    const key = unique();
    const budget = { limit: 20, window: 86_400 };

    const answers = await Promise.all(
      Array.from({ length: 100 }, (__, n) =>
        (n % 2 === 0 ? store : other).take('rule', key, budget),
      ),
    );

    const allowed = answers.filter((answer) => answer.allowed);
    expect(allowed).toHaveLength(20);
    expect(allowed.map(({ remaining }) => remaining).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (__, n) => n),
    );
  });

  it('keeps keys and rules apart', async () => {
    const key = unique();
    const budget = { limit: 1, window: 3600 };
    await store.take('rule', key, budget);

    expect((await store.take('other', key, budget)).allowed).toBe(true);
    expect((await store.take('rule', unique(), budget)).allowed).toBe(true);
    expect((await store.take('rule', key, budget)).allowed).toBe(false);
  });

  it('gives one again when it said there would be one, and forgets what is whole', async () => {
    const key = unique();
    const budget = { limit: 2, window: 4 };
    await store.take('rule', key, budget);
    await store.take('rule', key, budget);
    const { allowed, wait } = await store.take('rule', key, budget);
    expect(allowed).toBe(false);
    expect([1, 2]).toContain(wait);

    await new Promise((resolve) => setTimeout(resolve, wait * 1000));

    expect((await store.take('rule', key, budget)).allowed).toBe(true);
  });

  it('takes a budget that became smaller for what it is', async () => {
    const key = unique();
    for (let n = 0; n < 5; n += 1) await store.take('rule', key, { limit: 10, window: 36_000 });

    const { allowed, wait } = await store.take('rule', key, { limit: 1, window: 60 });

    expect(allowed).toBe(false);
    expect(wait).toBeLessThanOrEqual(60);
  });
});

describe('what is left of a budget', () => {
  const budget = { limit: 4, window: 60 };
  const spent = { used: 4, at: 1000 };

  it('refills evenly, one by one', () => {
    expect(decideTake(spent, 1000, budget).taken).toMatchObject({ allowed: false, wait: 15 });
    expect(decideTake(spent, 1014, budget).taken).toMatchObject({ allowed: false, wait: 1 });
    expect(decideTake(spent, 1015, budget).taken).toEqual({
      ...{ allowed: true, remaining: 0, wait: 15 },
    });
    expect(decideTake(spent, 1040, budget).taken).toEqual({
      ...{ allowed: true, remaining: 1, wait: 5 },
    });
    expect(decideTake(spent, 9999, budget).taken).toMatchObject({ allowed: true, remaining: 3 });
  });

  it('refills also where it is asked for again and again', () => {
    let used = spent;
    for (let now = 1001; now < 1015; now += 1) {
      const { taken, next } = decideTake(used, now, budget);
      expect(taken.allowed).toBe(false);
      used = next;
    }
    expect(decideTake(used, 1015, budget).taken.allowed).toBe(true);
  });

  it('waits no longer when a clock was set back', () => {
    const { taken, next } = decideTake({ used: 4, at: 5000 }, 1000, budget);
    expect(taken).toEqual({ allowed: false, remaining: 0, wait: 15 });
    expect(decideTake(next, 1015, budget).taken.allowed).toBe(true);
  });

  it('is given whole, whatever the numbers are', () => {
    for (const limit of [1, 3, 7, 10, 99, 1000]) {
      for (const window of [1, 59, 60, 3600, 86_400]) {
        let used: Used | undefined;
        for (let left = limit - 1; left >= 0; left -= 1) {
          const { taken, next } = decideTake(used, 1_800_000_000, { limit, window });
          expect(taken).toMatchObject({ allowed: true, remaining: left });
          used = next;
        }
        expect(decideTake(used, 1_800_000_000, { limit, window }).taken.allowed).toBe(false);
      }
    }
  });
});

describe('memory store: budgets', () => {
  const budget = { limit: 2, window: 3600 };

  it('are bounded, and what anybody makes displaces nobody of whom more was taken', async () => {
    const clock = createTestClock(1000);
    const { take } = createBudgetVerbs(clock, 100);
    await take('rule', 'guesser', budget);
    await take('rule', 'guesser', budget);

    for (let n = 0; n < 1000; n += 1) await take('rule', `passer-by ${n}`, budget);

    expect((await take('rule', 'guesser', budget)).allowed).toBe(false);
    expect((await take('rule', 'passer-by 0', budget)).remaining).toBe(1);
    expect((await take('rule', 'passer-by 0', budget)).remaining).toBe(0);
  });
});
