// The public keys of somebody else (RFC 7517), looked at before anybody relies on them.

import { createPublicKey, type JsonWebKey } from 'node:crypto';

/** A key that is of no use, by its place in the set; never repeats any of it. */
export type KeyFinding = { readonly index: number; readonly problem: string };

/** What is wrong with the keys of one set, each by itself and with one another. */
export function findKeyFindings(keys: readonly unknown[]): readonly KeyFinding[] {
  const kids = keys.map((key) => (isKey(key) ? key['kid'] : undefined));
  return keys.flatMap((key, index) => {
    const kid = kids[index];
    const isTwin = kid !== undefined && kids.indexOf(kid) < index;
    const problem =
      findKeyProblem(key) ??
      (isTwin ? 'has the kid of an earlier key; a signature could be meant for either' : undefined);
    return problem === undefined ? [] : [{ index, problem }];
  });
}

/** Members that only the owner of a key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const MIN_RSA_BITS = 2048;
/** X25519 can only be encrypted for. */
const CURVES = ['P-256', 'P-384', 'P-521', 'Ed25519', 'X25519'];

function findKeyProblem(key: unknown): string | undefined {
  if (!isKey(key)) return 'is no JWK';
  // Whoever reads the file could sign.
  if (key.kty === 'oct') return 'is a symmetric key, which proves nothing';
  if (PRIVATE.some((member) => member in key)) {
    return 'is a private key, which belongs to its owner alone';
  }
  if (key.kty !== 'EC' && key.kty !== 'RSA' && key.kty !== 'OKP') {
    return 'has a kty that is of no use; EC, RSA and OKP are';
  }
  if (key.kty !== 'RSA' && !CURVES.includes(key.crv ?? '')) {
    return `has a crv that is of no use; ${CURVES.join(', ')} are`;
  }
  if (key['kid'] !== undefined && typeof key['kid'] !== 'string')
    return 'has a kid that is no text';
  return findImportProblem(key);
}

function findImportProblem(key: JsonWebKey): string | undefined {
  try {
    const { asymmetricKeyDetails: details } = createPublicKey({ key, format: 'jwk' });
    // RFC 7518 §3.3.
    return key.kty === 'RSA' && (details?.modulusLength ?? 0) < MIN_RSA_BITS
      ? `is shorter than ${MIN_RSA_BITS} bits`
      : undefined;
  } catch {
    return 'cannot be read';
  }
}

const isKey = (key: unknown): key is JsonWebKey =>
  typeof key === 'object' && key !== null && 'kty' in key && typeof key.kty === 'string';
