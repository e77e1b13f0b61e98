// End-Users: what the backends know of one, what they remember, and those of the backend `store`.

import * as z from 'zod';
import { present } from '../../../protocol/present.ts';
import { AdminRefusal } from '../../refusal.ts';
import { operation } from '../operation.ts';
import type { BackendFacts, StoredFacts, StoredUsers, Users } from '../ports/users.ts';
import * as shapes from '../shapes/people.ts';
import { named, next, page } from '../shapes/shape.ts';

const unknownUser = () =>
  new AdminRefusal('not_found', 'the userinfo backend store keeps no End-User of this name');
const otherVersion = () =>
  new AdminRefusal('precondition_failed', 'they were changed since; read them again');
const full = () =>
  new AdminRefusal('conflict', 'as many are kept as may be; raise max_users of the backend store');
const faulty = (problems: readonly string[]) =>
  new AdminRefusal('invalid_request', problems.join('; '));

function storedOf({ stored }: Users): StoredUsers {
  const users = stored();
  if (users !== undefined) return users;
  const description =
    'no backend keeps End-Users here; add { type: store } to userinfo.backends to keep some';
  throw new AdminRefusal('conflict', description);
}

export const USERS = [
  operation({
    id: 'listUsers',
    method: 'GET',
    path: '/users',
    role: 'read',
    says: 'list the End-Users of the userinfo backend store, by subject',
    query: z.strictObject(page()),
    answer: named('UserList', z.strictObject({ users: z.array(shapes.stored), next: next() })),
    errors: ['conflict'],
    run: async ({ query: { after, limit } }, { users }) => {
      const listed = await storedOf(users).list({ after, limit });
      return { body: { users: listed.users.map(toStored), ...present({ next: listed.next }) } };
    },
  }),
  operation({
    id: 'importUsers',
    method: 'POST',
    path: '/users',
    role: 'write',
    says: 'keep many at once, as users.yaml has them: all of them, or none where one is faulty',
    body: shapes.imported,
    answer: shapes.importedTally,
    errors: ['conflict'],
    run: async ({ body, caller, requestId }, { users }) => {
      const order = { actor: caller.name, requestId };
      const outcome = await storedOf(users).importAll(body.users, order);
      if (outcome.kind === 'faulty') throw faulty(outcome.problems);
      if (outcome.kind === 'full') throw full();
      const { created, changed, unchanged } = outcome;
      return { body: { created, changed, unchanged } };
    },
  }),
  operation({
    id: 'readUser',
    method: 'GET',
    path: '/users/{sub}',
    role: 'read',
    says: 'tell what each userinfo backend knows of an End-User, and whether they are let in',
    answer: shapes.user,
    run: async ({ names: { sub } }, { users }) => {
      const { exists, claims, backends, stored } = await users.lookUp(sub);
      const known = { exists, claims, stored: stored && toStored(stored) };
      return {
        body: { sub, backends: backends.map(toBackend), ...present(known) },
        version: stored?.version,
      };
    },
  }),
  operation({
    id: 'putUser',
    method: 'PUT',
    path: '/users/{sub}',
    role: 'write',
    says: 'keep an End-User in the backend store, or replace the one there; one who is disabled loses everything',
    body: shapes.newUser,
    answer: shapes.stored,
    errors: ['conflict', 'precondition_failed'],
    run: async ({ names: { sub }, body, caller, requestId, ...believed }, { users }) => {
      const { claims, disabled: isDisabled = false } = body;
      const order = { actor: caller.name, requestId };
      const kept = await storedOf(users).put(sub, { claims, isDisabled }, believed, order);
      if (kept.kind === 'faulty') throw faulty(kept.problems);
      if (kept.kind === 'full') throw full();
      if (kept.kind === 'other_version') throw otherVersion();
      return { body: toStored(kept.user), version: kept.user.version };
    },
  }),
  operation({
    id: 'deleteUser',
    method: 'DELETE',
    path: '/users/{sub}',
    role: 'write',
    says: 'delete an End-User of the backend store, and end their sessions and authorizations',
    errors: ['not_found', 'conflict', 'precondition_failed'],
    run: async ({ names: { sub }, ifMatch, caller, requestId }, { users }) => {
      const order = { actor: caller.name, requestId };
      const outcome = await storedOf(users).remove(sub, ifMatch, order);
      if (outcome === 'unknown') throw unknownUser();
      if (outcome === 'other_version') throw otherVersion();
      return { body: undefined };
    },
  }),
  operation({
    id: 'flushUserinfo',
    method: 'DELETE',
    path: '/userinfo/cache',
    role: 'write',
    says: 'forget what userinfo backends remember of an End-User, or of all, in every process of this replica',
    query: shapes.forgotten,
    answer: shapes.forgottenTally,
    run: async ({ query: { subject }, caller, requestId }, { users }) => {
      const order = { actor: caller.name, requestId };
      const { answers, silent } = await users.forget(subject, order);
      return { body: { answers, silent_workers: silent } };
    },
  }),
];

const toStored = ({ subject, claims, isDisabled, createdAt, changedAt }: StoredFacts) => ({
  sub: subject,
  claims,
  disabled: isDisabled,
  created_at: createdAt,
  changed_at: changedAt,
});

function toBackend({ type, outcome, provesExistence, claims, remembered, problem }: BackendFacts) {
  const cached = remembered && {
    age: remembered.age,
    fresh: remembered.isFresh,
    known: remembered.isKnown,
  };
  return {
    type,
    outcome,
    proves_existence: provesExistence,
    ...present({ claims, cached, problem }),
  };
}
