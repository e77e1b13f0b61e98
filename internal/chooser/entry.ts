// What somebody typed about the End-User they want to be, and what is wrong with it: beside each field,
// and with nothing of it lost.

import { CHOOSER_FIELDS, type ChooserField, type ChooserProblem } from '../oidc/endpoint.ts';
import { type Claims, type JsonValue, RESERVED_CLAIMS } from '../protocol/claims.ts';
import type { Identity } from '../protocol/identity.ts';
import { type Subject, toSubject } from '../protocol/ids.ts';
import { type Params, readParam } from '../protocol/params.ts';
import { present } from '../protocol/present.ts';
import { DAY, HOUR, MINUTE } from '../protocol/time.ts';
import { markEntered } from './userinfo.ts';

type FormValues = { readonly [Field in ChooserField]: string };
export type FormProblems = { readonly [Field in ChooserField]?: ChooserProblem };

/** `sub` and claims, held against the rules of users.yaml. */
export type CheckUser = (entry: { readonly [claim: string]: JsonValue }) => {
  readonly claims: Claims | undefined;
  readonly problems: readonly UserProblem[];
};

type UserProblem = { readonly claim: string; readonly path: string; readonly problem: string };

export type Entry =
  | { readonly kind: 'entered'; readonly identity: Identity }
  | { readonly kind: 'wrong'; readonly problems: FormProblems };

/** Claims with a field of their own. */
const OWN_FIELD: ReadonlySet<string> = new Set([
  'sub',
  'name',
  'email',
  'email_verified',
  'groups',
] satisfies readonly ChooserField[]);

export const EMPTY: FormValues = {
  ...{ sub: '', name: '', email: '', email_verified: '', groups: '', acr: '', amr: '', claims: '' },
  ago: '0',
};

/** The fields as they would be typed to say the same. */
export function toValues(subject: string, known: Claims): FormValues {
  const { name, email, email_verified: verified, groups, ...others } = known;
  const rest = Object.fromEntries(Object.entries(others).filter(([claim]) => claim !== 'sub'));
  return {
    ...EMPTY,
    sub: subject,
    name: toText(name),
    email: toText(email),
    email_verified: typeof verified === 'boolean' ? String(verified) : '',
    groups: Array.isArray(groups) ? groups.map(String).join(', ') : '',
    claims: Object.keys(rest).length === 0 ? '' : JSON.stringify(rest, undefined, 2),
  };
}

const toText = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

/** As they were typed. */
export const readValues = (params: Params): FormValues =>
  Object.fromEntries(
    CHOOSER_FIELDS.map((field) => [field, readParam(params, field) ?? '']),
  ) as FormValues;

/** @param signedInAt seconds since 1970, of so long ago. */
export function readEntry(
  params: Params,
  check: CheckUser,
  signedInAt: (ago: number) => number,
): Entry {
  const values = readValues(params);
  const others = parseClaims(values.claims);
  const ago = parseAgo(values.ago);
  const typed = others.claims ?? {};
  const { claims, problems: found } = check({ ...typed, ...fieldClaims(values) });
  const problems: FormProblems = {
    ...placeProblems(found, typed),
    ...present({
      claims: others.problem,
      acr: values.acr.length > 255 ? ({ kind: 'too_long' } as const) : undefined,
      ago: ago === 'wrong' ? ({ kind: 'ago' } as const) : undefined,
    }),
  };
  if (ago === 'wrong' || claims === undefined || Object.keys(problems).length > 0) {
    return { kind: 'wrong', problems };
  }
  const subject = toSubject(values.sub.trim());
  return { kind: 'entered', identity: toIdentity(subject, claims, values, ago, signedInAt) };
}

function toIdentity(
  subject: Subject,
  claims: Claims,
  { acr, amr }: FormValues,
  ago: number | undefined,
  signedInAt: (ago: number) => number,
): Identity {
  const methods = splitList(amr, /[\s,]+/);
  return {
    subject,
    claims: markEntered(subject, claims),
    ...present({
      authTime: ago === undefined ? undefined : signedInAt(ago),
      acr: acr.trim() === '' ? undefined : acr.trim(),
      amr: methods.length === 0 ? undefined : methods,
    }),
  };
}

/** What the fields say; one that is empty says nothing, but that of the subject. */
function fieldClaims(values: FormValues): { readonly [claim: string]: JsonValue } {
  const { name, email, email_verified: verified } = values;
  const groups = splitList(values.groups, /[,\n]/);
  return {
    sub: values.sub.trim(),
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(email.trim() === '' ? {} : { email: email.trim() }),
    ...(verified === '' ? {} : { email_verified: verified === 'true' }),
    ...(groups.length === 0 ? {} : { groups }),
  };
}

const splitList = (text: string, at: RegExp): readonly string[] =>
  text
    .split(at)
    .map((item) => item.trim())
    .filter((item) => item !== '');

type Typed = { readonly [claim: string]: JsonValue };

/** The claims, or what is wrong with them. */
function parseClaims(text: string): {
  readonly claims?: Typed;
  readonly problem?: ChooserProblem;
} {
  if (text.trim() === '') return {};
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: { kind: 'not_json' } };
  }
  if (isDeeper(value, MAX_DEPTH)) return { problem: { kind: 'too_deep' } };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: { kind: 'no_object' } };
  }
  const twice = Object.keys(value).find((claim) => OWN_FIELD.has(claim));
  return twice === undefined
    ? { claims: value as Typed }
    : { problem: { kind: 'own_field', claim: twice } };
}

/** What is deeper than this is not said of anybody (userinfo/clean.ts). */
const MAX_DEPTH = 16;

/** A value nested a thousand times ends the stack of whoever walks it. */
const isDeeper = (value: JsonValue, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

/** Each beside the field that it came from; of two the first. */
function placeProblems(found: readonly UserProblem[], typed: Typed): FormProblems {
  const placed: { [Field in ChooserField]?: ChooserProblem } = {};
  for (const { claim, path, problem } of found) {
    const isTyped = Object.hasOwn(typed, claim);
    const field = !isTyped && OWN_FIELD.has(claim) ? (claim as ChooserField) : 'claims';
    placed[field] ??= { kind: kindOf(claim), claim: path, rule: problem };
  }
  return placed;
}

/** Which rule of users.yaml it can only have been, where there is but one for a claim. */
const kindOf = (claim: string): ChooserProblem['kind'] =>
  RULES.get(claim) ?? (RESERVED_CLAIMS.has(claim) ? 'reserved' : 'value');

const RULES: ReadonlyMap<string, ChooserProblem['kind']> = new Map([
  ['sub', 'sub'],
  ['email', 'email'],
  ['birthdate', 'birthdate'],
  ['profile', 'web_page'],
  ['picture', 'web_page'],
  ['website', 'web_page'],
]);

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['s', 1],
  ['m', MINUTE],
  ['h', HOUR],
  ['d', DAY],
]);

/** Seconds; undefined where nothing is said. */
function parseAgo(text: string): number | 'wrong' | undefined {
  if (text.trim() === '') return undefined;
  const [, digits, unit = ''] = /^(\d{1,9})(s|m|h|d)?$/.exec(text.trim()) ?? [];
  return digits === undefined ? 'wrong' : Number(digits) * (UNITS.get(unit) ?? 1);
}
