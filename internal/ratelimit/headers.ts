// The fields of draft-ietf-httpapi-ratelimit-headers-10, as structured fields (RFC 9651).

import type { Budget } from '../protocol/budget.ts';

/** What a request has come to know of one rule. */
export type State = {
  readonly name: string;
  readonly budget: Budget;
  readonly remaining: number;
  /** Seconds until there is one more. */
  readonly wait: number;
};

/** Names and values in turn; none where no rule was asked. Names of rules need no escaping. */
export function printStates(states: readonly State[]): readonly string[] {
  if (states.length === 0) return [];
  const policy = states.map(
    ({ name, budget }) => `"${name}";q=${budget.limit};w=${Math.ceil(budget.window)}`,
  );
  const limit = states.map(({ name, remaining, wait }) => `"${name}";r=${remaining};t=${wait}`);
  return ['RateLimit-Policy', policy.join(', '), 'RateLimit', limit.join(', ')];
}
