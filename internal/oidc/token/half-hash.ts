// `at_hash` and `s_hash` (OIDC Core §3.1.3.6, FAPI 1.0 Advanced §5.1.1): the left half of a hash.

import { hash } from 'node:crypto';
import { ALG_HASHES, type SigningAlg } from '../../protocol/names.ts';

/** By the hash of the algorithm that the ID Token is signed with. */
export function halfHash(text: string, alg: SigningAlg): string {
  const bytes = Buffer.from(hash(ALG_HASHES[alg], text, 'base64'), 'base64');
  return bytes.subarray(0, bytes.length / 2).toString('base64url');
}

/** How many characters it has; says of one that was kept whether it was made for this algorithm. */
export const halfHashLength = (alg: SigningAlg): number => halfHash('', alg).length;
