// What zod found, in words an operator can act on. Messages that the schemas give themselves are
// kept; zod's own never show.

import type * as z from 'zod';
import type { Finding, Path } from './finding.ts';
import { findNearest } from './nearest.ts';

type Issue = z.core.$ZodIssue;

export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Holds a value against a schema; every problem at once. */
export function readValue<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  path: Path = [],
): Reading<z.output<Schema>> {
  // An empty message marks what the schema itself has nothing to say about.
  const result = schema.safeParse(value, { error: () => '', reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, findings: result.error.issues.flatMap((issue) => toFindings(issue, path)) };
}

function toFindings(issue: Issue, base: Path): readonly Finding[] {
  const path = [
    ...base,
    ...issue.path.map((step) => (typeof step === 'number' ? step : `${String(step)}`)),
  ];
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    return issue.keys.map((key) => ({
      path: [...path, key],
      problem: unknownKey(key, known),
      meant: findNearest(key, known) ?? key,
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, problem: issue.issues[0]?.message ?? 'is not a name that can be used here' }];
  }
  if (path.length === 0 && issue.code === 'invalid_type' && issue.input === null) {
    return [{ path, problem: 'is empty' }];
  }
  return [{ path, problem: issue.message === '' ? describe(issue) : issue.message }];
}

const MANY = 12;

/** Names the nearest known word, or else all of them if they are few. */
export function unknownKey(key: string, known: readonly string[]): string {
  const nearest = findNearest(key, known);
  if (nearest !== undefined) return `is not a known key; did you mean ${nearest}?`;
  return known.length > MANY
    ? 'is not a known key; remove it'
    : `is not a known key; known here: ${known.join(', ')}`;
}

function describe(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input);
    case 'invalid_value':
      return notOneOf(issue.values.map(String), issue.input);
    case 'invalid_union':
      return notOneOf(optionsOf(issue), undefined);
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum));
    case 'too_big':
      return `has to be at most ${issue.maximum}${issue.origin === 'number' ? '' : ' long'}`;
    default:
      return 'is not a value that can be used here';
  }
}

const optionsOf = (issue: z.core.$ZodIssueInvalidUnion): readonly string[] =>
  'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];

const EXPECTED: ReadonlyMap<string, string> = new Map([
  ['string', 'has to be text'],
  ['boolean', 'has to be true or false'],
  ['int', 'has to be a whole number'],
  ['number', 'has to be a whole number'],
  ['array', 'has to be a list, as in [ … ]'],
  ['object', 'has to be a map of keys and values'],
  ['record', 'has to be a map of keys and values'],
]);

function wrongType(expected: string, input: unknown): string {
  const wanted = EXPECTED.get(expected) ?? 'is not a value that can be used here';
  if (input === undefined) return `is missing; it ${wanted}`;
  if (input === null) return 'has no value; give it one, or remove the key';
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')) {
    return `has to be text, and YAML reads a ${typeof input} here: put it in quotes`;
  }
  if (expected === 'string' && Array.isArray(input)) return 'has to be one text, not a list';
  return wanted;
}

function notOneOf(values: readonly string[], input: unknown): string {
  const nearest = typeof input === 'string' ? findNearest(input, values) : undefined;
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `has to be ${values.length === 1 ? '' : 'one of '}${values.join(', ')}${hint}`;
}

const tooSmall = (origin: string, minimum: number): string => {
  if (origin === 'number' || origin === 'int') return `has to be at least ${minimum}`;
  return minimum === 1
    ? 'is empty; give it a value, or remove the key'
    : `has to be at least ${minimum} long`;
};
