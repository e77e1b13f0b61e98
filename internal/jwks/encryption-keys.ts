// A JWK Set, for encrypting: which of its keys a text can be encrypted for. Any that fits will do, since
// its owner has all of them; the JOSE header says which one it was (OIDC Core §10.2.1).

import { type CryptoKey, importJWK, type JWK } from 'jose';
import { isPublic, type KeySet, readKeys } from './key-set.ts';

const KIDS = new WeakMap<CryptoKey, string>();

/** What its set calls a key that `parseEncryptionKeys` found. */
export const kidOf = (key: CryptoKey): string | undefined => KIDS.get(key);

/** Throws an error that repeats nothing of the text when it is no JWK Set. */
export function parseEncryptionKeys(text: string): KeySet {
  const keys = readKeys(text).filter(isPublic);
  const found = new Map<string, Promise<CryptoKey | undefined>>();
  return ({ alg }) => {
    const known = found.get(alg) ?? findFirst(keys, alg);
    found.set(alg, known);
    return known;
  };
}

async function findFirst(keys: readonly JWK[], alg: string): Promise<CryptoKey | undefined> {
  for (const jwk of keys) {
    const key = isFor(jwk, alg) ? await importKey(jwk, alg) : undefined;
    if (key !== undefined) return key;
  }
  return undefined;
}

const CURVES: ReadonlySet<string | undefined> = new Set(['P-256', 'P-384', 'P-521', 'X25519']);
const OPERATIONS = ['encrypt', 'wrapKey', 'deriveKey', 'deriveBits'];

/** One that is meant for signatures is for nothing else (RFC 7517 §4.2 to §4.4). */
function isFor({ kty, crv, use, alg: own, key_ops: operations }: JWK, alg: string): boolean {
  if (use !== undefined && use !== 'enc') return false;
  if (own !== undefined && own !== alg) return false;
  if (operations?.some((one) => OPERATIONS.includes(one)) === false) return false;
  return alg.startsWith('RSA-') ? kty === 'RSA' : kty !== 'RSA' && CURVES.has(crv);
}

/** RFC 7518 §4.3. */
const MIN_RSA_BITS = 2048;

/** Undefined for one that cannot be imported, e.g. a point that is not on its curve. */
async function importKey(
  { key_ops: _operations, ...jwk }: JWK,
  alg: string,
): Promise<CryptoKey | undefined> {
  try {
    const key = await importJWK(jwk, alg);
    if (key instanceof Uint8Array) return undefined;
    const { modulusLength: bits } = key.algorithm as { readonly modulusLength?: number };
    if (bits !== undefined && bits < MIN_RSA_BITS) return undefined;
    if (jwk.kid !== undefined) KIDS.set(key, jwk.kid);
    return key;
  } catch {
    return undefined;
  }
}
