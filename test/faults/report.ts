// What is said of each fault, in one line.

import type { Verdict } from './checker/check.ts';
import { ALL_INVARIANTS, type Invariant } from './checker/invariants.ts';

export type Line = {
  readonly topology: string;
  readonly id: string;
  readonly name: string;
  readonly seed: number;
  readonly verdict: Verdict;
  readonly promised: readonly Invariant[];
};

/** Whether everything that is promised was kept. */
export const isKept = ({ verdict, promised }: Line): boolean =>
  promised.every((invariant) => verdict.counts[invariant] === 0);

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** In brackets what is not promised here: it is counted, and fails nothing. */
export function printCounts({ verdict: { counts }, promised }: Line): string {
  const broken = ALL_INVARIANTS.filter((invariant) => counts[invariant] > 0).map((invariant) => {
    const text = `${invariant} ${counts[invariant]}`;
    return promised.includes(invariant) ? text : `(${text})`;
  });
  return broken.length === 0 ? 'none' : broken.join(', ');
}

export function printLine(line: Line): string {
  const { topology, id, name, seed, verdict } = line;
  const { requests, unavailable, unknown, codesLost, recovery, longest } = verdict;
  const facts = [
    `${requests} requests`,
    `${unavailable} × 503`,
    `${unknown} unanswered`,
    `${codesLost} codes lost`,
    `violations: ${printCounts(line)}`,
    `recovered in ${seconds(recovery)}`,
    `away for ${seconds(longest)}`,
    `seed ${seed}`,
  ];
  const mark = isKept(line) ? '✓' : '✗';
  return `${mark} ${topology} · ${id} ${name}: ${facts.join(', ')}`;
}

/** The first violations of a line that count, for people. */
export function printViolations({ verdict, promised }: Line, file: string): string {
  const broken = verdict.violations.filter(({ invariant }) => promised.includes(invariant));
  const shown = broken.slice(0, 8).map(({ invariant, what }) => `    ${invariant}: ${what}`);
  return [...shown, `    history: ${file}`].join('\n');
}
