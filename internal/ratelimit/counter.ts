// Counts for one rule: whose budget it is, whether anything is left of it, and what is told when nothing is.

import type { Audit } from '../audit/events.ts';
import type { ClientBudgets } from '../protocol/budget.ts';
import { RateLimited, Unavailable } from '../protocol/errors.ts';
import type { Occasion } from '../protocol/limits.ts';
import type { Clock } from '../protocol/time.ts';
import type { BudgetVerbs, Taken } from '../store/budgets.ts';
import { createCrowd } from './crowd.ts';
import { createExpiring } from './expiring.ts';
import type { State } from './headers.ts';
import { describe, findOwn, isAnybodys, type Own, type Who } from './own.ts';
import type { Rule } from './rule.ts';

/** One request, and what it asks for. */
type Counted = {
  readonly occasion: Occasion;
  readonly requestId: string;
  /** Told what has come to be known, also of what is refused. */
  readonly note: (state: State) => void;
};

export type CounterDeps = {
  readonly take: BudgetVerbs['take'];
  /** What clients.yaml says of a client. */
  readonly budgetsOf: (clientId: string) => ClientBudgets | undefined;
  /** Whether a name that somebody claims is one that may stand in the trail. */
  readonly isClient: (clientId: string) => boolean;
  readonly audit: Audit;
  readonly now: Clock;
  readonly salt: string;
  /** How many networks, or pairs of a network and a name, have a budget of their own at a time. */
  readonly maxKeys: number;
  /** Told of every refusal. */
  readonly onRefused?: ((rule: string) => void) | undefined;
};

export type Counter = {
  readonly rule: Rule;
  /** Rejects with `RateLimited`, or with `Unavailable` where nobody can tell and the rule says so. */
  count(who: Who, counted: Counted): Promise<void>;
  /** Throws `RateLimited` where this process knows that nothing is left; counts nothing. */
  check(who: Who, counted: Counted): void;
};

/** As many keys of a rule are told of in one window. */
const MAX_TOLD = 1000;

/** Seconds for which a store that does not answer is not asked again: each question waits for it. */
const PAUSE = 1;

export function createCounter(rule: Rule, deps: CounterDeps): Counter {
  const { now, audit } = deps;
  const crowd = createCrowd(deps.maxKeys, deps.salt);
  /** Until when nothing is left: a flood does not reach the store. */
  const blocked = createExpiring<number>(deps.maxKeys);
  const told = createExpiring<true>(MAX_TOLD);
  let pausedUntil = 0;

  function tell(key: string, who: Who, { occasion, requestId }: Counted): void {
    const moment = now();
    if (told.get(key, moment) !== undefined) return;
    if (!told.set(key, true, moment + rule.budget.window, moment)) return;
    const { name } = rule;
    const reason = 'rate_limited';
    const named = describe(rule, who, deps.isClient);
    audit({ type: 'rate_limit.exceeded', rule: name, occasion, reason, ...named, requestId });
  }

  function refuse(own: Own, wait: number, who: Who, counted: Counted): RateLimited {
    tell(own.key, who, counted);
    deps.onRefused?.(rule.name);
    counted.note({ name: rule.name, budget: own.budget, remaining: 0, wait });
    return new RateLimited(wait);
  }

  async function ask({ key, budget }: Own): Promise<Taken | undefined> {
    try {
      if (now() < pausedUntil) throw new Unavailable('store', 'take');
      return await deps.take(rule.name, key, budget);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      pausedUntil = Math.max(pausedUntil, now() + PAUSE);
      if (rule.whenStoreFails === 'refuse') throw error;
      return undefined;
    }
  }

  const waitOf = ({ key }: Own): number => (blocked.get(key, now()) ?? now()) - now();

  return {
    rule,
    async count(who, counted) {
      const found = findOwn(rule, who, deps.budgetsOf);
      if (found === undefined) return;
      const { budget } = found;
      const own = isAnybodys(rule, who)
        ? { budget, key: crowd.nameOf(found.key, now() + budget.window, now()) }
        : found;
      const known = waitOf(own);
      if (known > 0) throw refuse(own, known, who, counted);
      const taken = await ask(own);
      if (taken === undefined) return;
      const { allowed, remaining, wait } = taken;
      const until = now() + wait;
      if (remaining === 0) blocked.set(own.key, until, until, now());
      if (!allowed) throw refuse(own, wait, who, counted);
      counted.note({ name: rule.name, budget, remaining, wait });
    },
    check(who, counted) {
      const found = findOwn(rule, who, deps.budgetsOf);
      if (found === undefined) return;
      const own = isAnybodys(rule, who) ? { ...found, key: crowd.find(found.key, now()) } : found;
      const wait = waitOf(own);
      if (wait > 0) throw refuse(own, wait, who, counted);
    },
  };
}
