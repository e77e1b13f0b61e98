// How often something may be done: so many times at once, and refilled evenly, so that it is as many in
// each window in the long run. There is no moment at which everybody may begin again.

export type Budget = {
  /** How many there are at most. */
  readonly limit: number;
  /** Seconds in which a budget that was used up is whole again. */
  readonly window: number;
};

/** What an operator says of one client: by the name of a rule, or `*` for all others about clients. */
export type ClientBudgets = ReadonlyMap<string, Budget | 'unlimited'>;

export const EVERY_RULE = '*';
