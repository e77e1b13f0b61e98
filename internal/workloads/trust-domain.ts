// A SPIFFE trust domain, known by its bundle (SPIFFE Trust Domain and Bundle §4).

import { createForeignKeys } from '../jwks/foreign-keys.ts';
import { type KeySet, parseKeySet, readKeys } from '../jwks/key-set.ts';
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
  const foreign = createForeignKeys({
    ...deps,
    outbound: { operator: outbound, client: outbound },
    parse: parseBundle,
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
function parseBundle(text: string): KeySet {
  const keys = readKeys(text).filter((key) => key.use === 'jwt-svid');
  return parseKeySet(JSON.stringify({ keys: keys.map((key) => ({ ...key, use: 'sig' })) }));
}
