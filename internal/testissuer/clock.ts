// The time of one test issuer: that of the system, and as much later as a test wants it.

import type { Clock } from '../protocol/time.ts';
import type { TestIssuer } from './api.ts';
import { Misuse } from './misuse.ts';
import { readSeconds } from './seconds.ts';

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
      ahead += readSeconds('clock.advance', by);
    },
  };
}
