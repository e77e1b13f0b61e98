// User codes (RFC 8628 §6.1): what a device shows and an End-User types. Letters that make no words and
// are not taken for each other; 20^8 of them are 34 bits, for ten minutes and few guesses.

import type { Random } from '../../protocol/random.ts';
import { hashSecret } from '../handle.ts';

const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;

/** A byte beyond the last whole round of letters would make the first of them likelier. */
const FAIR = 256 - (256 % LETTERS.length);

/** Eight letters, each as likely as any other. */
export function drawUserCode(random: Random): string {
  let code = '';
  while (code.length < LENGTH) {
    const fair = Buffer.from(random(LENGTH), 'base64url').filter((byte) => byte < FAIR);
    for (const byte of fair) code += LETTERS[byte % LETTERS.length];
  }
  return code.slice(0, LENGTH);
}

const CODE = new RegExp(`^[${LETTERS}]{${LENGTH}}$`);
const MAX_TYPED = 64;

/**
 * The eight letters that were typed, whatever their case, blanks and punctuation; undefined when it is
 * none. Nothing else is taken for a letter, however much it looks like one: `toUpperCase` makes an S
 * of the long s.
 */
export function readUserCode(typed: string): string | undefined {
  if (typed.length > MAX_TYPED) return undefined;
  const letters = typed
    .replace(/[\p{P}\p{Z}\t]/gu, '')
    .replace(/[a-z]/g, (letter) => letter.toUpperCase());
  return CODE.test(letters) ? letters : undefined;
}

/** As people read it: in two halves. */
export const printUserCode = (code: string): string =>
  `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;

/** How the store knows it. */
export const hashUserCode = (code: string): string => hashSecret(code);
