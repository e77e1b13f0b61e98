// How a grant comes to be in memory: the steps that `create`, `approve` and `decideDevice` share.

import type { NewAuthorization } from '../store.ts';
import { type Authorization, toAuthorization } from './authorization.ts';
import type { Room } from './room.ts';

/** Seconds a record stays after its life, so that "expired" can be told from "unknown". */
export const LINGER = 60;

type Entering = Pick<NewAuthorization, 'id' | 'grant' | 'membership'>;

/** Entries it takes: the record, a nonce if there is one, and a place in its session. */
export const sizeOf = ({ grant: { nonce, sid }, membership }: NewAuthorization): number =>
  1 + (nonce === undefined ? 0 : 1) + (sid === undefined || membership === undefined ? 0 : 1);

/** Keeps the authorization, its nonce and its place in its session, or nothing of all that. */
export function grant(room: Room, authorization: NewAuthorization, now: number) {
  const { clientId, nonce } = authorization.grant;
  const key = nonce === undefined ? undefined : keyOf('nonce', clientId, nonce);
  if (key !== undefined && room.facts.get(key, room.clock()) !== undefined) return 'nonce_used';
  if (!mayEnter(room, authorization)) return 'session_ended';
  if (key !== undefined) {
    room.facts.set(key, true, room.toOurs(authorization.code.expiresAt, now));
  }
  enterSession(room, authorization, now);
  keep(room, authorization.id, toAuthorization(authorization), now);
  return 'created';
}

/** False when the session it would enter has ended. What nobody asks for by session enters none. */
export const mayEnter = (room: Room, { grant: { sid }, membership }: Entering): boolean =>
  sid === undefined || membership === undefined || !room.sessions.isEnded(sid, room.clock());

/** Enters it where it says what its session's index is to know of it. */
export function enterSession(
  room: Room,
  { id, grant: { sid, clientId }, membership }: Entering,
  now: number,
): void {
  if (sid === undefined || membership === undefined) return;
  const member = { id, clientId, offline: membership.offline };
  const until = room.toOurs(membership.until, now);
  room.sessions.enter(sid, { member, until }, room.clock());
}

/** Keeps it for as long as it lives, and what has ended for as long as its code could come back. */
export function keep(room: Room, id: string, held: Authorization, now: number): void {
  const life = held.state === 'ended' ? Math.max(held.code.expiresAt, now) : held.life;
  room.authorizations.set(id, held, room.toOurs(life + LINGER, now));
}

/** One key of several parts, none of which can pretend to be another. */
export const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);
