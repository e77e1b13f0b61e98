// How an authorization comes to be: at once, or out of a request that was put aside.

import type { NewAuthorization, Store } from '../store.ts';
import { enterIndexes } from './indexes.ts';
import { parsePending, printGranted, printPending } from './record.ts';
import { type Access, type Reply, readText, run, toMilliseconds } from './run.ts';
import { APPROVE, COUNT_PENDING, DISCARD, LINGER, MARK_FOR, PLACE } from './scripts.ts';
import { type Mark, settleTogether } from './together.ts';

const REFUSED: Reply = ['refused'];
const TAKEN: Reply = ['taken'];
const FULL: Reply = ['full'];

/** What a caller hears of each way that a grant can fail. */
const FAILED = { taken: 'nonce_used', ended: 'session_ended' } as const;

/** Both write a grant, mark its nonce and enter it into its indexes in the same moment. */
export function createGrantVerbs(access: Access): Pick<Store, 'create' | 'approve'> {
  const { redis, ask, names } = access;

  // Marked for an authorization, of which its id knows eight letters: two clicks on one button, at two
  // replicas, may reach the two keys in opposite orders, and neither may take the other for a replay.
  function markNonce(
    { id, grant, code }: NewAuthorization,
    now: number,
    notAfter: number,
  ): readonly Mark[] {
    const { clientId, nonce } = grant;
    if (nonce === undefined) return [];
    const key = names.nonce(clientId, nonce);
    const ttl = toMilliseconds(code.expiresAt - now);
    return [
      {
        reply: run(redis, MARK_FOR, [key], [notAfter, ttl, id.slice(-8)], TAKEN),
        undo: unlessGranted(() => redis.del(key)),
      },
    ];
  }

  function enter(authorization: NewAuthorization, now: number, notAfter: number): readonly Mark[] {
    const entering = enterIndexes(access, authorization, now, notAfter);
    if (entering === undefined) return [];
    return [{ reply: entering.reply, undo: unlessGranted(entering.leave) }];
  }

  const marksOf = (authorization: NewAuthorization, now: number, notAfter: number) => [
    ...markNonce(authorization, now, notAfter),
    ...enter(authorization, now, notAfter),
  ];

  return {
    async create(authorization, now) {
      const key = names.authorization(authorization.id);
      const ttl = toMilliseconds(authorization.code.expiresAt - now + LINGER);
      const record = printGranted(authorization);
      const outcome = await ask.once('create', (notAfter) =>
        settleTogether({
          record: run(redis, PLACE, [key], [notAfter, record, ttl], REFUSED),
          marks: marksOf(authorization, now, notAfter),
          undoRecord: () => redis.del(key),
        }),
      );
      if (outcome === 'refused' || outcome === 'full') {
        throw new Error('an authorization of this id exists already');
      }
      return outcome === 'placed' ? 'created' : FAILED[outcome];
    },

    async approve(pendingHash, authorization, now) {
      const { id, code } = authorization;
      const key = names.authorization(id);
      const ttl = toMilliseconds(code.expiresAt - now + LINGER);
      const record = printGranted(authorization);
      const outcome = await ask.once('approve', (notAfter) =>
        settleTogether({
          record: run(redis, APPROVE, [key], [notAfter, now, pendingHash, record, ttl], REFUSED),
          marks: marksOf(authorization, now, notAfter),
          // A used nonce ends the request; a Redis that failed does not, nor a session that is over.
          undoRecord: ([, pending = ''], why) =>
            why === 'taken' ? redis.del(key) : redis.set(key, pending, 'PX', ttl),
        }),
      );
      if (outcome === 'refused' || outcome === 'full') return 'unknown';
      if (outcome !== 'ended') giveBack(access, id);
      return outcome === 'placed' ? 'created' : FAILED[outcome];
    },
  };
}

// Refused because it is granted already: then the mark is the granted one's.
const unlessGranted =
  (undo: () => Promise<unknown>): Mark['undo'] =>
  async (record) =>
    record?.[1] === 'granted' ? undefined : undo();

/** A place in a budget. ARGV of COUNT_PENDING: notAfter, id, milliseconds until it expires, budget. */
export const takePlace = (
  { redis }: Access,
  budget: string,
  args: readonly [notAfter: number, id: string, ttl: number, budget: number],
): Mark => ({
  reply: run(redis, COUNT_PENDING, [budget], args, FULL),
  undo: () => redis.zrem(budget, args[1]),
});

/** Requests put aside count against a budget, so that strangers cannot fill Redis. */
export function createPendingVerbs(
  access: Access,
): Pick<Store, 'park' | 'findPending' | 'discard'> {
  const { redis, ask, reading, names, maxPending } = access;
  return {
    async park(pending, now) {
      const { id, expiresAt } = pending;
      const key = names.authorization(id);
      const ttl = toMilliseconds(expiresAt - now);
      const record = printPending(pending);
      const outcome = await ask.once('park', (notAfter) =>
        settleTogether({
          record: run(redis, PLACE, [key], [notAfter, record, ttl], REFUSED),
          marks: [takePlace(access, names.pending, [notAfter, id, ttl, maxPending])],
          undoRecord: () => redis.del(key),
        }),
      );
      if (outcome === 'refused') throw new Error('a request of this id exists already');
      return outcome === 'placed' ? 'parked' : 'full';
    },

    async findPending(id, hash, now) {
      const key = names.authorization(id);
      const record = await reading.ask.once('findPending', () => readText(reading.redis, key));
      return record === undefined ? undefined : parsePending(record, hash, now);
    },

    async discard(id, hash, now) {
      const key = names.authorization(id);
      const [outcome] = await ask.once('discard', (notAfter) =>
        run(redis, DISCARD, [key], [notAfter, now, hash], REFUSED),
      );
      if (outcome !== 'placed') return false;
      giveBack(access, id);
      return true;
    },
  };
}

// Nobody waits for this: what is not taken out of the budget now goes when it expires.
function giveBack({ redis, names }: Access, id: string): void {
  redis.zrem(names.pending, id).catch(() => {});
}
