// When an authorization may have ended, and when it must have. Between the two nobody can tell, and
// the checker believes either answer.

import type { Operation } from '../operation.ts';
import { groupBy } from './group.ts';
import type { Terms } from './invariants.ts';

export type Ends = {
  /** Nothing that could end it began before. */
  readonly mayFrom: number;
  /** Its end was acknowledged. */
  readonly mustFrom: number;
  /** What acknowledged it. */
  readonly by: Operation | undefined;
};

const wasSent = ({ outcome }: Operation): boolean => outcome !== 'unsent';

const byStart = (operations: readonly Operation[]): readonly Operation[] =>
  operations.toSorted((a, b) => a.startedAt - b.startedAt);

/** Whether the first is over before the second begins. */
export const isBefore = (first: Operation, second: Operation): boolean =>
  first.endedAt < second.startedAt;

/** Operations of one kind, by what they presented. */
export function presentations(
  operations: readonly Operation[],
  kind: Operation['kind'],
): ReadonlyMap<string, readonly Operation[]> {
  const sent = byStart(operations).filter((operation) => operation.kind === kind);
  return groupBy(sent.filter(wasSent), ({ presented = '' }) => presented);
}

/**
 * Whether a repeated refresh has to get its successor: it ended within the grace of whichever earlier
 * one was executed first, and nobody can have used the successor before it ended.
 */
export function isGraced(
  repeated: Operation,
  same: readonly Operation[],
  operations: readonly Operation[],
  { grace, slack }: Terms,
): boolean {
  const [first = repeated] = same;
  if (repeated.endedAt > first.startedAt + grace - slack) return false;
  const successors = new Set(same.map(({ given }) => given?.refreshToken));
  return !operations.some(
    ({ kind, presented, startedAt }) =>
      kind === 'refresh' && successors.has(presented) && startedAt < repeated.endedAt,
  );
}

/** @param operations those about one authorization. */
export function findEnds(operations: readonly Operation[], terms: Terms): Ends {
  const may: Operation[] = [];
  const must: Operation[] = [];
  for (const operation of operations) {
    if (operation.kind !== 'revoke' && operation.kind !== 'end_session') continue;
    if (wasSent(operation)) may.push(operation);
    if (operation.outcome === 'ok') must.push(operation);
  }
  for (const same of presentations(operations, 'redeem').values()) {
    may.push(...same.slice(1));
    must.push(...refusedAfterSuccess(same));
  }
  for (const same of presentations(operations, 'refresh').values()) {
    const [, ...repeated] = same;
    may.push(...repeated.filter((one) => !isGraced(one, same, operations, terms)));
    must.push(...refusedAfterSuccess(same));
  }
  const by = must.toSorted((a, b) => a.endedAt - b.endedAt)[0];
  return {
    mayFrom: Math.min(...may.map(({ startedAt }) => startedAt)),
    mustFrom: by?.endedAt ?? Number.POSITIVE_INFINITY,
    by,
  };
}

/** A replay that was noticed ends everything (RFC 6749 §4.1.2, RFC 9700 §4.14.2). */
const refusedAfterSuccess = (same: readonly Operation[]): readonly Operation[] =>
  same.filter(
    (one) =>
      one.outcome === 'refused' &&
      same.some((other) => other.outcome === 'ok' && isBefore(other, one)),
  );
