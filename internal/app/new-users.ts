// The new ones of an import of End-Users: all of them or none, so that a list that does not fit leaves no part of it.

import type { Deps } from '../oidc/deps.ts';
import type { Claims } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';
import { ID_BYTES } from '../protocol/random.ts';
import { printStoredUser } from '../userinfo/stored-user.ts';

/** At a time: each is a round trip. */
export const WAVE = 50;

type Entry = readonly [subject: Subject, claims: Claims];

/** Keeps those that are not kept yet, and answers which those were; `full` when they are more than there is room for. */
export async function createAll(
  entries: readonly Entry[],
  budget: number,
  deps: Pick<Deps, 'store' | 'now' | 'random'>,
): Promise<ReadonlySet<Subject> | 'full'> {
  const made = new Set<Subject>();
  const undo = async (): Promise<void> => {
    for (const subject of made) await deps.store.removeUser(subject);
  };
  for (let from = 0; from < entries.length; from += WAVE) {
    const wave = entries.slice(from, from + WAVE);
    const outcomes = await Promise.all(
      wave.map(async (entry) => {
        const outcome = await createOne(entry, budget, deps);
        if (outcome === 'created') made.add(entry[0]);
        return outcome;
      }),
    );
    if (!outcomes.includes('full')) continue;
    await undo();
    return 'full';
  }
  return made;
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
