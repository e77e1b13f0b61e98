// An End-User as plain headers, under the names and in the encodings that a preset reads.

import type { JsonValue } from '../protocol/claims.ts';
import {
  type AnyField,
  type HeaderOptions,
  type ListFormat,
  listHeaders,
} from '../upstream/options.ts';
import { ENCODERS } from './encode.ts';
import { attributeOf, type SignedIn } from './end-user.ts';

/** Name and value, one character per byte. */
export type Line = readonly [name: string, value: string];

/** An entry with a delimiter in it becomes two, as it does at the products: none of them escapes. */
const JOINS: Readonly<Record<Exclude<ListFormat, 'repeated'>, (entries: string[]) => string>> = {
  csv: (entries) => entries.join(','),
  pipe: (entries) => entries.join('|'),
  space: (entries) => entries.join(' '),
  json: (entries) => JSON.stringify(entries),
};

/** @param sendsEmpty a header that has nothing to say is there all the same. */
export const plainLines = (
  headers: HeaderOptions,
  who: SignedIn,
  sendsEmpty: boolean,
): readonly Line[] =>
  listHeaders(headers).flatMap(({ attribute, field }) => {
    const values = write(field, attributeOf(who, attribute));
    if (values.length > 0) return values.map((value) => [field.name, value] as const);
    return sendsEmpty ? [[field.name, ''] as const] : [];
  });

function write(
  { encoding = 'ascii', format = 'csv' }: AnyField,
  value: JsonValue | undefined,
): readonly string[] {
  const encode = ENCODERS[encoding];
  if (Array.isArray(value)) {
    const entries = value.map((entry) => encode(String(entry)));
    if (entries.length === 0) return [];
    return format === 'repeated' ? entries : [JOINS[format](entries)];
  }
  if (value === undefined || value === null || typeof value === 'object') return [];
  return [encode(String(value))];
}

/** A line end in a value would be a header of its own. */
export const isSendable = ([, value]: Line): boolean => /^[\t -~\x80-\xff]*$/.test(value);
