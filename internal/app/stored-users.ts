// End-Users that the issuer keeps itself, as operators change them: held to the rules of users.yaml, on record, and
// with an end to everything of whoever may not have it any more.

import { isDeepStrictEqual } from 'node:util';
import type { Order } from '../admin/api/ports/order.ts';
import type {
  Believed,
  Imported,
  Kept,
  StoredFacts,
  StoredUsers,
} from '../admin/api/ports/users.ts';
import { type Finding, printPath } from '../config/finding.ts';
import { readUser, readUsers } from '../config/users.ts';
import type { Deps } from '../oidc/deps.ts';
import { endAuthorizations } from '../oidc/operate/authorizations.ts';
import { endSessionsOf } from '../oidc/operate/sessions.ts';
import type { Claims } from '../protocol/claims.ts';
import { Unavailable } from '../protocol/errors.ts';
import { type Subject, toSubject } from '../protocol/ids.ts';
import { ID_BYTES } from '../protocol/random.ts';
import type { UserRecord } from '../store/people.ts';
import { parseStoredUser, printStoredUser } from '../userinfo/stored-user.ts';
import { createAll, WAVE } from './new-users.ts';

/** Of two who write at the same time, one looks again so often. */
const MAX_TRIES = 5;

type Written = 'created' | 'changed' | 'unchanged' | 'full' | 'other_version';

type Put = { readonly outcome: Written; readonly record: UserRecord | undefined };

export function createStoredUsers(deps: Deps, budget: number): StoredUsers {
  const { store } = deps;
  return {
    async list({ after, limit }) {
      const page = await store.listUsers(after === undefined ? undefined : toSubject(after), limit);
      const users = page.users.map(([subject, record]) => toStoredFacts(subject, record));
      return { users, next: page.isLast ? undefined : users.at(-1)?.subject };
    },

    async put(name, { claims: given, isDisabled }, believed, order): Promise<Kept> {
      const { claims, problems } = readUser(name, given);
      if (problems.length > 0) return { kind: 'faulty', problems: problems.map(print) };
      const subject = toSubject(name);
      const wanted = { claims, isDisabled };
      const { outcome, record } = await write(deps, { subject, wanted, believed, budget }, order);
      if (outcome === 'full' || outcome === 'other_version') return { kind: outcome };
      if (record === undefined) throw new Unavailable('store', 'replaceUser');
      // Also when they were disabled before: what was to end then may have failed.
      if (isDisabled) await endAllOf(subject, order, deps);
      const kind = outcome === 'created' ? 'created' : 'changed';
      return { kind, user: toStoredFacts(subject, record) };
    },

    async importAll(entries, order): Promise<Imported> {
      const { users, problems } = readUsers({ users: entries });
      if (problems.length > 0) return { kind: 'faulty', problems: problems.map(print) };
      const all = [...users];
      const { actor, requestId } = order;
      const made = await createAll(all, budget, deps, (subject) =>
        deps.audit({ type: 'user.created', subject, actor, requestId }),
      );
      if (made === 'full') return { kind: 'full' };
      const others = all.filter(([subject]) => !made.has(subject));
      const tally = await rewriteAll(others, budget, order, deps);
      return { kind: 'imported', ...tally, created: made.size + tally.created };
    },

    // Disabled first: who cannot get anything new has nothing left when the end has been reached.
    async remove(name, ifMatch, order) {
      const subject = toSubject(name);
      const found = await store.findUser(subject);
      if (found === undefined) return 'unknown';
      if (ifMatch !== undefined && ifMatch !== found.version) return 'other_version';
      const { claims } = toStoredFacts(subject, found);
      const wanted = { claims, isDisabled: true };
      const writing = { subject, wanted, believed: { ifMatch, mustExist: true }, budget };
      const { outcome } = await write(deps, writing, order);
      // Whoever asked for no version may find that somebody else removed it first.
      if (outcome === 'other_version') return ifMatch === undefined ? 'unknown' : outcome;
      await endAllOf(subject, order, deps);
      const wasThere = await store.removeUser(subject);
      if (!wasThere) return 'unknown';
      const { actor, requestId } = order;
      deps.audit({ type: 'user.deleted', subject, actor, requestId });
      return 'removed';
    },
  };
}

/** As an operator sees the record. A damaged one has no claims, and is disabled: its backend tells nobody anything. */
export function toStoredFacts(subject: Subject, { text, version }: UserRecord): StoredFacts {
  const user = parseStoredUser(text) ?? DAMAGED;
  return { subject, version, ...user };
}

const DAMAGED = { claims: {}, isDisabled: true, createdAt: 0, changedAt: 0 } as const;

const NOTHING: Believed = { ifMatch: undefined, mustExist: false };

type Writing = {
  readonly subject: Subject;
  /** `isDisabled` is undefined where that stays as it is. */
  readonly wanted: { readonly claims: Claims; readonly isDisabled: boolean | undefined };
  readonly believed: Believed;
  readonly budget: number;
};

async function write(deps: Deps, writing: Writing, order: Order): Promise<Put> {
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
  { store, now, random, audit }: Deps,
  { subject, wanted, believed, budget }: Writing,
  { actor, requestId }: Order,
): Promise<Put | 'again'> {
  // What has to be there is not.
  if (believed.mustExist) return { outcome: 'other_version', record: undefined };
  const { claims, isDisabled = false } = wanted;
  const user = { claims, isDisabled, createdAt: now(), changedAt: now() };
  const record = { text: printStoredUser(user), version: random(ID_BYTES) };
  const outcome = await store.createUser(subject, record, budget);
  if (outcome === 'exists') return 'again';
  if (outcome === 'created') audit({ type: 'user.created', subject, actor, requestId });
  return { outcome, record };
}

async function replace(
  { store, now, random, audit }: Deps,
  { subject, wanted, believed: { ifMatch } }: Writing,
  found: UserRecord,
  { actor, requestId }: Order,
): Promise<Put | 'again'> {
  if (ifMatch !== undefined && ifMatch !== found.version) {
    return { outcome: 'other_version', record: undefined };
  }
  const before = parseStoredUser(found.text) ?? DAMAGED;
  const { claims, isDisabled = before.isDisabled } = wanted;
  const isSame = isDeepStrictEqual(before.claims, claims) && before.isDisabled === isDisabled;
  if (isSame) return { outcome: 'unchanged', record: found };
  const next = { claims, isDisabled, createdAt: before.createdAt, changedAt: now() };
  const record = { text: printStoredUser(next), version: random(ID_BYTES) };
  const outcome = await store.replaceUser(subject, found.version, record);
  if (outcome !== 'replaced') {
    return ifMatch === undefined ? 'again' : { outcome: 'other_version', record: undefined };
  }
  const type =
    before.isDisabled === isDisabled
      ? 'user.changed'
      : isDisabled
        ? 'user.disabled'
        : 'user.enabled';
  audit({ type, subject, actor, requestId });
  return { outcome: 'changed', record };
}

/** Of those who are kept already; whoever is deleted meanwhile is made anew. */
async function rewriteAll(
  entries: readonly (readonly [subject: Subject, claims: Claims])[],
  budget: number,
  order: Order,
  deps: Deps,
): Promise<{ readonly created: number; readonly changed: number; readonly unchanged: number }> {
  const tally = { created: 0, changed: 0, unchanged: 0 };
  for (let from = 0; from < entries.length; from += WAVE) {
    const outcomes = await Promise.all(
      entries.slice(from, from + WAVE).map(([subject, claims]) => {
        const wanted = { claims, isDisabled: undefined };
        return write(deps, { subject, wanted, believed: NOTHING, budget }, order);
      }),
    );
    for (const { outcome } of outcomes) {
      if (outcome === 'full' || outcome === 'other_version')
        throw new Unavailable('store', 'replaceUser');
      tally[outcome] += 1;
    }
  }
  return tally;
}

async function endAllOf(subject: Subject, order: Order, deps: Deps): Promise<void> {
  await endSessionsOf(subject, order, deps);
  const all = { subject, clientId: undefined, isThorough: false };
  await endAuthorizations(all, order, deps);
}

const print = ({ path, problem }: Finding): string => `${printPath(path)}: ${problem}`;
