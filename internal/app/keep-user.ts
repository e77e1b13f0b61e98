// One End-User whom the issuer keeps, as an operator wants them: made, or replaced where they are there already, and
// on record with who did it.

import { isDeepStrictEqual } from 'node:util';
import type { Order } from '../admin/api/ports/order.ts';
import type { Believed, StoredFacts } from '../admin/api/ports/users.ts';
import type { Deps } from '../oidc/deps.ts';
import type { Claims } from '../protocol/claims.ts';
import { Unavailable } from '../protocol/errors.ts';
import type { Subject } from '../protocol/ids.ts';
import { ID_BYTES } from '../protocol/random.ts';
import type { UserRecord } from '../store/people.ts';
import { parseStoredUser, printStoredUser } from '../userinfo/stored-user.ts';
import { makeUser, writeUser } from './user-writes.ts';

/** Of two who write at the same time, one looks again so often. */
const MAX_TRIES = 5;

type Written = 'created' | 'changed' | 'unchanged' | 'full' | 'other_version';

type Put = { readonly outcome: Written; readonly record: UserRecord | undefined };

/** As an operator sees the record. A damaged one has no claims, and is disabled: its backend tells nobody anything. */
export function toStoredFacts(subject: Subject, { text, version }: UserRecord): StoredFacts {
  const user = parseStoredUser(text) ?? DAMAGED;
  return { subject, version, ...user };
}

const DAMAGED = { claims: {}, isDisabled: true, createdAt: 0, changedAt: 0 } as const;

type Writing = {
  readonly subject: Subject;
  /** `isDisabled` is undefined where that stays as it is. */
  readonly wanted: { readonly claims: Claims; readonly isDisabled: boolean | undefined };
  readonly believed: Believed;
  readonly budget: number;
};

/** Makes them, or replaces whoever is there; on record with who did it. */
export async function keepUser(deps: Deps, writing: Writing, order: Order): Promise<Put> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const found = await deps.store.findUser(writing.subject);
    const done =
      found === undefined
        ? await create(deps, writing, order)
        : await replace(deps, writing, found, order);
    if (done !== 'again') return done;
  }
  throw new Unavailable('store', 'replaceUser', new Error('somebody else keeps changing them'));
}

async function create(
  deps: Deps,
  { subject, wanted, believed, budget }: Writing,
  order: Order,
): Promise<Put | 'again'> {
  // What has to be there is not.
  if (believed.mustExist) return { outcome: 'other_version', record: undefined };
  const { claims, isDisabled = false } = wanted;
  const { outcome, record } = await makeUser({ subject, claims, isDisabled, budget }, order, deps);
  if (outcome === 'exists') return 'again';
  if (outcome === 'created') deps.audit({ type: 'user.created', subject, ...order });
  return { outcome, record };
}

async function replace(
  deps: Deps,
  { subject, wanted, believed: { ifMatch } }: Writing,
  found: UserRecord,
  order: Order,
): Promise<Put | 'again'> {
  const { store, now, random, audit } = deps;
  if (ifMatch !== undefined && ifMatch !== found.version) {
    return { outcome: 'other_version', record: undefined };
  }
  const before = parseStoredUser(found.text) ?? DAMAGED;
  const { claims, isDisabled = before.isDisabled } = wanted;
  const isSame = isDeepStrictEqual(before.claims, claims) && before.isDisabled === isDisabled;
  if (isSame) return { outcome: 'unchanged', record: found };
  const next = { claims, isDisabled, createdAt: before.createdAt, changedAt: now() };
  const record = { text: printStoredUser(next), version: random(ID_BYTES) };
  const type = toEvent(before.isDisabled, isDisabled);
  const outcome = await writeUser(
    {
      ...{ subject, type },
      write: () => store.replaceUser(subject, found.version, record),
      readOutcome: (there) => (there?.version === record.version ? 'replaced' : undefined),
    },
    order,
    deps,
  );
  if (outcome !== 'replaced') {
    return ifMatch === undefined ? 'again' : { outcome: 'other_version', record: undefined };
  }
  audit({ type, subject, ...order });
  return { outcome: 'changed', record };
}

function toEvent(wasDisabled: boolean, isDisabled: boolean) {
  if (wasDisabled === isDisabled) return 'user.changed';
  return isDisabled ? 'user.disabled' : 'user.enabled';
}
