// What the way in and the way out share.

import type { Caller } from '../../../admin/caller.ts';
import type { Arrival } from './arrival.ts';
import type { HallTerms, OpenedConsole } from './console.ts';
import { createGuesses, type Guesses } from './guesses.ts';
import type { Viewer } from './layout.ts';
import { createSessions, type Sessions } from './session.ts';

export type Hall = {
  readonly terms: HallTerms;
  readonly opened: OpenedConsole;
  readonly sessions: Sessions;
  readonly guesses: Guesses;
  /** Sessions that ended here; what was ended while the store was away is ended all the same. */
  readonly left: Set<string>;
};

/** Somebody who is proven. */
export type Known = {
  readonly caller: Caller;
  readonly viewer: Viewer;
  /** What forms are held against. */
  readonly sessionId: string;
  /** The store does not say whether they signed out: they look, and change nothing. */
  readonly isLimited: boolean;
};

export function createHall(terms: HallTerms, opened: OpenedConsole): Hall {
  const { issuer, now, random, lifetime } = terms;
  return {
    ...{ terms, opened },
    sessions: createSessions({ issuer, seals: opened.seals, now, random, lifetime }),
    guesses: createGuesses(now),
    left: new Set(),
  };
}

type Denied = { readonly error: string; readonly reason: string; readonly actor?: string };

/** On record, and no more than that of what a denial was made from; whoever asked is told less. */
export function deny(
  { peer, requestId }: Arrival,
  { error, reason, actor }: Denied,
  { terms }: Hall,
): void {
  terms.audit({ type: 'admin.refused', error, reason, actor, peer, requestId });
}
