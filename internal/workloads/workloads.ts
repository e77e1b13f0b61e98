// Platforms that give the programs which run on them a signed name, so that these need no secret: the
// clusters and trust domains that the operator configured. What a name is worth is for the domain.

import type { Members, UnverifiedJwt } from '../protocol/jwt.ts';

/** Whoever signs names. */
export type Platform = {
  /** The only audience its tokens may have. */
  readonly audience: string;
  /** Seconds that one of its tokens may still be good for. */
  readonly maxLifetime: number;
  /** The claims, once a key of this platform signed exactly this; throws `Unavailable`. */
  verify(jwt: UnverifiedJwt, algorithms: readonly string[]): Promise<Members | undefined>;
};

export type Cluster = Platform & {
  /**
   * Whether the cluster itself says that this token still stands for this subject at this audience;
   * undefined: it is not asked. Throws `Unavailable`.
   */
  readonly review: ((token: string, subject: string) => Promise<boolean>) | undefined;
};

export type Workloads = {
  /** Kubernetes, by the issuer of its service-account tokens. */
  readonly clusters: ReadonlyMap<string, Cluster>;
  /** SPIFFE, by trust domain. */
  readonly trustDomains: ReadonlyMap<string, Platform>;
};
