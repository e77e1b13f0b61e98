// What may leave a backend: no reserved names, nothing empty, nothing that can be changed afterwards.

import { type Claims, type JsonValue, RESERVED_CLAIMS } from '../protocol/claims.ts';

/** Levels of nesting; deeper values would exhaust the stack of whoever prints them. */
const MAX_DEPTH = 16;

/**
 * A frozen deep copy without reserved claims and without empty members at any level, so that a
 * caller can neither be told who somebody is nor write into what a backend remembers.
 */
export function cleanClaims(claims: Claims): Claims {
  return cleanObject(claims, RESERVED_CLAIMS, MAX_DEPTH);
}

/** Null, an empty string, list or object, or a number that JSON does not have (OIDC Core §5.3.2). */
export function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object') return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

/** The only name that is dangerous below the top level: it would replace a prototype. */
const NESTED_DROPPED: ReadonlySet<string> = new Set(['__proto__']);

function cleanObject(claims: Claims, dropped: ReadonlySet<string>, depth: number): Claims {
  const cleaned: Record<string, JsonValue> = {};
  for (const name of Object.keys(claims)) {
    // `__proto__` is always one of them: set here, it would replace the prototype.
    if (dropped.has(name)) continue;
    const value = cleanValue(claims[name], depth);
    if (value !== undefined && !isEmpty(value)) cleaned[name] = value;
  }
  return Object.freeze(cleaned);
}

function cleanValue(value: JsonValue | undefined, depth: number): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return undefined;
  if (!isList(value)) return cleanObject(value, NESTED_DROPPED, depth - 1);
  const items = value.map((item) => cleanValue(item, depth - 1));
  return Object.freeze(items.filter((item): item is JsonValue => !isEmpty(item)));
}

/** `Array.isArray` that understands readonly lists. */
const isList = (value: object): value is readonly JsonValue[] => Array.isArray(value);
