// Keys that anybody can make, as many as they have addresses or names: each has a budget of its own up to a
// number of them at a time, and those beyond share some. So neither memory nor Redis can be filled, and
// nobody gets in for free by filling them.

import { hash } from 'node:crypto';
import { createExpiring } from './expiring.ts';

/** What the others share: enough that one of them is not used up by a flood that a process can answer. */
const SHARED = 4096;

export type Crowd = {
  /** What is counted for a key. @param until when its budget is whole again, whatever is taken of it. */
  nameOf(key: string, until: number, now: number): string;
  /** The same, where nothing is counted. */
  find(key: string, now: number): string;
};

/** @param salt nobody else knows, so that nobody finds names that share with somebody they mean. */
export function createCrowd(most: number, salt: string): Crowd {
  const known = createExpiring<true>(most);
  // Of one length, however long the name is that somebody made up.
  const digestOf = (key: string): string => hash('sha256', `${salt} ${key}`, 'hex').slice(0, 32);
  const share = (digest: string): string =>
    `shared ${Number.parseInt(digest.slice(0, 8), 16) % SHARED}`;
  return {
    nameOf(key, until, now) {
      const digest = digestOf(key);
      return known.set(digest, true, until, now) ? key : share(digest);
    },
    find(key, now) {
      const digest = digestOf(key);
      const isKnown = known.get(digest, now) !== undefined;
      return isKnown || known.hasRoom(now) ? key : share(digest);
    },
  };
}
