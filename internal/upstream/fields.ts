// What a header value may contain. Nothing is trimmed, folded or repaired: `trim()` removes U+00A0
// and `toLowerCase()` makes a k of the Kelvin sign, and two End-Users would become one.

import { compilePattern, matchesPattern } from '../protocol/pattern.ts';
import { DECODERS } from './encodings.ts';
import type { Encoding, FieldOptions } from './options.ts';

export type Fault = 'placeholder' | 'header_encoding' | 'header_value';

export type Reading<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid'; readonly fault: Fault };

/** The lines of one header, or a value in JSON, → what it says. */
export type Reader<Value, Part = readonly string[]> = (part: Part) => Reading<Value>;

export const ABSENT = { kind: 'absent' } as const;
export const PLACEHOLDER = { kind: 'invalid', fault: 'placeholder' } as const;
export const MALFORMED = { kind: 'invalid', fault: 'header_value' } as const;

/** What a text may be, whatever carries it. */
export type Shape = {
  /** Where the operator gave none. */
  readonly pattern: RegExp;
  /** In characters of the decoded value. */
  readonly maxLength: number;
};

export type TextRules = Shape & {
  readonly field: FieldOptions;
  readonly isPlaceholder: (text: string) => boolean;
};

/** Reads one line, in the order empty, placeholder, encoding, characters and length. */
export function createTextReader(rules: TextRules): Reader<string> {
  const { isPlaceholder } = rules;
  const decode = createValueReader(rules);
  return (lines) => {
    const raw = lines[0];
    if (raw === undefined || isBlank(raw)) return ABSENT;
    return isPlaceholder(raw) ? PLACEHOLDER : decode(raw);
  };
}

/** Reads one value that is there; a list has many of them. */
export function createValueReader(rules: TextRules): (raw: string) => Reading<string> {
  const { encoding = 'ascii' } = rules.field;
  const decode = DECODERS[encoding];
  const isAcceptable = createTextCheck(rules);
  const undecodable = undecodableAs(encoding);
  return (raw) => {
    const text = decode(raw);
    if (text === undefined) return undecodable;
    if (text !== raw && rules.isPlaceholder(text)) return PLACEHOLDER;
    return isAcceptable(text) ? { kind: 'read', value: text } : MALFORMED;
  };
}

/** In ASCII nothing is encoded: a wrong byte there is a wrong character. */
export const undecodableAs = (encoding: Encoding): Reading<never> =>
  encoding === 'ascii' ? MALFORMED : { kind: 'invalid', fault: 'header_encoding' };

/** Asked after decoding: CR, LF and bidi marks arrive inside percent, base64 and encoded words. */
export function createTextCheck({
  field,
  pattern,
  maxLength,
}: Shape & { readonly field?: Pick<FieldOptions, 'pattern'> }) {
  const own = field?.pattern === undefined ? undefined : compilePattern(field.pattern);
  const matches = (text: string): boolean =>
    own === undefined ? pattern.test(text) : matchesPattern(own, text);
  return (text: string): boolean => text.length <= maxLength && isClean(text) && matches(text);
}

const PRINTABLE = /^[ -~]*$/;
const UNCLEAN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Composed, and nothing in it that people cannot see. */
export const isClean = (text: string): boolean =>
  PRINTABLE.test(text) || (!UNCLEAN.test(text) && text.normalize('NFC') === text);

/** HTTP's own blanks only: a value of U+00A0 is a value, and a bad one. */
export const isBlank = (raw: string): boolean => /^[\t ]*$/.test(raw);

/** Reads text and makes something else of it; undefined is a fault. */
export const createParsedReader =
  <Value, Part>(
    text: Reader<string, Part>,
    parse: (text: string) => Value | undefined,
  ): Reader<Value, Part> =>
  (part) => {
    const reading = text(part);
    if (reading.kind !== 'read') return reading;
    const value = parse(reading.value);
    return value === undefined ? MALFORMED : { kind: 'read', value };
  };

const REJECT_VALUES = ['(null)', '-', 'null', 'none', 'undefined', 'anonymous', 'unknown'];

/**
 * Values that proxies write for nobody: Apache `(null)`, Envoy `-`, and the unexpanded variables of
 * Caddy, nginx and Apache. Each of them would be an account that strangers share.
 */
export function createPlaceholderTest(
  rejectValues: readonly string[] = REJECT_VALUES,
): (text: string) => boolean {
  const rejected = new Set(rejectValues.map((value) => value.toLowerCase()));
  return (text) =>
    text.startsWith('$') ||
    text.startsWith('{http.') ||
    text.startsWith('%{') ||
    rejected.has(text.toLowerCase());
}
