// One rule of an operator's, as it is counted by.

import type { Budget } from '../protocol/budget.ts';
import type { Key, Occasion } from '../protocol/limits.ts';

export type Rule = {
  readonly name: string;
  readonly on: readonly Occasion[];
  readonly by: Key;
  readonly budget: Budget;
  readonly exempt: {
    readonly clients: ReadonlySet<string>;
    readonly subjects: ReadonlySet<string>;
    readonly networks: (address: string | undefined) => boolean;
  };
  /** What a request is told of which nobody can say how many came before. */
  readonly whenStoreFails: 'allow' | 'refuse';
};
