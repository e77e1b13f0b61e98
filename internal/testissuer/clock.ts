// The time of one test issuer: that of the system, and as much later as a test wants it.

import type { Clock } from '../protocol/time.ts';
import type { TestIssuer } from './api.ts';
import { Misuse } from './misuse.ts';
import { readSeconds } from './seconds.ts';

/** What can be written as a date, and counted without losing a second. */
const LAST = Date.UTC(9999, 11, 31) / 1000;

/** As it was before a test put another `Date` in its place, for a client that shares the process. */
const { now: trueNow } = Date;

/** The time of the system, whatever `Date` says by now. */
export const trueClock: Clock = () => Math.floor(trueNow() / 1000);

/** Everything of the issuer asks it, each time. */
export function createTestClock(system: Clock): TestIssuer['clock'] {
  let ahead = 0;
  return {
    now: () => system() + ahead,
    advance(by) {
      // A key that signed last keeps signing, and what was spent stays spent: nothing could go back.
      if (typeof by === 'number' && by < 0) {
        throw new Misuse(
          'clock.advance: no clock goes back; use another issuer for an earlier time',
        );
      }
      const seconds = readSeconds('clock.advance', by);
      if (system() + ahead + seconds > LAST) {
        throw new Misuse('clock.advance: no clock goes beyond the year 9999');
      }
      ahead += seconds;
    },
  };
}
