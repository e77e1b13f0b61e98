// JWTs that bring their own key (RFC 7515 §4.1.3). Such a signature proves that whoever made it holds
// that key, and nothing about who that is: only what is known of the thumbprint says so.

import { calculateJwkThumbprint, compactVerify, exportJWK, importJWK, type JWK } from 'jose';
import { isMembers, parseMembers, type UnverifiedJwt } from '../protocol/jwt.ts';
import type { SelfSigned } from './jwks.ts';

/** What makes a key of each type, and is therefore all that is looked at. */
const PUBLIC_MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['kty', 'crv', 'x', 'y']],
  ['OKP', ['kty', 'crv', 'x']],
  ['RSA', ['kty', 'n', 'e']],
]);

/** RFC 7518 §6.2.2, §6.3.2, §6.4.1. */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

// A modulus or an exponent of any size would let a stranger choose how long a verification takes:
// 4096 bits, and 32.
const MAX_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['n', 683],
  ['e', 6],
]);
const MAX_LENGTH = 128;

/** Undefined unless the public key in the header signed exactly this text by one of these algorithms. */
export async function verifyByHeaderKey(
  jwt: UnverifiedJwt,
  algorithms: readonly string[],
): Promise<SelfSigned | undefined> {
  const jwk = readPublicJwk(jwt.header['jwk']);
  if (jwk === undefined || !algorithms.includes(jwt.alg)) return undefined;
  try {
    const key = await importJWK(jwk, jwt.alg);
    const { payload } = await compactVerify(jwt.compact, key, { algorithms: [jwt.alg] });
    const claims = parseMembers(payload);
    if (claims === undefined || key instanceof Uint8Array) return undefined;
    // Of the key and not of the text: spare bits and leading zeros would give one key several names.
    return { thumbprint: await calculateJwkThumbprint(await exportJWK(key)), claims };
  } catch {
    return undefined;
  }
}

/** Undefined for a private key: whoever sends that has lost it (RFC 9449 §4.3). */
function readPublicJwk(jwk: unknown): JWK | undefined {
  if (!isMembers(jwk) || SECRET_MEMBERS.some((name) => name in jwk)) return undefined;
  const names = PUBLIC_MEMBERS.get(jwk['kty']);
  if (names === undefined) return undefined;
  const entries = names.map((name) => [name, jwk[name]] as const);
  const sound = entries.every(
    ([name, value]) =>
      typeof value === 'string' && value.length <= (MAX_LENGTHS.get(name) ?? MAX_LENGTH),
  );
  return sound ? Object.fromEntries(entries) : undefined;
}
