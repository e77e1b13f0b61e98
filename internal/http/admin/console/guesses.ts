// How often somebody may show a wrong token. Tokens are long, and nobody guesses one; but whoever tries should
// neither keep the issuer busy nor fill the audit trail.

import { MINUTE } from '../../../protocol/time.ts';

/** A wrong token of one address, within a minute. */
const PER_PEER = 10;
/** Of all together. */
const IN_ALL = 100;

export type Guesses = {
  /**
   * Seconds to wait; undefined: it may be tried, and counts as wrong from then on, since others may be on their
   * way at the same moment.
   */
  begin(peer: string): number | undefined;
  /** It was right, or nobody could tell. */
  forgive(peer: string): void;
};

/** @param now seconds since 1970. */
export function createGuesses(now: () => number): Guesses {
  // No more of them than are counted in all.
  let byPeer = new Map<string, number>();
  let total = 0;
  let begun = now();
  const forget = (): void => {
    const at = now();
    if (at - begun < MINUTE && at >= begun) return;
    byPeer = new Map();
    total = 0;
    begun = at;
  };
  const add = (peer: string, count: 1 | -1): void => {
    total += count;
    byPeer.set(peer, (byPeer.get(peer) ?? 0) + count);
  };
  return {
    begin(peer) {
      forget();
      const isOver = total >= IN_ALL || (byPeer.get(peer) ?? 0) >= PER_PEER;
      if (isOver) return Math.max(1, begun + MINUTE - now());
      add(peer, 1);
      return undefined;
    },
    forgive(peer) {
      // Of a minute that is over nothing is left to be taken back.
      if ((byPeer.get(peer) ?? 0) > 0) add(peer, -1);
    },
  };
}
