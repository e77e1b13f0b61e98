import type { JwtClaims } from '../../keys/keys.ts';

/**
 * What we say ourselves and what others say beside it, the earlier ones winning: nobody replaces what is
 * ours, not even where we leave it out. Not by a spread in front of what is ours: for Node 20 that is as
 * much work as a signature.
 */
export function withOthers(own: JwtClaims, others: readonly JwtClaims[]): JwtClaims {
  const claims: Record<string, JwtClaims[string]> = { ...own };
  for (const more of others) {
    for (const name of Object.keys(more)) {
      if (!Object.hasOwn(claims, name)) claims[name] = more[name];
    }
  }
  return claims;
}
