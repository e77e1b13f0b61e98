// Claims of the operator's own, typed. What does not fit its type is left out, not guessed.

import type { JsonValue } from '../protocol/claims.ts';
import { createParsedReader, isClean, type Reader } from './fields.ts';
import type { ExtraOptions } from './options.ts';

type Parse = (text: string) => JsonValue | undefined;

const MAX_DEPTH = 8; // JSON.stringify overflows the stack on what JSON.parse took without complaint

const toFlag = (text: string): boolean | undefined =>
  text === 'true' ? true : text === 'false' ? false : undefined;

const PARSERS: Readonly<Record<NonNullable<ExtraOptions['type']>, Parse>> = {
  string: (text) => text,
  int: (text) => (/^(?:0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined),
  bool: toFlag,
  json: (text) => {
    try {
      const value: unknown = JSON.parse(text);
      return isUsable(value) ? value : undefined;
    } catch {
      return undefined;
    }
  },
};

export const createExtraReader = (
  type: ExtraOptions['type'],
  text: Reader<string>,
): Reader<JsonValue> => createParsedReader(text, PARSERS[type ?? 'string']);

/** A header that says true or false and nothing else. */
export const createFlagReader = (text: Reader<string>): Reader<boolean> =>
  createParsedReader(text, toFlag);

/** What may become a claim of the operator's: JSON that says something and harms nobody. */
export const isUsable = (value: unknown): value is JsonValue =>
  !isEmpty(value) && isPlain(value, MAX_DEPTH);

/** Claims are absent rather than null or empty. */
const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Finite, shallow, without what `\u` escapes smuggle past the check of the header, and without the
 * names that pollute prototypes once somebody merges it.
 */
function isPlain(value: unknown, depth: number): value is JsonValue {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'string') return isClean(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === 0) return false;
  return Object.entries(value).every(
    ([key, member]) => !FORBIDDEN_KEYS.has(key) && isClean(key) && isPlain(member, depth - 1),
  );
}
