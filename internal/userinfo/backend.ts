// Who knows the End-User's claims. A backend is asked for one subject at a time, loads itself when
// it is first needed, and throws `Unavailable` when it cannot tell: down is not the same as unknown.

import type { Awaitable } from '../protocol/awaitable.ts';
import type { Claims } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';

/**
 * In place of claims: the subject is known and gets nothing, whatever other backends say. Told apart by being
 * this very object; only who proves existence may say so.
 */
export const BARRED: Claims = Object.freeze({});

/** What a backend remembers of one subject. */
export type Remembered = {
  /** Seconds since it was asked. */
  readonly age: number;
  /** Whether it would be answered without asking. */
  readonly isFresh: boolean;
  readonly isKnown: boolean;
};

/** One source of claims. */
export type Backend = {
  /** The registered name, e.g. `yaml`. */
  readonly type: string;
  /** Knowing a subject proves that the End-User exists; what the upstream says proves nothing. */
  readonly provesExistence: boolean;
  /** Asking may fail at the moment, so it is done before anything is spent. */
  readonly remote: boolean;
  /** Rejects rather than throws. @param snapshot what the upstream said at sign-in. */
  find(subject: Subject, snapshot: Claims): Awaitable<Claims | undefined>;
  /** Asks about nobody, past every memory; rejects with why the source cannot be asked. */
  readonly probe?: () => Promise<void>;
  /** Undefined when it remembers nothing; absent where nothing ever is remembered. */
  readonly recall?: (subject: Subject) => Remembered | undefined;
  /** Forgets one subject or all of them; answers how many. What is being asked at this moment is not kept. */
  readonly forget?: (subject: Subject | undefined) => number;
  close(): Promise<void>;
};

/** All configured backends as one. */
export type Userinfo = {
  /** False when no configured backend can tell, so that every subject counts as existing. */
  readonly provesExistence: boolean;
  readonly remote: boolean;
  /** Claims of all backends, the earlier ones winning; undefined when nobody knows the subject. */
  find(subject: Subject, snapshot: Claims): Awaitable<Claims | undefined>;
  close(): Promise<void>;
};
