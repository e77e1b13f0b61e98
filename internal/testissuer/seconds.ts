// Lengths of time as tests say them.

import { parseDuration } from '../config/duration.ts';
import { Misuse } from './misuse.ts';

/**
 * Whole seconds, none or more; throws `Misuse`.
 *
 * @param name what the caller calls it.
 */
export function readSeconds(name: string, given: string | number): number {
  const seconds = typeof given === 'number' ? given : parseDuration(given);
  if (seconds !== undefined && seconds >= 0 && Number.isSafeInteger(seconds)) return seconds;
  throw new Misuse(
    `${name}: has to be a length of time, as in '2h' or '90s', or a number of whole seconds`,
  );
}
