// A file with the public keys of somebody else.

import { findKeyFindings } from '../config/jwk-set.ts';

/** What is wrong with a JWK Set (RFC 7517 §5) of keys that verify; never repeats any of it. */
export function findKeySetProblem(text: string): string | undefined {
  const keys = readKeys(text);
  if (keys === undefined) return 'is no JWK Set, as in { "keys": [ … ] }';
  if (keys.length === 0) return 'has no key in it';
  const [first] = findKeyFindings(keys);
  return first && `has a key that ${first.problem} (key ${first.index + 1})`;
}

function readKeys(text: string): readonly unknown[] | undefined {
  try {
    const tree: unknown = JSON.parse(text);
    const keys =
      typeof tree === 'object' && tree !== null && 'keys' in tree ? tree.keys : undefined;
    return Array.isArray(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}
