// What a fault wants to know (`with`): what each parameter takes, what it is when nobody says, and words
// for whoever said something else.

import { findNearest } from '../../config/nearest.ts';
import type { JsonValue } from '../../protocol/claims.ts';
import { DAY } from '../../protocol/time.ts';
import { Misuse } from '../misuse.ts';

export type Parameter<Value extends JsonValue | undefined = JsonValue | undefined> = {
  /** What it is for, for people. */
  readonly says: string;
  /** What it takes, for people. */
  readonly takes: string;
  readonly accepts: (value: JsonValue) => boolean;
  readonly fallback: Value;
};

export type Shape = { readonly [name: string]: Parameter };

/** What is in force: what was said, and the rest as it is when nobody says. */
export type Values<Of extends Shape> = {
  readonly [Name in keyof Of]: Of[Name] extends Parameter<infer Value> ? Value : never;
};

export type Given = { readonly [name: string]: JsonValue };

const isText = (value: JsonValue): boolean => typeof value === 'string' && value !== '';
const isSeconds = (value: JsonValue): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

const parameter =
  (takes: string, accepts: (value: JsonValue) => boolean) =>
  <Value extends JsonValue | undefined>(says: string, fallback: Value): Parameter<Value> => ({
    says,
    takes,
    accepts,
    fallback,
  });

export const text = parameter('a text', isText)<string>;
export const optionalText = parameter('a text', isText)<string | undefined>;
/** Nothing that could end a header (RFC 9110 §5.5). */
export const headerText = parameter(
  'printable ASCII',
  (value) => typeof value === 'string' && /^[\x20-\x7e]+$/.test(value),
)<string>;
export const uri = parameter(
  'an absolute http or https URI',
  (value) => typeof value === 'string' && /^https?:\/\/[\x21-\x7e]+$/.test(value),
)<string>;
/** (RFC 6749 Appendix A.7) */
export const errorCode = parameter(
  'an error code: printable ASCII without quotation marks and backslashes',
  (value) => typeof value === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(value),
)<string>;
export const flag = parameter('true or false', (value) => typeof value === 'boolean')<boolean>;
export const seconds = parameter('a number of seconds, 0 or more', isSeconds)<number>;
/** A timer of Node that should wait for longer than 24 days does not wait at all. */
export const waiting = parameter(
  'a number of seconds from 0 to 86400',
  (value) => isSeconds(value) && Number(value) <= DAY,
)<number>;
/** (RFC 9110 §10.2.3) */
export const wholeSeconds = parameter(
  'a whole number of seconds, 0 or more',
  (value) => isSeconds(value) && Number.isInteger(value),
)<number | undefined>;
export const skew = parameter(
  'a number of seconds, negative for a clock that is behind',
  (value) => typeof value === 'number' && Number.isInteger(value),
)<number>;
const httpStatus = parameter(
  'an HTTP status from 200 to 599',
  (value) => typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599,
);
export const status = httpStatus<number>;
export const optionalStatus = httpStatus<number | undefined>;
export const anything = parameter('anything', () => true)<JsonValue>;

/** Throws an error that names the parameter, and what there is. */
export function checkGiven<Of extends Shape>(fault: string, shape: Of, given: Given): Values<Of> {
  const names = Object.keys(shape);
  for (const [name, value] of Object.entries(given)) {
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (known === undefined) throw new Misuse(unknownParameter(fault, name, names));
    if (!known.accepts(value)) {
      throw new Misuse(`the fault ${fault}: with.${name} has to be ${known.takes}`);
    }
  }
  const values = names.map((name) => [name, given[name] ?? shape[name]?.fallback]);
  // Each value is of its parameter: that is what was just checked.
  return Object.fromEntries(values) as Values<Of>;
}

function unknownParameter(fault: string, name: string, names: readonly string[]): string {
  if (names.length === 0) return `the fault ${fault} takes nothing: leave out with.${name}`;
  const nearest = findNearest(name, names);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return `the fault ${fault} takes no with.${name}.${hint} It takes: ${names.join(', ')}`;
}
