// A SPIFFE trust domain, known by its bundle (SPIFFE Trust Domain and Bundle §4).

import { openForeignKeys } from '../jwks/open.ts';
import { parseMembers } from '../protocol/jwt.ts';
import type { KeySource } from '../protocol/key-source.ts';
import type { PlatformDeps } from './cluster.ts';
import type { Platform } from './workloads.ts';

export type TrustDomainOptions = Pick<Platform, 'audience' | 'maxLifetime'> & {
  readonly keys: KeySource;
};

export function createTrustDomain(
  { audience, maxLifetime, keys }: TrustDomainOptions,
  { outbound, ...deps }: PlatformDeps,
): Platform {
  const foreign = openForeignKeys({
    ...deps,
    outbound: { operator: outbound, client: outbound },
    toKeySet,
  });
  return {
    audience,
    maxLifetime,
    verify: (jwt, algorithms) => foreign.verify(jwt, keys, algorithms),
  };
}

/**
 * A key is for certificates or for tokens, as its `use` says, and one for certificates proves no token
 * (JWT-SVID §4). The word is SPIFFE's own: to everybody else, `sig` is what verifies.
 */
function toKeySet(bundle: string): string {
  const keys: unknown = parseMembers(Buffer.from(bundle))?.['keys'];
  // Whoever reads a JWK Set says what is wrong with it.
  if (!Array.isArray(keys)) return bundle;
  return JSON.stringify({ keys: keys.filter(isForTokens).map((key) => ({ ...key, use: 'sig' })) });
}

const isForTokens = (key: unknown): key is object =>
  typeof key === 'object' && key !== null && 'use' in key && key.use === 'jwt-svid';
