// A JWK Set (RFC 7517 §5): which of its keys a token may have been signed with.

import { type CryptoKey, createLocalJWKSet, type JWK } from 'jose';

/** What a JOSE header says of the key. */
type KeyHint = { readonly alg: string; readonly kid: string | undefined };

/**
 * The one key that fits; undefined when none does, or when there is a choice. Throws `Unavailable` when
 * nobody can tell.
 */
export type FindKey = (hint: KeyHint) => Promise<CryptoKey | undefined>;

export type KeySet = FindKey & { readonly keys: readonly JWK[] };

/** Throws an error that repeats nothing of the text when it is no JWK Set. */
export function parseKeySet(text: string): KeySet {
  const keys = readKeys(text).filter(isPublic);
  const find = createLocalJWKSet({ keys });
  const findKey: FindKey = async ({ alg, kid }) => {
    try {
      return await find({ alg, ...(kid === undefined ? {} : { kid }) });
    } catch {
      // None fits; or several, and a token without a kid could be meant for one that is retired; or the
      // one that does cannot be imported, e.g. a point that is not on its curve.
      return undefined;
    }
  };
  return Object.assign(findKey, { keys });
}

function readKeys(text: string): readonly JWK[] {
  const tree = parse(text);
  const keys = typeof tree === 'object' && tree !== null && 'keys' in tree ? tree.keys : undefined;
  if (!Array.isArray(keys)) throw new Error('the answer is no JWK Set');
  return keys;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: its message repeats the beginning of the text.
    throw new Error('the answer is not JSON');
  }
}

/** A secret or private key in public would let everybody sign (RFC 7517 §4.1). */
const isPublic = (key: unknown): key is JWK =>
  typeof key === 'object' &&
  key !== null &&
  'kty' in key &&
  ['EC', 'RSA', 'OKP'].includes(String(key.kty)) &&
  !('d' in key);
