// Claims → values, for every kind of attribute. JSON has types: what has the wrong one is at fault and is
// never made into the right one. The text "true" is not true.

import type { JsonValue } from '../../protocol/claims.ts';
import type { Readers } from '../attributes.ts';
import { isUsable } from '../extra.ts';
import {
  ABSENT,
  createTextCheck,
  isBlank,
  MALFORMED,
  PLACEHOLDER,
  type Reader,
  type Reading,
  type Shape,
} from '../fields.ts';
import { createFinish, MAX_LENGTH } from '../lists.ts';
import type { ListOptions } from '../options.ts';

/** What is left to declare about a claim: which entries of a list pass. */
type ClaimField = Pick<ListOptions, 'allow' | 'prefix'>;

type IsPlaceholder = (text: string) => boolean;

const EPOCH_SECONDS_END = 10_000_000_000; // ten digits, as in headers
const MAX_JSON = 8 * 1024;

const read = <Value>(value: Value): Reading<Value> => ({ kind: 'read', value });

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

export function createClaimText(
  shape: Shape,
  isPlaceholder: IsPlaceholder,
): Reader<string, unknown> {
  const isAcceptable = createTextCheck(shape);
  return (value) => {
    if (isAbsent(value)) return ABSENT;
    if (typeof value !== 'string') return MALFORMED;
    if (isBlank(value)) return ABSENT;
    if (isPlaceholder(value)) return PLACEHOLDER;
    return isAcceptable(value) ? read(value) : MALFORMED;
  };
}

export const createClaimReaders = (isPlaceholder: IsPlaceholder): Readers<ClaimField, unknown> => ({
  text: (_field, shape) => createClaimText(shape, isPlaceholder),
  list: (field, shape) => createClaimList(field, shape),
  seconds: () => (value) => {
    if (isAbsent(value)) return ABSENT;
    const isTime = Number.isInteger(value) && Number(value) > 0;
    return isTime && Number(value) < EPOCH_SECONDS_END ? read(Number(value)) : MALFORMED;
  },
  flag: () => (value) => {
    if (isAbsent(value)) return ABSENT;
    return typeof value === 'boolean' ? read(value) : MALFORMED;
  },
  extra: (_field, shape) => createClaimExtra(createClaimText(shape, isPlaceholder)),
});

/** AD FS writes a list of one as its only entry; it is one entry, whatever separators are in it. */
function createClaimList(field: ClaimField, shape: Shape): Reader<string[], unknown> {
  const isAcceptable = createTextCheck(shape);
  const finish = createFinish(field);
  return (value) => {
    if (isAbsent(value)) return ABSENT;
    const all: unknown = typeof value === 'string' ? [value] : value;
    if (!Array.isArray(all) || !all.every((entry) => typeof entry === 'string')) return MALFORMED;
    const entries = all.filter((entry) => entry !== '');
    if (entries.reduce((sum, entry) => sum + entry.length, 0) > MAX_LENGTH) return MALFORMED;
    return entries.every(isAcceptable) ? finish(entries) : MALFORMED;
  };
}

const createClaimExtra =
  (readText: Reader<string, unknown>): Reader<JsonValue, unknown> =>
  (value) => {
    if (typeof value === 'string') return readText(value);
    if (isAbsent(value)) return ABSENT;
    if (!isUsable(value) || JSON.stringify(value).length > MAX_JSON) return MALFORMED;
    return read(value);
  };
