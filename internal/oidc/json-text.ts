// JSON from a stranger, read without trust: bounded, and with one meaning for every reader.

import type { JsonValue } from '../protocol/claims.ts';

export type JsonBounds = { readonly maxLength: number; readonly maxDepth: number };

/** Undefined for what is no JSON, too long, too deep, or names a member twice. */
export function parseJsonText(text: string, bounds: JsonBounds): JsonValue | undefined {
  if (text.length > bounds.maxLength) return undefined;
  const json = parse(text);
  if (json === undefined) return undefined;
  return countMembers(json, bounds.maxDepth) === countNames(text) ? json : undefined;
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * In valid JSON a string before a colon is a member's name, and nothing else is. Values are read
 * over too: from the end of one, what follows would look like a name.
 */
const countNames = (text: string): number =>
  text.match(/"(?:[^"\\]|\\.)*"(?:\s*:)?/g)?.filter((found) => found.endsWith(':')).length ?? 0;

/**
 * JSON.parse keeps the last of two members of one name: then it counts fewer than the text has. Not a
 * number for what is too deep.
 */
function countMembers(json: JsonValue, depth: number): number {
  if (typeof json !== 'object' || json === null) return 0;
  if (depth < 0) return Number.NaN;
  const values: readonly JsonValue[] = Object.values(json);
  const inner = values.reduce<number>((sum, value) => sum + countMembers(value, depth - 1), 0);
  return Array.isArray(json) ? inner : inner + Object.keys(json).length;
}

export const isSame = (one: JsonValue, other: JsonValue): boolean =>
  canonical(one) === canonical(other);

/** One text for one value: in which order somebody wrote its members means nothing. */
export const canonical = (value: JsonValue): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
