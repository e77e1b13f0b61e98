// Directories and services that compare names without regard to case answer about `alice` when asked
// about `Alice`. Two subjects for one End-User would be two accounts at every client, with one owner.

import type { Subject } from '../protocol/ids.ts';

/** @param ignoreCase whoever sets it makes sure that nobody has a name that differs in case alone. */
export const isSubject = (name: string, subject: Subject, ignoreCase: boolean): boolean =>
  name === subject || (ignoreCase && isOtherCase(name, subject));

// Both ways: in lower case the sign of Kelvin is a k, and a directory finds `mike` for whoever registered a
// name with it somewhere else (CVE-2019-19844).
const isOtherCase = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase() && one.toUpperCase() === other.toUpperCase();
