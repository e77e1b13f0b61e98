// The whole verdict on a round: a history in, what was broken and how bad it was out. Knows nothing of
// Redis, of processes or of HTTP.

import { isOfClient, type Operation } from '../operation.ts';
import { checkAvailability, isUnavailable } from './availability.ts';
import { checkBounds, type Usage } from './bounds.ts';
import { checkGrants } from './grants.ts';
import { groupBy } from './group.ts';
import {
  ALL_INVARIANTS,
  type Invariant,
  type Terms,
  type Violation,
  type Windows,
} from './invariants.ts';

export type Evidence = {
  readonly history: readonly Operation[];
  readonly windows: Windows;
  readonly terms: Terms;
  readonly usage: { readonly before: Usage; readonly after: Usage };
};

export type Verdict = {
  readonly violations: readonly Violation[];
  readonly counts: Readonly<Record<Invariant, number>>;
  readonly requests: number;
  readonly unavailable: number;
  /** Resets and lost patience: what they did is not known, and either is believed. */
  readonly unknown: number;
  /** Codes that nobody got anything for, by a lost answer or a failover: their End-Users sign in again. */
  readonly codesLost: number;
  /** Milliseconds from the heal to the end of the last 503. */
  readonly recovery: number;
  /** The longest time in which nobody was answered what they wanted, in milliseconds. */
  readonly longest: number;
};

export function check({ history, windows, terms, usage }: Evidence): Verdict {
  const own = history.filter(({ endedAt }) => endedAt > windows.begunAt);
  const violations = [
    ...checkGrants(history, terms),
    ...checkAvailability(own, windows, terms),
    ...checkBounds(usage.before, usage.after),
  ];
  const count = (invariant: Invariant): number =>
    violations.filter((violation) => violation.invariant === invariant).length;
  const asked = own.filter(isOfClient);
  const unavailable = asked.filter(isUnavailable);
  return {
    violations,
    counts: Object.fromEntries(
      ALL_INVARIANTS.map((name) => [name, count(name)]),
    ) as Verdict['counts'],
    requests: asked.length,
    unavailable: unavailable.length,
    unknown: asked.filter(({ outcome }) => outcome === 'unknown' || outcome === 'unsent').length,
    codesLost: countLostCodes(history),
    recovery: Math.max(0, ...unavailable.map(({ endedAt }) => endedAt - windows.healedAt)),
    longest: longestUnavailability(asked),
  };
}

/** Never redeemed, and refused to somebody: after a lost answer or of before a failover, or it is a loss. */
function countLostCodes(history: readonly Operation[]): number {
  const codes = groupBy(
    history.filter(({ kind }) => kind === 'redeem'),
    ({ presented = '' }) => presented,
  );
  return [...codes.values()].filter(
    (same) =>
      same.some(({ outcome }) => outcome === 'refused') &&
      !same.some(({ outcome }) => outcome === 'ok'),
  ).length;
}

/** Between two successes, where somebody was turned away in the meantime. */
function longestUnavailability(asked: readonly Operation[]): number {
  let longest = 0;
  let lastSuccess: number | undefined;
  let turnedAway = false;
  for (const { outcome, startedAt, endedAt } of asked.toSorted((a, b) => a.endedAt - b.endedAt)) {
    if (outcome !== 'ok' && outcome !== 'refused') {
      turnedAway = true;
      lastSuccess ??= startedAt;
      continue;
    }
    if (turnedAway && lastSuccess !== undefined) longest = Math.max(longest, endedAt - lastSuccess);
    turnedAway = false;
    lastSuccess = endedAt;
  }
  return longest;
}
