// Directories and services that compare names without regard to case answer about `alice` when asked
// about `Alice`. Two subjects for one End-User would be two accounts at every client, with one owner.

import type { Subject } from '../protocol/ids.ts';

/** @param ignoreCase whoever sets it makes sure that nobody has a name that differs in case alone. */
export const isSubject = (name: string, subject: Subject, ignoreCase: boolean): boolean =>
  name === subject || (ignoreCase && name.toLowerCase() === subject.toLowerCase());
