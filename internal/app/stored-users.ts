// End-Users that the issuer keeps itself, as operators change them: held to the rules of users.yaml, on record, and
// with an end to everything of whoever may not have it any more.

import type { Order } from '../admin/api/ports/order.ts';
import type { Imported, Kept, StoredUsers } from '../admin/api/ports/users.ts';
import { type Finding, printPath } from '../config/finding.ts';
import { readUser, readUsers } from '../config/users.ts';
import type { Deps } from '../oidc/deps.ts';
import { endAuthorizations } from '../oidc/operate/authorizations.ts';
import { endSessionsOf } from '../oidc/operate/sessions.ts';
import type { Claims } from '../protocol/claims.ts';
import { Unavailable } from '../protocol/errors.ts';
import { type Subject, toSubject } from '../protocol/ids.ts';
import { keepUser, toStoredFacts } from './keep-user.ts';
import { createAll } from './new-users.ts';
import { isGone, writeUser } from './user-writes.ts';
import { inWaves } from './waves.ts';

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
      const { outcome, record } = await keepUser(
        deps,
        { subject, wanted, believed, budget },
        order,
      );
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
      const made = await createAll(all, budget, order, deps);
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
      const { outcome } = await keepUser(deps, writing, order);
      // Whoever asked for no version may find that somebody else removed it first.
      if (outcome === 'other_version') return ifMatch === undefined ? 'unknown' : outcome;
      await endAllOf(subject, order, deps);
      const removal = { subject, type: 'user.deleted', readOutcome: isGone } as const;
      const remove = () => store.removeUser(subject);
      const wasThere = await writeUser({ ...removal, write: remove }, order, deps);
      if (!wasThere) return 'unknown';
      deps.audit({ type: 'user.deleted', subject, ...order });
      return 'removed';
    },
  };
}

const NOTHING = { ifMatch: undefined, mustExist: false } as const;

/** Of those who are kept already; whoever is deleted meanwhile is made anew. */
async function rewriteAll(
  entries: readonly (readonly [subject: Subject, claims: Claims])[],
  budget: number,
  order: Order,
  deps: Deps,
): Promise<{ readonly created: number; readonly changed: number; readonly unchanged: number }> {
  const tally = { created: 0, changed: 0, unchanged: 0 };
  const rewrite = ([subject, claims]: (typeof entries)[number]) => {
    const wanted = { claims, isDisabled: undefined };
    return keepUser(deps, { subject, wanted, believed: NOTHING, budget }, order);
  };
  await inWaves(entries, rewrite, (outcomes) => {
    for (const { outcome } of outcomes) {
      if (outcome === 'full' || outcome === 'other_version')
        throw new Unavailable('store', 'replaceUser');
      tally[outcome] += 1;
    }
    return 'go_on';
  });
  return tally;
}

async function endAllOf(subject: Subject, order: Order, deps: Deps): Promise<void> {
  await endSessionsOf(subject, order, deps);
  const all = { subject, clientId: undefined, isThorough: false };
  await endAuthorizations(all, order, deps);
}

const print = ({ path, problem }: Finding): string => `${printPath(path)}: ${problem}`;
