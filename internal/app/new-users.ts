// The new ones of an import of End-Users: all of them or none where there is no room for all, so that a list that does
// not fit leaves no part of it.

import type { Order } from '../admin/api/ports/order.ts';
import type { Claims } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';
import { isGone, type MakeDeps, makeUser, writeUser } from './user-writes.ts';
import { inWaves } from './waves.ts';

type Entry = readonly [subject: Subject, claims: Claims];

/**
 * Keeps those that are not kept yet, and answers which those were; `full` when they are more than there is room for.
 * Throws `Unavailable` where not all could be made, or taken back: who is kept by then is on record.
 */
export async function createAll(
  entries: readonly Entry[],
  budget: number,
  order: Order,
  deps: MakeDeps,
): Promise<ReadonlySet<Subject> | 'full'> {
  const made = new Set<Subject>();
  let isFull = false;
  const create = async (entry: Entry) => {
    const outcome = await createOne(entry, budget, order, deps);
    if (outcome === 'created') made.add(entry[0]);
    return outcome;
  };
  try {
    await inWaves(entries, create, (outcomes) => {
      isFull = outcomes.includes('full');
      return isFull ? 'stop' : 'go_on';
    });
    if (isFull) await takeBack(made, order, deps);
  } finally {
    for (const subject of made) deps.audit({ type: 'user.created', subject, ...order });
  }
  return isFull ? 'full' : made;
}

/** Who is taken back is not among them any more. */
async function takeBack(made: Set<Subject>, order: Order, deps: MakeDeps): Promise<void> {
  for (const subject of made) {
    made.delete(subject);
    const write = () => deps.store.removeUser(subject);
    await writeUser({ subject, type: 'user.created', write, readOutcome: isGone }, order, deps);
  }
}

async function createOne(
  [subject, claims]: Entry,
  budget: number,
  order: Order,
  deps: MakeDeps,
): Promise<'created' | 'exists' | 'full'> {
  if ((await deps.store.findUser(subject)) !== undefined) return 'exists';
  const { outcome } = await makeUser({ subject, claims, isDisabled: false, budget }, order, deps);
  return outcome;
}
