// One process, and it forgets when it ends. Every verb is one synchronous step inside an async
// function, so that nothing can come between its reading and its writing. Bounded: when it is full
// of what is still alive it refuses, rather than forget what somebody relies on.

import { heldLater } from '../held.ts';
import type { NewPending, Store } from '../store.ts';
import { decideRedeem, decideRotate, toFound } from './authorization.ts';
import { createBudgetVerbs } from './budget.ts';
import { createClientVerbs } from './clients.ts';
import { createDeviceVerbs } from './devices.ts';
import { consentMember, createGrantedVerbs } from './granted.ts';
import { grant, keep, keyOf, sizeOf } from './granting.ts';
import { createUserVerbs } from './people.ts';
import { createRoom, type MemoryStoreOptions, type Room, toConsent } from './room.ts';

/** Holds at most what it is told to; `create`, `once` and their like throw `Unavailable` beyond. */
export function createMemoryStore(options: MemoryStoreOptions): Store {
  const room = createRoom(options);
  return {
    ...createAuthorizationVerbs(room),
    ...createPendingVerbs(room),
    ...createFactVerbs(room),
    ...createSessionVerbs(room),
    ...createGrantedVerbs(room),
    ...createDeviceVerbs(room),
    ...createClientVerbs(room),
    ...createBudgetVerbs(room.clock),
    ...createUserVerbs(room),
    ...heldLater(async () => (await import('./held.ts')).createHeldVerbs(room)),
    async ping() {},
    usage: room.usage,
    async close() {},
  };
}

function createAuthorizationVerbs(
  room: Room,
): Pick<Store, 'create' | 'redeem' | 'rotate' | 'find' | 'revoke'> {
  const { authorizations, clock } = room;
  return {
    async create(authorization, now) {
      room.reserve('create', sizeOf(room, authorization));
      if (authorizations.get(authorization.id, clock()) !== undefined) {
        throw new Error('an authorization of this id exists already');
      }
      return grant(room, authorization, now);
    },
    async redeem(id, codeHash, expected, redemption) {
      const held = authorizations.get(id, clock());
      if (held === undefined) return { kind: 'unknown' };
      const { answer, next } = decideRedeem(held, codeHash, expected, redemption);
      if (next !== undefined) keep(room, id, next, redemption.now);
      return answer;
    },
    async rotate(id, presented, expected, rotation) {
      const held = authorizations.get(id, clock());
      if (held === undefined) return { kind: 'unknown' };
      const { answer, next } = decideRotate(held, presented, expected, rotation);
      if (next !== undefined) keep(room, id, next, rotation.now);
      return answer;
    },
    async find(id, now) {
      const held = authorizations.get(id, clock());
      return held === undefined ? undefined : toFound(held, now);
    },
    async revoke(id) {
      authorizations.delete(id);
      room.pending.delete(id);
      room.waiting.remove(id);
      room.denied.delete(id);
    },
  };
}

function createPendingVerbs(
  room: Room,
): Pick<Store, 'park' | 'findPending' | 'approve' | 'discard'> {
  const { pending, clock } = room;
  function find(id: string, hash: string, now: number): NewPending | undefined {
    const found = pending.get(id, clock());
    return found !== undefined && found.hash === hash && now < found.expiresAt ? found : undefined;
  }
  return {
    async park(request, now) {
      if (!room.mayPark()) return 'full';
      if (pending.get(request.id, clock()) !== undefined) {
        throw new Error('a request of this id exists already');
      }
      pending.set(request.id, request, room.toOurs(request.expiresAt, now));
      return 'parked';
    },
    async findPending(id, hash, now) {
      return find(id, hash, now)?.request;
    },
    async approve(pendingHash, authorization, now) {
      if (find(authorization.id, pendingHash, now) === undefined) return 'unknown';
      room.reserve('approve', sizeOf(room, authorization));
      const granted = grant(room, authorization, now);
      // A page can be answered again where only the session it was shown in is over.
      if (granted !== 'session_ended') pending.delete(authorization.id);
      return granted;
    },
    async discard(id, hash, now) {
      return find(id, hash, now) !== undefined && pending.delete(id);
    },
  };
}

function createFactVerbs({
  facts,
  counts,
  consents,
  subjects,
  clock,
  reserve,
  mayBeForgotten,
}: Room): Pick<Store, 'once' | 'happened' | 'count' | 'findConsent' | 'keepConsent'> {
  return {
    async once(purpose, key, ttl, made) {
      const name = keyOf(purpose, key);
      if (facts.get(name, clock()) !== undefined || mayBeForgotten(made)) return false;
      reserve('once', 1);
      facts.set(name, true, clock() + ttl);
      return true;
    },
    async happened(purpose, key, made) {
      return facts.get(keyOf(purpose, key), clock()) !== undefined || mayBeForgotten(made);
    },
    async count(purpose, key, window) {
      const name = keyOf(purpose, key);
      const counted = counts.get(name, clock());
      if (counted === undefined) reserve('count', 1);
      const { sum, until } = counted ?? { sum: 0, until: clock() + window };
      counts.set(name, { sum: sum + 1, until }, until);
      return sum + 1;
    },
    async findConsent(subject, clientId) {
      const kept = consents.get(keyOf(subject, clientId), clock());
      return kept && toConsent(kept);
    },
    async keepConsent(subject, clientId, consent, ttl) {
      reserve('keepConsent', 1 + subjects.room(subject, clock()));
      const until = clock() + ttl;
      subjects.enter(subject, consentMember(clientId), until, clock());
      consents.set(keyOf(subject, clientId), { ...consent, subject, clientId }, until);
    },
  };
}

// Ending reserves nothing: a store that is full must not keep anybody signed in.
const createSessionVerbs = ({
  sessions,
  clock,
}: Room): Pick<Store, 'endSession' | 'forgetSession'> => ({
  async endSession({ sid, subject }, ttl) {
    return sessions.end(keyOf(subject, sid), clock() + ttl, clock());
  },
  async forgetSession({ sid, subject }) {
    sessions.forget(keyOf(subject, sid));
  },
});
