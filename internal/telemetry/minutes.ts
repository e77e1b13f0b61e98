// An hour of an issuer, however many processes it is, minute by minute.

import { BUCKETS } from './metric.ts';
import type { Counts, Step } from './samples.ts';

/** A step that is a minute long, and of all processes. */
export type Minute = Step;

const SECONDS = 60;

/** One for each minute from the first step to the last, those in which nothing came as well. */
export function toMinutes(lists: readonly (readonly Step[])[]): readonly Minute[] {
  const byStart = new Map<number, Minute>();
  for (const step of lists.flat()) {
    // A step is of what came before its end.
    const at = Math.ceil(step.at / SECONDS) * SECONDS;
    const known = byStart.get(at);
    byStart.set(at, known === undefined ? { ...step, at } : add(known, step));
  }
  if (byStart.size === 0) return [];
  const last = Math.max(...byStart.keys());
  const first = Math.max(Math.min(...byStart.keys()), last - (MOST_MINUTES - 1) * SECONDS);
  return Array.from({ length: (last - first) / SECONDS + 1 }, (_, index) => {
    const at = first + index * SECONDS;
    return byStart.get(at) ?? { at, ...NOTHING };
  });
}

/** Clocks that disagree by hours make no hour longer. */
const MOST_MINUTES = 62;

const NOTHING = { signIns: 0, tokens: {}, refusals: {}, requests: [], store: [] } as const;

const add = (one: Minute, other: Step): Minute => ({
  at: one.at,
  signIns: one.signIns + other.signIns,
  tokens: addCounts(one.tokens, other.tokens),
  refusals: addCounts(one.refusals, other.refusals),
  requests: addBuckets(one.requests, other.requests),
  store: addBuckets(one.store, other.store),
});

function addCounts(one: Counts, other: Counts): Counts {
  const sum: Record<string, number> = { ...one };
  for (const [kind, count] of Object.entries(other)) sum[kind] = (sum[kind] ?? 0) + count;
  return sum;
}

/** Sums of what fell into each bucket. */
export const addBuckets = (one: readonly number[], other: readonly number[]): readonly number[] =>
  Array.from(
    { length: Math.max(one.length, other.length) },
    (_, index) => (one[index] ?? 0) + (other[index] ?? 0),
  );

/**
 * In seconds, as exact as the buckets are; undefined where nothing was measured.
 *
 * @param share 0.99 is what one of a hundred took longer than.
 */
export function findQuantile(buckets: readonly number[], share: number): number | undefined {
  const count = buckets.reduce((sum, more) => sum + more, 0);
  if (count === 0) return undefined;
  let left = share * count;
  for (const [index, more] of buckets.entries()) {
    const above = BUCKETS[index];
    const below = BUCKETS[index - 1] ?? 0;
    // Longer than the last bound says nothing but that.
    if (above === undefined) return below;
    if (left <= more) return below + (above - below) * (more === 0 ? 0 : left / more);
    left -= more;
  }
  return BUCKETS.at(-1);
}
