// Sessions that end: the index says what they held, and a mark beside it keeps anything from being
// entered after that, at whichever replica.

import type { SessionId } from '../../protocol/ids.ts';
import { MAX_SESSION_MEMBERS, type SessionMember, type Store } from '../store.ts';
import { parseMember, printMember } from './codec.ts';
import { type Access, type Reply, run } from './run.ts';
import { END_SESSION, ENTER } from './scripts.ts';

const FOREIGN: Reply = ['foreign'];

type Entering = {
  /** `marked`, or `ended`. */
  readonly reply: Promise<Reply>;
  readonly leave: () => Promise<unknown>;
};

/** Enters a member, for as many milliseconds at least. */
export function enterSession(
  { redis, names }: Access,
  sid: SessionId,
  member: SessionMember,
  { notAfter, life }: { readonly notAfter: number; readonly life: number },
): Entering {
  const keys = names.session(sid);
  const text = printMember(member);
  const args = [notAfter, text, life, MAX_SESSION_MEMBERS] as const;
  return {
    // What is no index of ours cannot be entered into, and must not look like a used nonce.
    reply: run(redis, ENTER, keys, args, FOREIGN).then(notForeign),
    leave: () => redis.zrem(keys[0], text),
  };
}

function notForeign(reply: Reply): Reply {
  if (reply === FOREIGN) throw new Error('the key of a session holds something else');
  return reply;
}

export const createSessionVerbs = ({
  redis,
  ask,
  names,
}: Access): Pick<Store, 'endSession' | 'forgetSession'> => ({
  async endSession(sid, ttl) {
    const keys = names.session(sid);
    const members = await ask.untilAnswered('endSession', (notAfter) =>
      run(redis, END_SESSION, keys, [notAfter, Math.ceil(ttl * 1000)], []),
    );
    return members.flatMap((text) => parseMember(text) ?? []);
  },
  async forgetSession(sid) {
    await ask.untilAnswered('forgetSession', () => redis.del(names.session(sid)[0]));
  },
});
