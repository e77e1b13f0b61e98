// How a grant comes to be in memory: the steps that `create`, `approve` and `decideDevice` share.

import { hash } from 'node:crypto';
import type { NewAuthorization } from '../store.ts';
import { type Authorization, toAuthorization } from './authorization.ts';
import type { Room } from './room.ts';

/** Seconds a record stays after its life, so that "expired" can be told from "unknown". */
export const LINGER = 60;

/** Entries it takes: the record, a nonce if there is one, and a place in its session. */
export const sizeOf = ({ grant, membership }: NewAuthorization): number =>
  1 + (grant.nonce === undefined ? 0 : 1) + (membership === undefined ? 0 : 1);

/** Keeps the authorization, its nonce and its place in its session, or nothing of all that. */
export function grant(room: Room, authorization: NewAuthorization, now: number) {
  const { clientId, nonce, sid } = authorization.grant;
  const name = nonce === undefined ? undefined : digest('nonce', clientId, nonce);
  if (name !== undefined && room.facts.get(name, room.clock()) !== undefined) return 'nonce_used';
  if (sid !== undefined && room.sessions.isEnded(sid, room.clock())) return 'session_ended';
  if (name !== undefined) {
    room.facts.set(name, true, room.toOurs(authorization.code.expiresAt, now));
  }
  enterSession(room, authorization, now);
  keep(room, authorization.id, toAuthorization(authorization), now);
  return 'created';
}

/** Enters it where it says what its session's index is to know of it. */
export function enterSession(
  room: Room,
  { id, grant: { sid, clientId, subject }, membership }: Omit<NewAuthorization, 'code'>,
  now: number,
): void {
  if (sid === undefined || membership === undefined) return;
  const member = { id, clientId, subject, offline: membership.offline };
  const until = room.toOurs(membership.until, now);
  room.sessions.enter(sid, { member, until }, room.clock());
}

/** Keeps it for as long as it lives, and what has ended for as long as its code could come back. */
export function keep(room: Room, id: string, held: Authorization, now: number): void {
  const life = held.state === 'ended' ? Math.max(held.code.expiresAt, now) : held.life;
  room.authorizations.set(id, held, room.toOurs(life + LINGER, now));
}

/** As long as a nonce or a `jti` may be, what is remembered of it is 43 bytes. */
export const digest = (...parts: readonly string[]): string =>
  hash('sha256', JSON.stringify(parts), 'base64url');
