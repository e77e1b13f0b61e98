// End-Users that are kept here: a plain map, since an operator makes each of them and few are many.

import type { Subject } from '../../protocol/ids.ts';
import type { UserVerbs } from '../people.ts';
import type { Room } from './room.ts';

export const createUserVerbs = ({ users }: Pick<Room, 'users'>): UserVerbs => ({
  async createUser(subject, user, budget) {
    if (users.has(subject)) return 'exists';
    if (users.size >= budget) return 'full';
    users.set(subject, user);
    return 'created';
  },
  async findUser(subject) {
    return users.get(subject);
  },
  async replaceUser(subject, version, next) {
    const found = users.get(subject);
    if (found === undefined) return 'unknown';
    if (found.version === next.version) return 'replaced';
    if (found.version !== version) return 'changed';
    users.set(subject, next);
    return 'replaced';
  },
  async removeUser(subject) {
    return users.delete(subject);
  },
  async listUsers(after, limit) {
    const following = [...users].filter(([subject]) => after === undefined || subject > after);
    const page = following.toSorted(byName).slice(0, limit);
    return { users: page, isLast: page.length === following.length };
  },
});

const byName = (
  [one]: readonly [Subject, unknown],
  [other]: readonly [Subject, unknown],
): number => (one < other ? -1 : 1);
