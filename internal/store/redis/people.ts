// End-Users that are kept in Redis: each under a key of their own, and all of them in one index, by which they are
// counted and listed. Made by operators, one at a time: no sign-in writes here.

import { type Subject, toSubject } from '../../protocol/ids.ts';
import type { UserRecord, UserVerbs } from '../people.ts';
import { line } from './record.ts';
import { type Access, type Reply, readText, run } from './run.ts';
import { COUNT_CLIENT, PLACE_CLIENT, REPLACE_CLIENT } from './scripts-clients.ts';
import { settleTogether } from './together.ts';

const REFUSED: Reply = ['refused'];
const FULL: Reply = ['full'];
const UNKNOWN: Reply = ['unknown'];
const FOR_EVER = '';
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

export function createUserVerbs(access: Access): UserVerbs {
  const { redis, ask, reading, names } = access;
  const count = (notAfter: number, subject: Subject, budget: number) =>
    run(redis, COUNT_CLIENT, [names.users], [notAfter, subject, FOR_EVER, budget], FULL);
  const enter = (subject: Subject) =>
    ask.untilAnswered('removeUser', (notAfter) => count(notAfter, subject, UNBOUNDED));
  return {
    async createUser(subject, user, budget) {
      const [key, record] = [names.user(subject), print(user)];
      const outcome = await ask.once('createUser', (notAfter) =>
        settleTogether({
          record: run(redis, PLACE_CLIENT, [key], [notAfter, record, FOR_EVER], REFUSED),
          marks: [
            {
              reply: count(notAfter, subject, budget),
              // The place of an End-User who is there already is theirs.
              undo: async (placed) =>
                placed?.[0] === 'refused' ? undefined : redis.zrem(names.users, subject),
            },
          ],
          undoRecord: () => redis.del(key),
        }),
      );
      if (outcome === 'refused') return 'exists';
      return outcome === 'placed' ? 'created' : 'full';
    },

    async findUser(subject) {
      const key = names.user(subject);
      const record = await reading.ask.once('findUser', () => readText(reading.redis, key));
      return record === undefined ? undefined : parse(record);
    },

    async replaceUser(subject, version, next) {
      const args = [version, next.version, print(next), FOR_EVER];
      const [outcome] = await ask.untilAnswered('replaceUser', (notAfter) =>
        run(redis, REPLACE_CLIENT, [names.user(subject)], [notAfter, ...args], UNKNOWN),
      );
      return outcome === 'replaced' || outcome === 'changed' ? outcome : 'unknown';
    },

    async removeUser(subject) {
      const key = names.user(subject);
      const removed = await ask.once('removeUser', () => redis.del(key));
      await ask.untilAnswered('removeUser', () => redis.zrem(names.users, subject));
      // Somebody may have made them again in between; then they have a place.
      if ((await ask.once('removeUser', () => redis.exists(key))) === 1) await enter(subject);
      return removed === 1;
    },

    async listUsers(after, limit) {
      const subjects = await reading.ask.once('listUsers', () =>
        reading.redis.zrangebylex(names.users, after, limit + 1),
      );
      const shown = subjects.slice(0, limit).map(toSubject);
      const records = await reading.ask.once('listUsers', () =>
        Promise.all(shown.map((subject) => readText(reading.redis, names.user(subject)))),
      );
      return { users: shown.flatMap(pairWith(records)), isLast: subjects.length <= limit };
    },
  };
}

/** An index may have a subject whose record is gone, or not there yet. */
const pairWith =
  (records: readonly (string | undefined)[]) =>
  (subject: Subject, n: number): ReadonlyArray<readonly [Subject, UserRecord]> => {
    const record = records[n];
    const user = record === undefined ? undefined : parse(record);
    return user === undefined ? [] : [[subject, user]];
  };

const print = ({ version, text }: UserRecord): string => ['1', line(version), '', text].join('\n');

function parse(record: string): UserRecord | undefined {
  const [layout, version, , ...text] = record.split('\n');
  if (layout !== '1' || version === undefined || text.length === 0) return undefined;
  return { version, text: text.join('\n') };
}
