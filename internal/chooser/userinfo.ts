// What is known about somebody whose claims were entered at the chooser: exactly those. Whoever takes an
// address away there wants to see an End-User without one, and a stranger exists because somebody said so.

import type { Claims } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';
import type { Userinfo } from '../userinfo/backend.ts';
import { cleanClaims } from '../userinfo/clean.ts';

/** Nobody else can: no upstream is let say `sub` among the attributes. */
const MARK = 'sub';

/** The claims of an identity, marked as all that there is to know. */
export const markEntered = (subject: Subject, claims: Claims): Claims => ({
  ...claims,
  [MARK]: subject,
});

/** As they were entered; undefined for those of anybody else. */
export function findEntered(subject: Subject, claims: Claims): Claims | undefined {
  return claims[MARK] === subject ? cleanClaims(claims) : undefined;
}

/** The same backends, which are not asked about whoever was entered. */
export const createEnteredUserinfo = (known: Userinfo): Userinfo => ({
  provesExistence: known.provesExistence,
  get remote() {
    return known.remote;
  },
  find: (subject, snapshot) => findEntered(subject, snapshot) ?? known.find(subject, snapshot),
  close: () => known.close(),
});
