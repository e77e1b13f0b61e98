// A file with the public keys of somebody else, looked at before anybody relies on it.

import { createPublicKey, type JsonWebKey } from 'node:crypto';

/** What is wrong with a JWK Set (RFC 7517 §5) of keys that verify; never repeats any of it. */
export function findKeySetProblem(text: string): string | undefined {
  const keys = readKeys(text);
  if (keys === undefined) return 'is no JWK Set, as in { "keys": [ … ] }';
  if (keys.length === 0) return 'has no key in it';
  for (const [index, key] of keys.entries()) {
    const problem = findKeyProblem(key);
    if (problem !== undefined) return `${problem} (key ${index + 1})`;
  }
  return undefined;
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

function findKeyProblem(key: unknown): string | undefined {
  if (!isKey(key)) return 'has an entry that is no key';
  // Whoever reads the file could sign.
  if (key.kty === 'oct') return 'has a symmetric key, which proves nothing';
  if ('d' in key) return 'has a private key, which belongs to the signer alone';
  try {
    createPublicKey({ key, format: 'jwk' });
    return undefined;
  } catch {
    return 'has a key that cannot be read';
  }
}

const isKey = (key: unknown): key is JsonWebKey =>
  typeof key === 'object' && key !== null && 'kty' in key && typeof key.kty === 'string';
