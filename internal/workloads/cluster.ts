// A Kubernetes cluster that vouches for its service accounts, by its keys and, where it is asked, by its
// own word.

import { openForeignKeys } from '../jwks/open.ts';
import type { Outbound } from '../outbound/outbound.ts';
import type { Unavailable } from '../protocol/errors.ts';
import type { KeySource } from '../protocol/key-source.ts';
import type { Clock } from '../protocol/time.ts';
import { createTokenReview } from './token-review.ts';
import type { Cluster } from './workloads.ts';

export type PlatformDeps = {
  readonly now: Clock;
  /** Proves the server by the certificates of the platform, and itself by its token. */
  readonly outbound: Outbound;
  /** Hears when keys of before go on counting. */
  readonly onProblem: (problem: Unavailable) => void;
};

export type ClusterOptions = {
  readonly audience: string;
  readonly maxLifetime: number;
  readonly keys: KeySource;
  /** Undefined: a token stands until it ends, even if its pod is gone. */
  readonly reviewUrl: string | undefined;
};

export function createCluster(
  { audience, maxLifetime, keys, reviewUrl }: ClusterOptions,
  { outbound, ...deps }: PlatformDeps,
): Cluster {
  const foreign = openForeignKeys({
    ...deps,
    outbound: { operator: outbound, client: outbound },
  });
  return {
    audience,
    maxLifetime,
    verify: (jwt, algorithms) => foreign.verify(jwt, keys, algorithms),
    review:
      reviewUrl === undefined
        ? undefined
        : createTokenReview({ url: reviewUrl, audience, outbound }),
  };
}
