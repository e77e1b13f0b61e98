// End-Users that an operator keeps here, where no directory does: opaque text under the subject. The store neither
// reads nor checks it.

import type { Subject } from '../protocol/ids.ts';

export type UserRecord = {
  readonly text: string;
  /** Opaque, and another one with each write. */
  readonly version: string;
};

type UserPage = {
  /** In the order of their subjects, by code units. */
  readonly users: ReadonlyArray<readonly [subject: Subject, user: UserRecord]>;
  readonly isLast: boolean;
};

export type UserVerbs = {
  /** Keeps an End-User; `full` when there are `budget` of them. */
  createUser(
    subject: Subject,
    user: UserRecord,
    budget: number,
  ): Promise<'created' | 'exists' | 'full'>;

  findUser(subject: Subject): Promise<UserRecord | undefined>;

  /** Of two writers one wins, the other hears `changed`. The same replacement asked again is `replaced` again. */
  replaceUser(
    subject: Subject,
    version: string,
    next: UserRecord,
  ): Promise<'replaced' | 'changed' | 'unknown'>;

  /** True for the first caller only. */
  removeUser(subject: Subject): Promise<boolean>;

  /** Those that follow `after`, so many at most. */
  listUsers(after: Subject | undefined, limit: number): Promise<UserPage>;
};
