// N5 and N6: what is said while the store is away, and how soon it is over.

import { isOfClient, isStoreless, type Operation } from '../operation.ts';
import type { Terms, Violation, Windows } from './invariants.ts';

/** Violations of N5 and N6 by the answers themselves, whatever they were about. */
export function checkAvailability(
  history: readonly Operation[],
  windows: Windows,
  terms: Terms,
): readonly Violation[] {
  const asked = history.filter((operation) => !isExcused(operation, windows));
  return [
    ...findOddAnswers(asked, terms),
    ...findExcess(asked, windows, terms),
    ...findUnrecovered(asked, windows, terms),
    ...findBlindReadiness(asked, windows),
  ];
}

/** Nobody expects an answer of a process that is dead, or frozen. */
const isExcused = (operation: Operation, { excused }: Windows): boolean =>
  excused.some(
    ({ issuer, from, to, what }) =>
      issuer === operation.issuer &&
      operation.startedAt < to &&
      operation.endedAt > from &&
      (what === 'everything' || !isOfClient(operation)),
  );

function findOddAnswers(history: readonly Operation[], { patience }: Terms): readonly Violation[] {
  return history.flatMap((operation): readonly Violation[] => {
    const { kind, outcome, said, startedAt, endedAt } = operation;
    const report = (what: string): readonly Violation[] => [
      { invariant: 'N5', what, shownBy: [operation] },
    ];
    if (outcome === 'odd') return report(`${kind} was answered ${said}`);
    if (outcome === 'unknown' || outcome === 'unsent') return report(`${kind}: ${said}`);
    if (isStoreless(operation) && outcome !== 'ok') return report(`${kind} was answered ${said}`);
    const took = Math.round(endedAt - startedAt);
    return took > patience ? report(`${kind} took ${took} ms`) : [];
  });
}

/** Where a fault has to be all but unnoticed. */
function findExcess(
  history: readonly Operation[],
  { injectedAt, recoveredBy, unavailableShare }: Windows,
  { machineShare }: Terms,
): readonly Violation[] {
  const during = history.filter(
    ({ endedAt, startedAt }) => endedAt > injectedAt && startedAt < recoveredBy,
  );
  const share = unavailableShare === 1 ? 1 : unavailableShare + machineShare;
  return findTooMany(during, share).map(
    (what): Violation => ({ invariant: 'N5', what, shownBy: during.filter(isUnavailable) }),
  );
}

/** @param share that may be answered 503. */
function findTooMany(history: readonly Operation[], share: number): readonly string[] {
  const asked = history.filter(isOfClient);
  const unavailable = asked.filter(isUnavailable).length;
  if (unavailable <= asked.length * share) return [];
  return [`${unavailable} of ${asked.length} were answered 503`];
}

function findUnrecovered(
  history: readonly Operation[],
  { injectedAt, recoveredBy }: Windows,
  { machineShare }: Terms,
): readonly Violation[] {
  const early = history.filter(({ endedAt }) => endedAt < injectedAt);
  const late = history.filter(({ startedAt }) => startedAt > recoveredBy);
  const ready = late.filter(({ kind, outcome }) => kind === 'readyz' && outcome === 'ok');
  const issuers = new Set(history.map(({ issuer }) => issuer));
  const dead = [...issuers].filter((name) => !ready.some(({ issuer }) => issuer === name));
  return [
    ...findTooMany(early, machineShare).map((what) => broken(`before the fault ${what}`)),
    ...findTooMany(late, machineShare).map((what) => broken(`after it was over ${what}`)),
    ...dead.map((name) => broken(`${name} is not ready afterwards`)),
  ];
}

const broken = (what: string): Violation => ({ invariant: 'N6', what, shownBy: [] });

function findBlindReadiness(
  history: readonly Operation[],
  { injectedAt, recoveredBy, turnsUnready }: Windows,
): readonly Violation[] {
  const red = history.some(
    (one) =>
      one.kind === 'readyz' &&
      isUnavailable(one) &&
      one.endedAt > injectedAt &&
      one.startedAt < recoveredBy,
  );
  if (!turnsUnready || red) return [];
  return [{ invariant: 'N5', what: '/readyz has not noticed', shownBy: [] }];
}

export const isUnavailable = ({ outcome }: Operation): boolean => outcome === 'unavailable';
