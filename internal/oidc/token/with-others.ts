import type { JwtClaims } from '../../keys/keys.ts';
import type { Claims } from '../../protocol/claims.ts';

/**
 * A token's own claims and those of others, the earlier ones winning: nobody replaces what is ours, not
 * even where we leave it out. Own claims are not copied behind others by a spread, which takes Node 20
 * longer than their signature.
 */
export function withOthers(own: JwtClaims, others: readonly Claims[]): JwtClaims {
  const claims: Record<string, JwtClaims[string]> = { ...own };
  for (const more of others) {
    for (const name of Object.keys(more)) {
      if (!Object.hasOwn(claims, name)) claims[name] = more[name];
    }
  }
  return claims;
}
