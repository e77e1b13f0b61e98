// How an authorization comes to be: at once, or out of a request that was put aside.

import type { NewAuthorization, Store } from '../store.ts';
import { settlePair } from './pair.ts';
import { parsePending, printGranted, printPending } from './record.ts';
import { type Access, type Reply, readText, run, toMilliseconds } from './run.ts';
import { APPROVE, COUNT_PENDING, DISCARD, LINGER, MARK_FOR, PLACE } from './scripts.ts';

const REFUSED: Reply = ['refused'];
const MARKED: Reply = ['marked'];
const TAKEN: Reply = ['taken'];

/** Both write a grant and mark its nonce in the same moment. */
export function createGrantVerbs(access: Access): Pick<Store, 'create' | 'approve'> {
  const { redis, ask, names } = access;

  // Marked for an authorization, of which its id knows eight letters: two clicks on one button, at two
  // replicas, may reach the two keys in opposite orders, and neither may take the other for a replay.
  function markNonce({ id, grant, code }: NewAuthorization, now: number, notAfter: number) {
    const { clientId, nonce } = grant;
    if (nonce === undefined) {
      return { mark: Promise.resolve(MARKED), undoMark: () => Promise.resolve() };
    }
    const key = names.nonce(clientId, nonce);
    const ttl = toMilliseconds(code.expiresAt - now);
    return {
      mark: run(redis, MARK_FOR, [key], [notAfter, ttl, id.slice(-8)], TAKEN),
      // Refused because it is granted already: then the nonce is the granted one's.
      undoMark: (record: Reply | undefined) =>
        record?.[1] === 'granted' ? Promise.resolve() : redis.del(key),
    };
  }

  return {
    async create(authorization, now) {
      const key = names.authorization(authorization.id);
      const ttl = toMilliseconds(authorization.code.expiresAt - now + LINGER);
      const record = printGranted(authorization);
      const outcome = await ask.once('create', (notAfter) =>
        settlePair({
          record: run(redis, PLACE, [key], [notAfter, record, ttl], REFUSED),
          ...markNonce(authorization, now, notAfter),
          undoRecord: () => redis.del(key),
        }),
      );
      if (outcome === 'refused') throw new Error('an authorization of this id exists already');
      return outcome === 'placed' ? 'created' : 'nonce_used';
    },

    async approve(pendingHash, authorization, now) {
      const { id, code } = authorization;
      const key = names.authorization(id);
      const ttl = toMilliseconds(code.expiresAt - now + LINGER);
      const record = printGranted(authorization);
      const outcome = await ask.once('approve', (notAfter) =>
        settlePair({
          record: run(redis, APPROVE, [key], [notAfter, now, pendingHash, record, ttl], REFUSED),
          ...markNonce(authorization, now, notAfter),
          // A used nonce ends the request; a Redis that failed does not.
          undoRecord: ([, pending = ''], taken) =>
            taken ? redis.del(key) : redis.set(key, pending, 'PX', ttl),
        }),
      );
      if (outcome === 'refused') return 'unknown';
      giveBack(access, id);
      return outcome === 'placed' ? 'created' : 'nonce_used';
    },
  };
}

/** Requests put aside count against a budget, so that strangers cannot fill Redis. */
export function createPendingVerbs(
  access: Access,
): Pick<Store, 'park' | 'findPending' | 'discard'> {
  const { redis, ask, names, maxPending } = access;
  return {
    async park(pending, now) {
      const { id, expiresAt } = pending;
      const key = names.authorization(id);
      const ttl = toMilliseconds(expiresAt - now);
      const record = printPending(pending);
      const outcome = await ask.once('park', (notAfter) =>
        settlePair({
          record: run(redis, PLACE, [key], [notAfter, record, ttl], REFUSED),
          mark: run(redis, COUNT_PENDING, [names.pending], [notAfter, id, ttl, maxPending], TAKEN),
          undoRecord: () => redis.del(key),
          undoMark: () => redis.zrem(names.pending, id),
        }),
      );
      if (outcome === 'refused') throw new Error('a request of this id exists already');
      return outcome === 'placed' ? 'parked' : 'full';
    },

    async findPending(id, hash, now) {
      const record = await ask.once('findPending', () => readText(redis, names.authorization(id)));
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
