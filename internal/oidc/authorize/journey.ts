// What the upstream was asked to do for one request, and what proves that it did it.

import type { Identity } from '../../protocol/identity.ts';
import { present } from '../../protocol/present.ts';
import type { Journey } from '../../store/store.ts';

/** What an End-User is sent away for, or asked, once at most on behalf of one request. */
export type Errand = 'sign_in' | 'reauthenticate' | 'account';

/** Seconds by which the clocks of the upstream and ours may differ. */
const CLOCK_SKEW = 60;

/** The journey with one more errand; it begins with what is presented at its first. */
export const setOut = (
  journey: Journey | undefined,
  errand: Errand,
  identity: Identity | undefined,
  now: number,
): Journey => ({
  ...(journey ?? { since: now, ...present({ authTime: identity?.authTime }) }),
  errands: [...(journey?.errands ?? []), errand],
});

export const wasOn = (journey: Journey | undefined, errand: Errand): boolean =>
  journey?.errands.includes(errand) ?? false;

/**
 * Whether this End-User signed in for this very request. An upstream that keeps its session would
 * pass off the sign-in of this morning: what was presented at the beginning proves nothing, and
 * neither does a sign-in at another place that is merely newer than it.
 */
export const isProven = (journey: Journey | undefined, { authTime }: Identity): boolean =>
  journey !== undefined &&
  authTime !== undefined &&
  authTime >= journey.since - CLOCK_SKEW &&
  (journey.authTime === undefined || authTime > journey.authTime);

/** A time that has not come yet says nothing about the past: then `auth_time` is not known. */
export function withCredibleAuthTime(
  identity: Identity | undefined,
  now: number,
): Identity | undefined {
  if (identity?.authTime === undefined || identity.authTime <= now + CLOCK_SKEW) return identity;
  const { authTime: _authTime, ...known } = identity;
  return known;
}
