// How what is granted is entered into the index of its End-User and into that of its session: by one script,
// since both are in one slot.

import type { ClientId } from '../../protocol/ids.ts';
import { MAX_SESSION_MEMBERS, type NewAuthorization } from '../store.ts';
import { printMember } from './codec.ts';
import { type Access, type Reply, run, toMilliseconds } from './run.ts';
import { ENTER } from './scripts-granted.ts';

const FOREIGN: Reply = ['foreign'];

export type Entering = {
  /** `marked`, or `ended`. */
  readonly reply: Promise<Reply>;
  readonly leave: () => Promise<unknown>;
};

type Entered = Pick<NewAuthorization, 'id' | 'grant' | 'membership'>;

/** Undefined where nobody asks for it by End-User or session. */
export function enterIndexes(
  { redis, names }: Access,
  { id, grant, membership }: Entered,
  now: number,
  notAfter: number,
): Entering | undefined {
  if (membership === undefined) return undefined;
  const { sid, subject, clientId } = grant;
  const index = names.granted(subject);
  const args = [notAfter, toMilliseconds(membership.until - now), id] as const;
  if (sid === undefined) {
    return {
      reply: run(redis, ENTER, [index], args, FOREIGN).then(notForeign),
      leave: () => redis.zrem(index, id),
    };
  }
  const [session, ended] = names.session({ sid, subject });
  const member = printMember({ id, clientId, offline: membership.offline });
  const all = [...args, member, MAX_SESSION_MEMBERS] as const;
  return {
    reply: run(redis, ENTER, [index, session, ended], all, FOREIGN).then(notForeign),
    leave: () => Promise.all([redis.zrem(index, id), redis.zrem(session, member)]),
  };
}

// What is no index of ours cannot be entered into, and must not look like a used nonce.
function notForeign(reply: Reply): Reply {
  if (reply === FOREIGN) throw new Error('the key of an index holds something else');
  return reply;
}

// No id of an authorization begins with it.
const CONSENT_MARK = '=';

/** A consent as a member of the index of its End-User. */
export const printConsentMember = (clientId: ClientId): string => CONSENT_MARK + clientId;

/** Undefined for a member that is the id of an authorization. */
export const parseConsentMember = (member: string): string | undefined =>
  member.startsWith(CONSENT_MARK) ? member.slice(CONSENT_MARK.length) : undefined;
