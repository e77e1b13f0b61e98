// Turns figures into the tables of docs/performance.md.

import type { Bound } from './targets.ts';

const NONE = '–';

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export type Line = readonly (string | number | undefined)[];

/** A dash where there is no figure, or where the machine does not tell. */
const toText = (cell: Line[number]): string =>
  cell === undefined || Number.isNaN(cell) ? NONE : `${cell}`;

/** @param head the titles of the columns. */
export function renderTable(head: readonly string[], lines: readonly Line[]): string {
  const rows = [head, head.map(() => '---'), ...lines];
  return rows.map((line) => `| ${line.map(toText).join(' | ')} |`).join('\n');
}

export const count = (value: number): string => Math.round(value).toLocaleString('en');
export const times = (value: number): string => `${value.toFixed(1)} ×`;
export const percent = (value: number): string => `${Math.round(value * 100)} %`;

type Unit = (value: number) => string;

/** A bound and whether it was met; a dash where nothing is aimed at. */
export function judge(value: number | undefined, bound: Bound | undefined, unit: Unit): string {
  if (value === undefined || Number.isNaN(value) || bound === undefined) return NONE;
  const isLow = 'atMost' in bound;
  const isMet = isLow ? value <= bound.atMost : value >= bound.atLeast;
  return `${isLow ? '≤' : '≥'} ${unit(isLow ? bound.atMost : bound.atLeast)}: ${isMet ? 'met' : 'not met'}`;
}
