// Puts something around each call of an interface: a stopwatch, a span. What is answered or thrown stays
// as it is, and so does when it is asked.

import type { Store } from '../store/store.ts';

/** Calls `run` once, at once, and passes on what becomes of it. */
export type Around = <Answer>(verb: string, run: () => Promise<Answer>) => Promise<Answer>;

/** Every verb of the store; what readiness and a scrape ask, and its end, are nobody's request. */
export function aroundStore(store: Store, around: Around): Store {
  const wrapped: Record<string, unknown> = {};
  const verbs: Readonly<Record<string, Verb>> = store as never;
  for (const [name, verb] of Object.entries(verbs)) {
    if (!UNTOLD.has(name))
      wrapped[name] = (...given: never[]) => around(name, () => verb(...given));
  }
  return { ...store, ...wrapped };
}

type Verb = (...given: never[]) => Promise<unknown>;

const UNTOLD: ReadonlySet<string> = new Set(['ping', 'usage', 'close'] satisfies (keyof Store)[]);
