// Turns figures into the tables of docs/performance.md.

import type { Bound } from './targets.ts';

/** Where there is no figure. */
const NONE = '–';

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export type Line = readonly (string | number | undefined)[];

/** @param head the titles of the columns. */
export function renderTable(head: readonly string[], lines: readonly Line[]): string {
  const rows = lines.map((line) => `| ${line.map((cell) => cell ?? NONE).join(' | ')} |`);
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...rows].join('\n');
}

export const count = (value: number): string => Math.round(value).toLocaleString('en');
export const times = (value: number): string => `${value.toFixed(1)} ×`;
export const percent = (value: number): string => `${Math.round(value * 100)} %`;

type Unit = (value: number) => string;

/** A bound and whether it was met; a dash where nothing is aimed at. */
export function judge(value: number | undefined, bound: Bound | undefined, unit: Unit): string {
  if (value === undefined || bound === undefined) return NONE;
  const isLow = 'atMost' in bound;
  const isMet = isLow ? value <= bound.atMost : value >= bound.atLeast;
  return `${isLow ? '≤' : '≥'} ${unit(isLow ? bound.atMost : bound.atLeast)}: ${isMet ? 'met' : 'not met'}`;
}
