// One process, and it forgets when it ends. Every verb is one synchronous step inside an async
// function, so that nothing can come between its reading and its writing. Bounded: when it is full
// of what is still alive it refuses, rather than forget what somebody relies on.

import { hash } from 'node:crypto';
import type { NewAuthorization, NewPending, Store } from '../store.ts';
import {
  type Authorization,
  decideRedeem,
  decideRotate,
  toAuthorization,
  toFound,
} from './authorization.ts';
import { createRoom, type MemoryStoreOptions, type Room } from './room.ts';

/** Seconds a record stays after its life, so that "expired" can be told from "unknown". */
const LINGER = 60;

/** Holds at most what it is told to; `create`, `once` and their like throw `Unavailable` beyond. */
export function createMemoryStore(options: MemoryStoreOptions): Store {
  const room = createRoom(options);
  return {
    ...createAuthorizationVerbs(room),
    ...createPendingVerbs(room),
    ...createFactVerbs(room),
    ...createSessionVerbs(room),
    async ping() {},
    async close() {},
  };
}

function createAuthorizationVerbs(
  room: Room,
): Pick<Store, 'create' | 'redeem' | 'rotate' | 'find' | 'revoke'> {
  const { authorizations, clock } = room;
  return {
    async create(authorization, now) {
      room.reserve('create', sizeOf(authorization));
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
      room.reserve('approve', sizeOf(authorization));
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
  consents,
  clock,
  reserve,
}: Room): Pick<Store, 'once' | 'happened' | 'findConsent' | 'keepConsent'> {
  return {
    async once(purpose, key, ttl) {
      const name = digest(purpose, key);
      if (facts.get(name, clock()) !== undefined) return false;
      reserve('once', 1);
      facts.set(name, true, clock() + ttl);
      return true;
    },
    async happened(purpose, key) {
      return facts.get(digest(purpose, key), clock()) !== undefined;
    },
    async findConsent(subject, clientId) {
      return consents.get(digest(subject, clientId), clock());
    },
    async keepConsent(subject, clientId, consent, ttl) {
      reserve('keepConsent', 1);
      consents.set(digest(subject, clientId), consent, clock() + ttl);
    },
  };
}

// Ending reserves nothing: a store that is full must not keep anybody signed in.
const createSessionVerbs = ({
  sessions,
  clock,
}: Room): Pick<Store, 'endSession' | 'forgetSession'> => ({
  async endSession(sid, ttl) {
    return sessions.end(sid, clock() + ttl, clock());
  },
  async forgetSession(sid) {
    sessions.forget(sid);
  },
});

/** Entries it takes: the record, a nonce if there is one, and a place in its session. */
const sizeOf = ({ grant, membership }: NewAuthorization): number =>
  1 + (grant.nonce === undefined ? 0 : 1) + (membership === undefined ? 0 : 1);

function grant(room: Room, authorization: NewAuthorization, now: number) {
  const { clientId, nonce, sid, subject } = authorization.grant;
  const { id, membership } = authorization;
  const name = nonce === undefined ? undefined : digest('nonce', clientId, nonce);
  if (name !== undefined && room.facts.get(name, room.clock()) !== undefined) return 'nonce_used';
  if (sid !== undefined && room.sessions.isEnded(sid, room.clock())) return 'session_ended';
  if (name !== undefined) {
    room.facts.set(name, true, room.toOurs(authorization.code.expiresAt, now));
  }
  if (sid !== undefined && membership !== undefined) {
    const member = { id, clientId, subject, offline: membership.offline };
    const until = room.toOurs(membership.until, now);
    room.sessions.enter(sid, { member, until }, room.clock());
  }
  keep(room, id, toAuthorization(authorization), now);
  return 'created';
}

function keep(room: Room, id: string, held: Authorization, now: number): void {
  const life = held.state === 'ended' ? Math.max(held.code.expiresAt, now) : held.life;
  room.authorizations.set(id, held, room.toOurs(life + LINGER, now));
}

/** As long as a nonce or a `jti` may be, what is remembered of it is 43 bytes. */
const digest = (...parts: readonly string[]): string =>
  hash('sha256', JSON.stringify(parts), 'base64url');
