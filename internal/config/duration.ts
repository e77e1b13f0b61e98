// Lengths of time as operators write them, `5m`, and as everything inside counts them: in seconds.

import * as z from 'zod';
import { DAY, HOUR, MINUTE } from '../protocol/time.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', 1],
  ['ms', 0.001],
]);

const GRAMMAR = /^(\d{1,9})(ms|s|m|h|d)$/;
const HINT = 'has to be a length of time with its unit, as in 500ms, 30s, 5m, 8h or 30d';

/** Seconds; undefined when the text is no number with a unit. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = GRAMMAR.exec(text) ?? [];
  const factor = UNITS.get(unit ?? '');
  return factor === undefined ? undefined : Number(digits) * factor;
}

/** The largest unit that leaves a whole number. */
export function printDuration(seconds: number): string {
  for (const [unit, factor] of UNITS) {
    if (seconds >= factor && Number.isInteger(seconds / factor))
      return `${seconds / factor}${unit}`;
  }
  return `${Math.round(seconds * 1000) / 1000}s`;
}

/** Limits in seconds. Fractions of a second only where `min` is below one and above zero. */
export type DurationLimits = { readonly min: number; readonly max: number };

/** Reads `5m` into 300. */
export const duration = ({ min, max }: DurationLimits) =>
  z
    .string({ error: HINT })
    .regex(GRAMMAR, HINT)
    .transform((text, context) => {
      const seconds = parseDuration(text) ?? Number.NaN;
      const whole = Number.isInteger(seconds) || (min > 0 && min < 1);
      if (whole && seconds >= min && seconds <= max) return seconds;
      const message = whole
        ? `has to be between ${printDuration(min)} and ${printDuration(max)}`
        : 'has to be a whole number of seconds';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });
