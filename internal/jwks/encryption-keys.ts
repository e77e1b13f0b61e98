// A JWK Set, for encrypting: which of its keys a text can be encrypted for. Any that fits will do, since
// its owner has all of them; the JOSE header says which one it was (OIDC Core §10.2.1).

import { type CryptoKey, importJWK, type JWK } from 'jose';

type EncryptionKey = { readonly key: CryptoKey; readonly kid: string | undefined };

/** What was found in a set: importing a key costs more than encrypting with it. */
const found = new WeakMap<readonly JWK[], Map<string, Promise<EncryptionKey | undefined>>>();

/** The first key of a set that fits the algorithm. */
export function findEncryptionKey(
  keys: readonly JWK[],
  alg: string,
): Promise<EncryptionKey | undefined> {
  const byAlg = found.get(keys) ?? new Map<string, Promise<EncryptionKey | undefined>>();
  found.set(keys, byAlg);
  const known = byAlg.get(alg) ?? findFirst(keys, alg);
  byAlg.set(alg, known);
  return known;
}

async function findFirst(keys: readonly JWK[], alg: string): Promise<EncryptionKey | undefined> {
  for (const jwk of keys) {
    const key = isFor(jwk, alg) ? await importKey(jwk, alg) : undefined;
    if (key !== undefined) return { key, kid: jwk.kid };
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
    return key;
  } catch {
    return undefined;
  }
}
