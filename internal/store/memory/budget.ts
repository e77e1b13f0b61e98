// What is left of budgets, in memory: how much of each is used, which ends evenly as time passes.

import type { Budget } from '../../protocol/budget.ts';
import type { Clock } from '../../protocol/time.ts';
import type { BudgetVerbs, Taken } from '../budgets.ts';
import { createExpiringMap, type Form } from './expiring-map.ts';
import { keyOf } from './granting.ts';

/** How much was used at a moment; nothing is what is not there. */
export type Used = { readonly used: number; readonly at: number };

/** For sums of fractions that would be whole numbers. */
const EPSILON = 1e-5;

export function decideTake(
  before: Used | undefined,
  now: number,
  { limit, window }: Budget,
): { readonly taken: Taken; readonly next: Used } {
  const each = window / limit;
  const { used: then, at } = before ?? { used: 0, at: now };
  // A clock may be set back, and a reload may make a budget smaller than what was used of it.
  const used = Math.min(limit, Math.max(0, then - Math.max(0, now - at) / each));
  const wait = (units: number): number => Math.max(1, Math.ceil(units * each - EPSILON));
  if (used + 1 > limit + EPSILON) {
    const taken = { allowed: false, remaining: 0, wait: wait(used + 1 - limit) };
    return { taken, next: { used, at: now } };
  }
  const remaining = Math.max(0, Math.floor(limit - used - 1 + EPSILON));
  const taken = { allowed: true, remaining, wait: wait(used + 2 + remaining - limit) };
  return { taken, next: { used: used + 1, at: now } };
}

/** Beyond, the budget goes of which the least is used: whoever makes many keys loses those first. */
const MAX_BUDGETS = 200_000;

const SWEPT_PER_TAKE = 8;

const asUsed: Form<Used> = {
  print: ({ used, at }) => `${used} ${at}`,
  parse(text) {
    const [used, at] = text.split(' ').map(Number);
    return { used: used ?? 0, at: at ?? 0 };
  },
};

/** Apart from everything else that is remembered: what anybody can fill displaces nothing of it. */
export function createBudgetVerbs(clock: Clock, most = MAX_BUDGETS): BudgetVerbs {
  const budgets = createExpiringMap(asUsed);
  return {
    async take(rule, key, budget) {
      const now = clock();
      const name = keyOf(rule, key);
      budgets.sweep(now, SWEPT_PER_TAKE);
      if (budgets.get(name, now) === undefined && budgets.size() >= most) {
        budgets.sweep(Number.POSITIVE_INFINITY, 1);
      }
      const { taken, next } = decideTake(budgets.get(name, now), now, budget);
      budgets.set(name, next, now + (next.used * budget.window) / budget.limit);
      return taken;
    },
  };
}
