// N1 to N4: what became of every authorization, from the requests and answers about it alone.

import type { Operation } from '../operation.ts';
import { type Ends, findEnds, isBefore, isGraced, presentations } from './ends.ts';
import type { Terms, Violation } from './invariants.ts';

/** Every violation of N1 to N4, one of each invariant for each authorization. */
export function checkGrants(history: readonly Operation[], terms: Terms): readonly Violation[] {
  return [...bySignIn(history).values()].flatMap((operations) => {
    const ends = findEnds(operations, terms);
    const found = [
      ...findDoubleSpends(operations, terms),
      ...findRevivals(operations, ends),
      ...findLosses(operations, ends, terms),
    ];
    return [...new Map(found.map((violation) => [violation.invariant, violation])).values()];
  });
}

function bySignIn(history: readonly Operation[]): ReadonlyMap<string, readonly Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of history) {
    for (const name of operation.about) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [operation]);
      else group.push(operation);
    }
  }
  return groups;
}

const isOk = ({ outcome }: Operation): boolean => outcome === 'ok';

function findDoubleSpends(
  operations: readonly Operation[],
  { grace, slack }: Terms,
): readonly Violation[] {
  const found: Violation[] = [];
  const report = (what: string, shownBy: readonly Operation[]): void =>
    void found.push({ invariant: 'N2', what, shownBy });
  for (const same of presentations(operations, 'redeem').values()) {
    const won = same.filter(isOk);
    if (won.length > 1) report(`a code was redeemed ${won.length} times`, won);
  }
  const refreshes = operations.filter(({ kind }) => kind === 'refresh').filter(isOk);
  for (const same of presentations(operations, 'refresh').values()) {
    const won = same.filter(isOk).toSorted((a, b) => a.endedAt - b.endedAt);
    const [first] = won;
    if (first === undefined) continue;
    const successors = new Set(won.map(({ given }) => given?.refreshToken));
    if (successors.size > 1) report('a refresh token has two successors', won);
    const late = won.find(({ startedAt }) => startedAt > first.endedAt + grace + slack);
    if (late) report('a refresh token was taken after its grace', [first, late]);
    const used = refreshes.find(({ presented = '' }) => successors.has(presented));
    const old = used && won.find((one) => isBefore(used, one));
    if (old) report('a refresh token was taken after its successor', [used, old]);
  }
  return found;
}

const SUCCEEDS: ReadonlySet<Operation['kind']> = new Set([
  'redeem',
  'refresh',
  'introspect',
  'userinfo',
]);

function findRevivals(
  operations: readonly Operation[],
  { mustFrom, by }: Ends,
): readonly Violation[] {
  const alive = operations.find(
    ({ kind, outcome, startedAt }) =>
      SUCCEEDS.has(kind) && outcome === 'ok' && startedAt > mustFrom,
  );
  if (alive === undefined || by === undefined) return [];
  const what = `${alive.kind} succeeded after an acknowledged end by ${by.kind}`;
  return [{ invariant: 'N3', what, shownBy: [by, alive] }];
}

/** What was refused although nothing can have ended it. */
function findLosses(
  operations: readonly Operation[],
  { mayFrom }: Ends,
  terms: Terms,
): readonly Violation[] {
  const refused = operations.filter(
    ({ kind, outcome, endedAt }) =>
      SUCCEEDS.has(kind) && outcome === 'refused' && endedAt < mayFrom,
  );
  return refused.flatMap((one) => {
    if (isExplained(one, operations, terms)) return [];
    const earlier = operations.filter((other) => isEarlierUse(other, one));
    if (earlier.length > 0) {
      return [violation('N4', 'a retry within the grace was refused', [...earlier, one])];
    }
    const later = operations.find(
      (other) => other.presented === one.presented && isOk(other) && isBefore(one, other),
    );
    // Alive again is no excuse: a client throws away what is called invalid.
    return later === undefined
      ? [violation('N1', `${one.kind} was refused for what nobody had ended`, [one])]
      : [violation('N1', `${one.kind} was refused for what was alive afterwards`, [one, later])];
  });
}

/** Whether the same secret was spent, or may have been, by a request that began before. */
const isEarlierUse = (other: Operation, one: Operation): boolean =>
  (other.kind === 'refresh' || other.kind === 'redeem') &&
  other.kind === one.kind &&
  other.presented === one.presented &&
  other.startedAt < one.startedAt &&
  other.outcome !== 'unsent';

function isExplained(one: Operation, operations: readonly Operation[], terms: Terms): boolean {
  const earlier = operations.filter((other) => isEarlierUse(other, one));
  switch (one.kind) {
    case 'redeem':
      return earlier.length > 0 || isOver(operations, terms);
    case 'refresh':
      return earlier.length > 0 && !isGraced(one, [...earlier, one], operations, terms);
    // Only the current refresh token of a family is active.
    case 'introspect':
      return wasPresented(one, operations);
    default:
      return false;
  }
}

/** Whether the code of a sign-in may be over, because it is of before a failover. */
const isOver = (operations: readonly Operation[], { codesOverUntil = 0 }: Terms): boolean =>
  operations.some(({ kind, startedAt }) => kind === 'authorize' && startedAt < codesOverUntil);

const violation = (
  invariant: Violation['invariant'],
  what: string,
  shownBy: readonly Operation[],
): Violation => ({ invariant, what, shownBy });

/** Whether a refresh token that is asked about may have been used before the answer. */
const wasPresented = (asked: Operation, operations: readonly Operation[]): boolean =>
  operations.some(
    ({ kind, presented, startedAt, outcome }) =>
      kind === 'refresh' &&
      presented === asked.presented &&
      outcome !== 'unsent' &&
      startedAt < asked.endedAt,
  );
