// Whether Redis still remembers what it was told. A key that never expires says since when it does: where it
// is gone, so is everything else. And the server that answers may have been a replica a moment ago: then
// what was spent last, on the server before it, can be spent a second time.

import { randomUUID } from 'node:crypto';
import type { Made } from '../store.ts';
import type { Commands } from './connection/commands.ts';
import type { Node } from './connection/node.ts';
import type { RedisStoreOptions } from './connection/options.ts';
import { parseRedirect, SLOTS, toSlot } from './connection/slots.ts';
import type { KeyNames } from './keys.ts';
import { type Reply, run } from './run.ts';
import { LOOK } from './scripts-continuity.ts';

export type Continuity = {
  /** Asks a node about its past: at each connection, before anybody else may use it, and at each probe. */
  meet(node: Node): Promise<void>;
  /** The key that says it of whoever keeps `key`. */
  markerOf(key: string): string;
  /** Asks again when what stands at a marker is not what did. */
  check(marker: string, kept: string | undefined, redis: Commands): Promise<void>;
  /** Whether it could have happened before the memory began, so that nobody knows. */
  mayBeForgotten(made: Made): boolean;
  /** The same, and whether a failover since could have lost what happened then. */
  mayBeLost(made: Made): boolean;
  /** A failover is so short a time ago that codes of before it may still live. */
  isRecent(): boolean;
};

type Terms = Pick<RedisStoreOptions, 'cluster' | 'durability' | 'onLoss'>;

/** Seconds that a code, or a device code, lives at most. */
const LONGEST_CODE = 600;

/** What was made in the second of the end, by a clock that rounds down, and read by one that does. */
const WHOLE_SECONDS_MS = 2000;

/** A question that is late does no harm. */
const NEVER_LATE_MS = 600_000;

const FOREIGN: Reply = ['foreign'];

/** Moments of our monotonic clock. */
type Past = {
  readonly name: string;
  readonly beganAt: number;
  readonly failedOverAt: number | undefined;
  /** Redis will say it again, of a later moment. */
  readonly isUnsaved: boolean;
};

/** Of a cluster one loss is told by several keys, each at a moment of its own. */
const ONE_LOSS_MS = 5000;

const isNews = (moment: number, told: number): boolean => moment - told > ONE_LOSS_MS;

// Only durations are compared, each by one clock: those of Redis and ours need not agree.
const isBefore = ({ at, now }: Made, moment: number): boolean =>
  at < Math.floor(now - (performance.now() - moment) / 1000);

/** Of a cluster the youngest memory counts, and the latest failover, whichever primary it is of. */
export function createContinuity(
  names: KeyNames,
  { cluster, durability = 'fast', onLoss }: Terms,
): Continuity {
  const markers = findMarkers(names, cluster === undefined ? 1 : SHARES);
  const pasts = new Map<string, Past>();
  let beganAt = Number.NEGATIVE_INFINITY;
  let emptiedAt = Number.NEGATIVE_INFINITY;
  let failedOverAt = Number.NEGATIVE_INFINITY;

  const isRecent = () => performance.now() - failedOverAt < LONGEST_CODE * 1000;

  function learn(marker: string, past: Past): void {
    const known = pasts.get(marker)?.name;
    pasts.set(marker, past);
    beganAt = Math.max(...[...pasts.values()].map((one) => one.beganAt));
    if (known !== undefined && known !== past.name && isNews(past.beganAt, emptiedAt)) {
      emptiedAt = past.beganAt;
      onLoss?.({ kind: 'emptied' });
    }
    if (past.failedOverAt === undefined || durability === 'acknowledged') return;
    const news = isNews(past.failedOverAt, failedOverAt) && !(past.isUnsaved && isRecent());
    failedOverAt = Math.max(failedOverAt, past.failedOverAt);
    const refusedFor = Math.ceil(LONGEST_CODE - (performance.now() - failedOverAt) / 1000);
    if (news && refusedFor > 0) onLoss?.({ kind: 'failover', refusedFor });
  }

  async function look(marker: string, redis: Pick<Commands, 'at'>): Promise<void> {
    const sentAt = performance.now();
    const args = [sentAt + NEVER_LATE_MS, randomUUID(), pasts.get(marker)?.name ?? ''] as const;
    const reply = await run(redis, LOOK, [marker], args, FOREIGN);
    const [name = '', age, lost, ago, unsaved] = reply;
    if (reply === FOREIGN) throw new Error('the key of its memory holds something else');
    if (name === 'replica') throw new Error('it is a replica');
    const now = performance.now();
    learn(marker, {
      name,
      beganAt: lost === '1' ? now - Number(age) + WHOLE_SECONDS_MS : sentAt - Number(age),
      failedOverAt: ago === '' ? undefined : now - Number(ago) + WHOLE_SECONDS_MS,
      isUnsaved: unsaved === '1',
    });
  }

  return {
    async meet(node) {
      const only: Pick<Commands, 'at'> = { at: (_key, send) => send(node) };
      const elsewhere = (error: unknown) => {
        if (parseRedirect(error, node.host) === undefined) throw error;
      };
      node.gather();
      await Promise.all(markers.map((marker) => look(marker, only).catch(elsewhere)));
    },
    markerOf: (key) => markers[Math.floor((toSlot(key) * markers.length) / SLOTS)] ?? key,
    async check(marker, kept, redis) {
      if (kept?.split('\n')[1] !== pasts.get(marker)?.name) await look(marker, redis);
    },
    mayBeForgotten: (made) => isBefore(made, beganAt),
    mayBeLost: (made) => isBefore(made, Math.max(beganAt, failedOverAt)),
    isRecent,
  };
}

/** Into so many shares the slots of a cluster are divided: a primary that has two of them has a whole one. */
const SHARES = 32;

/** One key in each share of the slots. */
const findMarkers = (names: KeyNames, shares: number): readonly string[] =>
  Array.from({ length: shares }, (_, share) => {
    for (let number = 0; ; number += 1) {
      const key = names.memory(number);
      if (Math.floor((toSlot(key) * shares) / SLOTS) === share) return key;
    }
  });
