// Keys that anybody can make, as many as they have addresses or names: each has a budget of its own up to a
// number of them at a time, and those beyond share some. So neither memory nor Redis can be filled, and
// nobody gets in for free by filling them. They share by where they are: if each made-up name had a place of
// its own among what is shared, one address would use up all of it, and lock everybody out.

import { hash } from 'node:crypto';
import { createExpiring } from './expiring.ts';

/** What the others share: enough that a site is seldom together with another one. */
const SHARED = 4096;

type Whose = {
  readonly key: string;
  /** From where it came: whoever makes up keys cannot make up more of these than they have. */
  readonly site: string;
};

export type Crowd = {
  /** What is counted for a key. @param until when its budget is whole again, whatever is taken of it. */
  nameOf(whose: Whose, until: number, now: number): string;
  /** The same, where nothing is counted. */
  find(whose: Whose, now: number): string;
};

/** @param salt nobody else knows, so that nobody finds a site that shares with somebody they mean. */
export function createCrowd(most: number, salt: string): Crowd {
  const known = createExpiring<true>(most);
  // Of one length, however long the name is that somebody made up.
  const digestOf = (key: string): string => hash('sha256', `${salt} ${key}`, 'hex').slice(0, 32);
  const share = (site: string): string =>
    `shared ${Number.parseInt(digestOf(site).slice(0, 8), 16) % SHARED}`;
  return {
    nameOf({ key, site }, until, now) {
      return known.set(digestOf(key), true, until, now) ? key : share(site);
    },
    find({ key, site }, now) {
      const isKnown = known.get(digestOf(key), now) !== undefined;
      return isKnown || known.hasRoom(now) ? key : share(site);
    },
  };
}
