// How a grant comes to be in memory: the steps that `create`, `approve` and `decideDevice` share.

import type { NewAuthorization } from '../store.ts';
import { type Authorization, toAuthorization } from './authorization.ts';
import type { Room } from './room.ts';

/** Seconds a record stays after its life, so that "expired" can be told from "unknown". */
export const LINGER = 60;

type Entering = Pick<NewAuthorization, 'id' | 'grant' | 'membership'>;

/** Entries it takes: the record, a nonce if there is one, a place in its session, and now and then one in the index of its End-User. */
export function sizeOf(
  { subjects, clock }: Room,
  { grant: { nonce, sid, subject }, membership }: NewAuthorization,
): number {
  const own = nonce === undefined ? 1 : 2;
  if (membership === undefined) return own;
  return own + (sid === undefined ? 0 : 1) + subjects.room(subject, clock());
}

/** Keeps the authorization, its nonce and its places in the indexes, or nothing of all that. */
export function grant(room: Room, authorization: NewAuthorization, now: number) {
  const { clientId, nonce } = authorization.grant;
  const key = nonce === undefined ? undefined : keyOf('nonce', clientId, nonce);
  if (key !== undefined && room.facts.get(key, room.clock()) !== undefined) return 'nonce_used';
  if (!mayEnter(room, authorization)) return 'session_ended';
  if (key !== undefined) {
    room.facts.set(key, true, room.toOurs(authorization.code.expiresAt, now));
  }
  enterIndexes(room, authorization, now);
  keep(room, authorization.id, toAuthorization(authorization), now);
  return 'created';
}

/** False when the session it would enter has ended. What nobody asks for by session enters none. */
export const mayEnter = (
  { sessions, clock }: Room,
  { grant: { sid, subject }, membership }: Entering,
): boolean =>
  sid === undefined || membership === undefined || !sessions.isEnded(keyOf(subject, sid), clock());

/** Enters it where it says what the indexes of its End-User and its session are to know of it. */
export function enterIndexes(
  room: Room,
  { id, grant: { sid, clientId, subject }, membership }: Entering,
  now: number,
): void {
  if (membership === undefined) return;
  const until = room.toOurs(membership.until, now);
  room.subjects.enter(subject, id, until, room.clock());
  if (sid === undefined) return;
  const member = { id, clientId, offline: membership.offline };
  room.sessions.enter(keyOf(subject, sid), { member, until }, room.clock());
}

/** Keeps it for as long as it lives, and what has ended for as long as its code could come back. */
export function keep(room: Room, id: string, held: Authorization, now: number): void {
  const life = held.state === 'ended' ? Math.max(held.code.expiresAt, now) : held.life;
  room.authorizations.set(id, held, room.toOurs(life + LINGER, now));
}

/** One key of several parts, none of which can pretend to be another. */
export const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);
