// One configuration after another: which is in force, and what becomes of the one before it.

import type { Snapshot } from '../loader/load.ts';
import type { InForce } from './in-force.ts';

/** A configuration that could come into force. Exactly one of the two is called. */
export type Prepared = {
  /** It counts from the next request on. */
  readonly take: () => void;
  /** It never does. */
  readonly discard: () => void;
};

export type Succession = {
  readonly current: () => InForce;
  /** Rejects with what keeps it from coming into force, and then everything is as it was. */
  readonly prepare: (wanted: Snapshot) => Promise<Prepared>;
};

/** The first is in force at once. @param taken told of each as it comes into force. */
export function createSuccession(
  first: InForce,
  open: (wanted: Snapshot) => Promise<InForce>,
  taken: (snapshot: Snapshot) => void,
): Succession {
  let current = first;
  const take = (next: InForce): void => {
    current = next;
    next.take();
    taken(next.snapshot);
  };
  take(first);
  return {
    current: () => current,
    async prepare(wanted) {
      const next = await open(wanted);
      return {
        take() {
          const before = current;
          take(next);
          before.end();
        },
        discard: next.end,
      };
    },
  };
}
