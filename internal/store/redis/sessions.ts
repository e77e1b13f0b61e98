// Sessions that end: the index says what they held, and a mark beside it keeps anything from being
// entered after that, at whichever replica.

import type { OwnSession, Store } from '../store.ts';
import { parseMember } from './codec.ts';
import { type Access, run } from './run.ts';
import { END_SESSION } from './scripts-granted.ts';

export const createSessionVerbs = ({
  redis,
  ask,
  names,
}: Access): Pick<Store, 'endSession' | 'forgetSession'> => ({
  async endSession(session: OwnSession, ttl) {
    const keys = names.session(session);
    const members = await ask.untilAnswered('endSession', (notAfter) =>
      run(redis, END_SESSION, keys, [notAfter, Math.ceil(ttl * 1000)], []),
    );
    return members.flatMap((text) => parseMember(text) ?? []);
  },
  async forgetSession(session) {
    await ask.untilAnswered('forgetSession', () => redis.del(names.session(session)[0]));
  },
});
