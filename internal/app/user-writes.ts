// Writes of End-Users, of which an answer may be lost with its connection: what was carried out is looked up, and
// where nobody can tell, that is on record. Whoever asks again finds what is there already, and no event would say
// who did it.

import type { Order } from '../admin/api/ports/order.ts';
import type { AuditEvent } from '../audit/events.ts';
import type { Deps } from '../oidc/deps.ts';
import type { Claims } from '../protocol/claims.ts';
import { Unavailable } from '../protocol/errors.ts';
import type { Subject } from '../protocol/ids.ts';
import { ID_BYTES } from '../protocol/random.ts';
import type { UserRecord } from '../store/people.ts';
import { printStoredUser } from '../userinfo/stored-user.ts';

type NewUser = {
  readonly subject: Subject;
  readonly claims: Claims;
  readonly isDisabled: boolean;
  readonly budget: number;
};

export type MakeDeps = Pick<Deps, 'store' | 'now' | 'random' | 'audit'>;

/** Throws where nobody knows whether they were made; that they were is for the caller to put on record. */
export async function makeUser(
  { subject, claims, isDisabled, budget }: NewUser,
  order: Order,
  deps: MakeDeps,
): Promise<{ readonly outcome: 'created' | 'exists' | 'full'; readonly record: UserRecord }> {
  const { store, now, random } = deps;
  const user = { claims, isDisabled, createdAt: now(), changedAt: now() };
  const record = { text: printStoredUser(user), version: random(ID_BYTES) };
  const outcome = await writeUser(
    {
      subject,
      type: 'user.created',
      write: () => store.createUser(subject, record, budget),
      readOutcome: (there) => (there?.version === record.version ? 'created' : undefined),
    },
    order,
    deps,
  );
  return { outcome, record };
}

type UserEvent = Extract<AuditEvent, { readonly type: `user.${string}` }>['type'];

type UserWrite<Outcome> = {
  readonly subject: Subject;
  /** What is on record once it is done. */
  readonly type: UserEvent;
  readonly write: () => Promise<Outcome>;
  /** What it would have answered, where the store has this. */
  readonly readOutcome: (found: UserRecord | undefined) => Outcome | undefined;
};

/** Of a removal. */
export const isGone = (left: UserRecord | undefined): true | undefined =>
  left === undefined ? true : undefined;

/** Throws what the write threw unless it turns out to be done. */
export async function writeUser<Outcome>(
  { subject, type, write, readOutcome }: UserWrite<Outcome>,
  order: Order,
  { store, audit }: Pick<Deps, 'store' | 'audit'>,
): Promise<Outcome> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const outcome = await store.findUser(subject).then(readOutcome, () => undefined);
    if (outcome !== undefined) return outcome;
    audit({ type, subject, reason: 'outcome_unknown', ...order });
    throw error;
  }
}
