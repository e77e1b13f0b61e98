// `at_hash` and `s_hash` (OIDC Core §3.1.3.6, FAPI 1.0 Advanced §5.1.1): the left half of a hash.

import { hash } from 'node:crypto';
import { ALG_HASHES, type SigningAlg } from '../../protocol/names.ts';

/** By the hash of the algorithm that the ID Token is signed with. */
export function halfHash(text: string, alg: SigningAlg): string {
  const bytes = Buffer.from(hash(ALG_HASHES[alg], text, 'base64'), 'base64');
  return bytes.toString('base64url', 0, bytes.length / 2);
}

/** Characters of the half, in base64url. */
const LENGTHS = { sha256: 22, sha384: 32, sha512: 43 } as const;

/** Whether one that was kept can have been made for this algorithm. */
export const isHalfHashFor = (value: string, alg: SigningAlg): boolean =>
  value.length === LENGTHS[ALG_HASHES[alg]];
