// What an entry is found by: of its key, however long that is, four words.

import { hash, randomBytes } from 'node:crypto';

export type Name = readonly [number, number, number, number];

// Whoever can choose names, a nonce say, and could tell where they go, would make one bucket of them all
// and have every request walk through it.
const secret = randomBytes(16).toString('base64url');

/** A verb asks by the same few keys several times; more than it has would be of no use. */
const REMEMBERED = 4;

type Named = { readonly key: string; readonly name: Name };

const remembered: Named[] = [];
let oldest = 0;

/** The same for the same key, in every map of this process. */
export function toName(key: string): Name {
  for (const named of remembered) if (named.key === key) return named.name;
  const name = hashOf(key);
  remembered[oldest] = { key, name };
  oldest = (oldest + 1) % REMEMBERED;
  return name;
}

/** As text a character for each byte: as a buffer it would be an allocation of its own, outside of the heap. */
function hashOf(key: string): Name {
  const bytes = hash('sha256', secret + key, 'binary');
  return [wordAt(bytes, 0), wordAt(bytes, 4), wordAt(bytes, 8), wordAt(bytes, 12)];
}

const wordAt = (bytes: string, at: number): number =>
  ((bytes.charCodeAt(at) << 24) |
    (bytes.charCodeAt(at + 1) << 16) |
    (bytes.charCodeAt(at + 2) << 8) |
    bytes.charCodeAt(at + 3)) >>>
  0;
