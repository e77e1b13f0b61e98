// What a test says in an object, name by name: one that nobody reads would be a wish that is never met,
// and the test would not know.

import { findNearest } from '../config/nearest.ts';
import { Misuse } from './misuse.ts';

/** Throws `Misuse` for the first name that is none of these. @param what says it, as `issue`. */
export function checkMembers(what: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Misuse(`${what}: has to be given an object of ${known.join(', ')}`);
  }
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange === undefined) return;
  const nearest = findNearest(strange, known);
  const hint = nearest === undefined ? '' : `did you mean ${nearest}? `;
  throw new Misuse(`${what}: there is no ${strange}; ${hint}There are ${known.join(', ')}`);
}
