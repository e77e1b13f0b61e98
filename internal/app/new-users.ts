// The new ones of an import of End-Users: all of them or none, so that a list that does not fit leaves no part of it.

import type { Deps } from '../oidc/deps.ts';
import type { Claims } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';
import { ID_BYTES } from '../protocol/random.ts';
import { printStoredUser } from '../userinfo/stored-user.ts';

/** At a time: each is a round trip. */
export const WAVE = 50;

type Entry = readonly [subject: Subject, claims: Claims];

/**
 * Keeps those that are not kept yet, and answers which those were; `full` when they are more than there is room for.
 *
 * @param onKept told of each that stays, also where a store that fails leaves the rest to another try.
 */
export async function createAll(
  entries: readonly Entry[],
  budget: number,
  deps: Pick<Deps, 'store' | 'now' | 'random'>,
  onKept: (subject: Subject) => void,
): Promise<ReadonlySet<Subject> | 'full'> {
  const made = new Set<Subject>();
  const undo = async (): Promise<void> => {
    for (const subject of [...made]) {
      await deps.store.removeUser(subject);
      made.delete(subject);
    }
  };
  const create = async (entry: Entry) => {
    const outcome = await createOne(entry, budget, deps);
    if (outcome === 'created') made.add(entry[0]);
    return outcome;
  };
  try {
    for (let from = 0; from < entries.length; from += WAVE) {
      const outcomes = await allOf(entries.slice(from, from + WAVE).map(create));
      if (!outcomes.includes('full')) continue;
      await undo();
      return 'full';
    }
    return made;
  } finally {
    for (const subject of made) onKept(subject);
  }
}

/** Rejects as `Promise.all` does, but not before it is known what became of the others. */
async function allOf<Value>(promises: readonly Promise<Value>[]): Promise<readonly Value[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

async function createOne(
  [subject, claims]: Entry,
  budget: number,
  { store, now, random }: Pick<Deps, 'store' | 'now' | 'random'>,
): Promise<'created' | 'exists' | 'full'> {
  if ((await store.findUser(subject)) !== undefined) return 'exists';
  const user = { claims, isDisabled: false, createdAt: now(), changedAt: now() };
  const record = { text: printStoredUser(user), version: random(ID_BYTES) };
  return store.createUser(subject, record, budget);
}
