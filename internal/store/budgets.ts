// Budgets that are taken from and refill by themselves, as one verb: one round trip and one atomic step.

import type { Budget } from '../protocol/budget.ts';

export type Taken = {
  /** False: nothing was there to take, and nothing was taken. */
  readonly allowed: boolean;
  /** How many more may be taken at this moment. */
  readonly remaining: number;
  /** Whole seconds until there is one more than that. */
  readonly wait: number;
};

export type BudgetVerbs = {
  /** Takes one. A budget nobody ever took from is whole, and one that is whole again is forgotten. */
  take(rule: string, key: string, budget: Budget): Promise<Taken>;
};
