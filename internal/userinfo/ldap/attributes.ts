// From attributes of a directory to claims. Directories have no order of values and no JSON: each claim
// says what it is, and what is not that is a failure, never a guess.

import type { Entry } from 'ldapts';
import type { JsonValue } from '../../protocol/claims.ts';
import { malformed, SourceError } from '../source-error.ts';

type AttributeType = 'text' | 'first' | 'texts' | 'boolean' | 'integer' | 'time' | 'address';

/** The name of an attribute, or with its type where that of the claim is not meant. */
type Mapping = string | { readonly attribute: string; readonly type: AttributeType };

export type Attributes = { readonly [claim: string]: Mapping };

/** inetOrgPerson (RFC 2798), which every directory has. */
export const INET_ORG_PERSON: Attributes = {
  name: { attribute: 'cn', type: 'first' },
  given_name: { attribute: 'givenName', type: 'first' },
  family_name: { attribute: 'sn', type: 'first' },
  preferred_username: { attribute: 'uid', type: 'first' },
  email: 'mail',
};

const TYPES: ReadonlyMap<string, AttributeType> = new Map([
  ['email_verified', 'boolean'],
  ['phone_number_verified', 'boolean'],
  ['updated_at', 'time'],
  ['address', 'address'],
  ['groups', 'texts'],
]);

type Typed = { readonly claim: string; readonly attribute: string; readonly type: AttributeType };

/** Each mapping with its type; that of the claim (OIDC Core §5.1) where it names none. */
export const typed = (attributes: Attributes): readonly Typed[] =>
  Object.entries(attributes).map(([claim, mapping]) =>
    typeof mapping === 'string'
      ? { claim, attribute: mapping, type: TYPES.get(claim) ?? 'text' }
      : { claim, ...mapping },
  );

/** Throws an error that names the attribute and never repeats a value. */
export function readClaims(entry: Entry, mappings: readonly Typed[]) {
  const claims = mappings.map(({ claim, attribute, type }) => {
    const values = readTexts(entry, attribute);
    const read = values.length === 0 ? undefined : READERS[type](values);
    if (read === null) throw malformed(`the attribute ${attribute} is not ${MEANT[type]}`);
    return [claim, read] as const;
  });
  return Object.fromEntries(claims.filter(([, value]) => value !== undefined));
}

/** Every value, none of which may have a control character: a picture in a token helps nobody. */
export const readTexts = (entry: Entry, attribute: string): readonly string[] =>
  readValues(entry, attribute).map((value) => {
    if (typeof value !== 'string' || /(?![\t\n\r])\p{Cc}/u.test(value)) {
      throw malformed(`the attribute ${attribute} is not text`);
    }
    return value;
  });

/**
 * Values as they are; servers write names of attributes in whatever case they like. Throws where there are only
 * some of them: of many groups, Active Directory tells as `memberOf;range=0-1499`, beside a `memberOf` without any.
 */
export function readValues(entry: Entry, attribute: string): readonly (string | Buffer)[] {
  const wanted = attribute.toLowerCase();
  const keys = Object.keys(entry);
  if (keys.some((key) => key.toLowerCase().startsWith(`${wanted};range=`))) {
    throw new SourceError(
      'too_large',
      `the attribute ${attribute} has more values than the directory tells`,
    );
  }
  const name = keys.find((key) => key.toLowerCase() === wanted && key !== 'dn');
  return name === undefined ? [] : [entry[name] ?? []].flat();
}

type Values = readonly string[];
type Reader = (values: Values) => JsonValue | undefined;

/** A reader of the only value; of several, none is the one. */
const only =
  (read: (value: string) => JsonValue): Reader =>
  ([value = '', ...others]) =>
    others.length === 0 ? read(value) : null;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Null: not what it should be. */
const READERS: { readonly [Type in AttributeType]: Reader } = {
  text: only((value) => value),
  first: ([value]) => value,
  texts: (values) => [...values],
  boolean: only((value) => BOOLEANS.get(value.toLowerCase()) ?? null),
  integer: only((value) => (/^-?\d{1,15}$/.test(value) ? Number(value) : null)),
  time: only(readTime),
  // Lines are separated by `$` (RFC 4517 §3.3.28).
  address: only((value) => ({
    formatted: value.replace(/\$|\\24|\\5c/gi, (part) => LINES.get(part.toLowerCase()) ?? part),
  })),
};

const LINES: ReadonlyMap<string, string> = new Map([
  ['$', '\n'],
  ['\\24', '$'],
  ['\\5c', '\\'],
]);

const MEANT: { readonly [Type in AttributeType]: string } = {
  text: 'one text; type: first takes the first of several, texts all of them',
  first: 'text',
  texts: 'text',
  boolean: 'TRUE or FALSE',
  integer: 'a whole number',
  time: 'a generalized time',
  address: 'one postal address',
};

const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?(?:[.,]\d+)?(?:Z|([+-])(\d\d)(\d\d)?)$/;

/** Seconds since 1970 of a generalized time (RFC 4517 §3.3.13); its fraction is dropped. */
function readTime(value: string): number | null {
  const [whole, year, month, day, hour, minute, second, sign, hours, minutes] =
    TIME.exec(value) ?? [];
  if (whole === undefined) return null;
  const zone = sign === undefined ? 'Z' : `${sign}${hours}:${minutes ?? '00'}`;
  const at = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute ?? '00'}:${second ?? '00'}${zone}`,
  );
  return Number.isNaN(at) ? null : at / 1000;
}
