// The End-Users that the issuer keeps itself, in its store, because no directory does: made, changed and ended by
// operators. Asked anew each time, so that whoever is disabled gets nothing from the next request on.

import { Unavailable } from '../protocol/errors.ts';
import type { Subject } from '../protocol/ids.ts';
import { BARRED, type Backend } from './backend.ts';
import { cleanClaims } from './clean.ts';
import { malformed } from './source-error.ts';
import { parseStoredUser } from './stored-user.ts';

/** The text under which the store keeps an End-User; undefined when it keeps none of this subject. */
export type FindUser = (subject: Subject) => Promise<string | undefined>;

/** One who is disabled is barred, whatever other backends say. */
export const createStoreBackend = ({ findUser }: { readonly findUser: FindUser }): Backend => ({
  type: 'store',
  provesExistence: true,
  remote: true,
  async find(subject) {
    const text = await ask(findUser, subject);
    if (text === undefined) return undefined;
    const user = parseStoredUser(text);
    // Written by another version, or damaged: whether they may get anything, nobody knows.
    if (user === undefined)
      throw new Unavailable(
        'userinfo',
        'read an End-User of the store',
        malformed('it is damaged'),
      );
    return user.isDisabled ? BARRED : cleanClaims(user.claims);
  },
  close: async () => {},
});

/** Whoever waits hears that End-Users cannot be had, not that nothing can. */
async function ask(findUser: FindUser, subject: Subject): Promise<string | undefined> {
  try {
    return await findUser(subject);
  } catch (error) {
    throw new Unavailable('userinfo', 'ask the store backend', error);
  }
}
