// The End-Users of a test: known at once, and changed at once. What they may be is what users.yaml may say.

import { readUsers } from '../config/users.ts';
import { addFindings, createReport, type Problem } from '../loader/problem.ts';
import { toTree, toValue } from '../loader/tree.ts';
import type { Claims } from '../protocol/claims.ts';
import { type Subject, toSubject } from '../protocol/ids.ts';
import type { Backend } from '../userinfo/backend.ts';
import { cleanClaims } from '../userinfo/clean.ts';
import type { OpenedUserinfo } from '../userinfo/open.ts';
import { createUserinfo } from '../userinfo/userinfo.ts';
import type { Metadata } from './api.ts';
import { copy, placeOf } from './documents.ts';

/** By subject; undefined for one who is no more. */
export type UserChanges = ReadonlyMap<Subject, Claims | undefined>;

export type ReadTestUsers = {
  readonly users: UserChanges;
  /** What users.yaml may not say. */
  readonly problems: readonly Problem[];
};

/** @param name the document that problems are said to stand in. */
export function readTestUsers(name: string, users: readonly Metadata[]): ReadTestUsers {
  const report = createReport();
  const tree = toTree({ users: copy(users) }, { file: placeOf(name), line: 1 });
  const { users: found, problems } = readUsers(toValue(tree));
  addFindings(report.problems, tree, placeOf(name), problems);
  const cleaned = [...found].map(([subject, claims]) => [subject, cleanClaims(claims)] as const);
  return { users: new Map(cleaned), problems: report.problems };
}

/**
 * Those of the test before those of the configuration. What a proxy said at the sign-in counts beside
 * them, as it does with the backend `headers`.
 *
 * @param hidesOthers nobody but they exists, whomever the configuration knows.
 */
export function withTestUsers(
  configured: OpenedUserinfo,
  changes: () => UserChanges,
  hidesOthers: boolean,
): OpenedUserinfo {
  const isGone = (subject: Subject) =>
    changes().has(subject) ? changes().get(subject) === undefined : hidesOthers;
  const merged = createUserinfo([
    {
      ...LOCAL,
      provesExistence: hidesOthers || configured.provesExistence,
      find: (subject) => changes().get(subject),
    },
    {
      ...configured,
      type: 'configured',
      get remote() {
        return !hidesOthers && configured.remote;
      },
      find: (subject, snapshot) =>
        changes().has(subject) ? undefined : configured.find(subject, snapshot),
    },
    {
      ...LOCAL,
      provesExistence: false,
      find: (subject, snapshot) => (changes().has(subject) ? cleanClaims(snapshot) : undefined),
    },
  ]);
  return {
    provesExistence: merged.provesExistence,
    get remote() {
      return merged.remote;
    },
    find: (subject, snapshot) => (isGone(subject) ? undefined : merged.find(subject, snapshot)),
    close: merged.close,
    async listUsers() {
      const others = hidesOthers ? [] : await configured.listUsers();
      const added = [...changes()].flatMap(([subject, claims]) =>
        claims === undefined ? [] : [{ subject, name: nameOf(subject, claims) }],
      );
      return [...others.filter(({ subject }) => !changes().has(subject)), ...added];
    },
  };
}

const LOCAL: Pick<Backend, 'type' | 'remote' | 'close'> = {
  type: 'test',
  remote: false,
  close: async () => {},
};

const nameOf = (subject: Subject, { name, preferred_username: login }: Claims): string =>
  [name, login].find((one) => typeof one === 'string') ?? subject;

export const withoutUser = (changes: UserChanges, sub: string): UserChanges =>
  new Map([...changes, [toSubject(sub), undefined]]);
