// What goes with every grant of an End-User, however its client asked: what the upstream said, how long
// refresh tokens live, and what the index of the session knows.

import type { Claims } from '../../protocol/claims.ts';
import type { Client, Lifetimes } from '../../protocol/client.ts';
import { invalidRequest } from '../../protocol/errors.ts';
import type { Membership, RefreshTerms } from '../../store/store.ts';

/** Bytes of JSON: what the upstream said is kept with the grant, up to here. */
const MAX_SNAPSHOT = 8 * 1024;

type Granting = { readonly client: Client; readonly scope: readonly string[] };

/** The same claims; throws `invalid_request` when there are more of them than can be kept. */
export function toSnapshot(claims: Claims): Claims {
  if (Buffer.byteLength(JSON.stringify(claims)) > MAX_SNAPSHOT) {
    throw invalidRequest({
      description: 'the proxy says more about the End-User than can be kept',
      reason: 'snapshot_too_large',
    });
  }
  return claims;
}

export type MembershipTerms = {
  readonly refresh: RefreshTerms | undefined;
  /** Seconds within which it may still be redeemed. */
  readonly codeLifetime: number;
  /** Those of its client. */
  readonly lifetimes: Lifetimes;
  readonly sessionLifetime: number;
};

/** The index remembers it for as long as anything under it, or the session, can live. */
export function toMembership(
  { scope }: Pick<Granting, 'scope'>,
  { refresh, codeLifetime, lifetimes, sessionLifetime }: MembershipTerms,
  now: number,
): Membership {
  const tokens = Math.max(lifetimes.accessToken, lifetimes.idToken);
  const lives = Math.max(sessionLifetime, codeLifetime + tokens);
  return {
    offline: scope.includes('offline_access'),
    // What the last use of the last refresh token brings lives on after it.
    until: Math.max(now + lives, refresh === undefined ? 0 : refresh.until + tokens),
  };
}

/** With `offline_access` it slides; without, it ends with the working day. */
export function refreshTerms(
  { client, scope }: Granting,
  lifetimes: Lifetimes,
  now: number,
): RefreshTerms | undefined {
  if (!client.grantTypes.includes('refresh_token')) return undefined;
  return scope.includes('offline_access')
    ? { ttl: lifetimes.refreshToken, until: now + lifetimes.refreshTokenMax }
    : { ttl: lifetimes.sessionRefreshToken, until: now + lifetimes.sessionRefreshToken };
}
