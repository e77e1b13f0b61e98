// The End-Users of users.yaml. How the file is parsed is the loader's business and comes injected.

import { after } from '../protocol/awaitable.ts';
import type { Claims } from '../protocol/claims.ts';
import type { Unavailable } from '../protocol/errors.ts';
import type { Subject } from '../protocol/ids.ts';
import type { Clock } from '../protocol/time.ts';
import type { Backend } from './backend.ts';
import { cleanClaims } from './clean.ts';
import { createFreshFile } from './fresh-file.ts';

export type YamlBackendOptions = {
  readonly file: string;
  /** Parses and validates the file; rejects with what an operator has to read. */
  readonly load: () => Promise<ReadonlyMap<Subject, Claims>>;
  readonly now: Clock;
  /** Hears of a changed file that is unusable, once; the End-Users of before stay in force. */
  readonly onProblem: (problem: Unavailable) => void;
};

/** An End-User as somebody has to choose one. */
export type ListedUser = {
  readonly subject: Subject;
  readonly name: string;
  readonly claims: Claims;
};

export type YamlBackend = Backend & {
  /** In the order of the file; by name, else preferred_username, else subject. */
  listUsers(): Promise<readonly ListedUser[]>;
};

/** Reads the file at the first question, and again within a second of any change to it. */
export function createYamlBackend(options: YamlBackendOptions): YamlBackend {
  const users = createFreshFile({ ...options, load: async () => cleanAll(await options.load()) });

  return {
    type: 'yaml',
    provesExistence: true,
    // Until the file was read once, asking for it may fail like any other round trip.
    get remote() {
      return !users.isLoaded();
    },
    find: (subject) => after(users.read(), (known) => known.get(subject)),
    listUsers: async () =>
      [...(await users.read())].map(([subject, claims]) => ({
        subject,
        name: nameOf(subject, claims),
        claims,
      })),
    close: async () => {},
  };
}

const cleanAll = (users: ReadonlyMap<Subject, Claims>): ReadonlyMap<Subject, Claims> =>
  new Map([...users].map(([subject, claims]) => [subject, cleanClaims(claims)] as const));

function nameOf(subject: Subject, claims: Claims): string {
  const name = claims['name'] ?? claims['preferred_username'];
  return typeof name === 'string' ? name : subject;
}
