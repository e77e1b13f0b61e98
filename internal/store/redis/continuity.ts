// Whether Redis still remembers what it was told. One key, which never expires, says since when it does: where
// it is gone, so is everything else. And the server that answers may have been a replica a moment ago:
// then what was spent last, on the server before it, can be spent a second time.

import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Made } from '../store.ts';
import type { RedisStoreOptions } from './options.ts';
import { type Reply, run } from './run.ts';
import { LOOK } from './scripts-continuity.ts';

export type Continuity = {
  /** Asks Redis about its past: at every connection, before anything else is asked, and at every probe. */
  look(redis: Redis): Promise<void>;
  /** Whether a memory that says this is the one that was looked at. */
  isKnown(kept: string | undefined): boolean;
  /** Whether it could have happened before the memory began, so that nobody knows. */
  mayBeForgotten(made: Made): boolean;
  /** The same, and whether a failover since could have lost what happened then. */
  mayBeLost(made: Made): boolean;
  /** A failover is so short a time ago that codes of before it may still live. */
  isRecent(): boolean;
};

const FOREIGN: Reply = ['foreign'];

/** Seconds that a code, or a device code, lives at most. */
const LONGEST_CODE = 600;

/** What was made in the second of the end, by a clock that rounds down, and read by one that does. */
const WHOLE_SECONDS_MS = 2000;

type Past = {
  readonly name: string;
  /** Moments of our monotonic clock: not before this one … */
  readonly beganAt: number;
  readonly failover: { readonly name: string; readonly at: number } | undefined;
};

export function createContinuity(
  key: string,
  { durability, onLoss }: Pick<RedisStoreOptions, 'durability' | 'onLoss'>,
): Continuity {
  let past: Past | undefined;

  // Only durations are compared, each by one clock: those of Redis and ours need not agree.
  const isBefore = ({ at, now }: Made, moment: number): boolean =>
    at < Math.floor(now - (performance.now() - moment) / 1000);

  const isRecent = () =>
    past?.failover !== undefined && performance.now() - past.failover.at < LONGEST_CODE * 1000;

  function learn(next: Past): void {
    const before = past;
    past = next;
    if (before !== undefined && before.name !== next.name) onLoss?.({ kind: 'emptied' });
    if (next.failover === undefined || next.failover.name === before?.failover?.name) return;
    if (!isRecent()) return;
    const refusedFor = LONGEST_CODE - (performance.now() - next.failover.at) / 1000;
    onLoss?.({ kind: 'failover', refusedFor: Math.ceil(refusedFor) });
  }

  const mayBeForgotten = (made: Made): boolean =>
    past !== undefined && isBefore(made, past.beganAt);

  return {
    async look(redis) {
      const sentAt = performance.now();
      const known = past?.name ?? '';
      const reply = await run(redis, LOOK, [key], [randomUUID(), known], FOREIGN);
      const [name = '', age, lost, failover = '', ago] = reply;
      if (reply === FOREIGN) throw new Error('the key of its memory holds something else');
      if (name === 'replica') throw new Error('it is a replica');
      const now = performance.now();
      learn({
        name,
        beganAt: lost === '1' ? now - Number(age) + WHOLE_SECONDS_MS : sentAt - Number(age),
        failover:
          failover === '' || durability === 'acknowledged'
            ? undefined
            : { name: failover, at: now - Number(ago) + WHOLE_SECONDS_MS },
      });
    },
    isKnown: (kept) => past !== undefined && kept?.split('\n')[1] === past.name,
    mayBeForgotten,
    mayBeLost: (made) =>
      mayBeForgotten(made) || (past?.failover !== undefined && isBefore(made, past.failover.at)),
    isRecent,
  };
}
