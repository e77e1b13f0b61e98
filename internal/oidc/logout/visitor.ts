// Who wants to be signed out, and of what: the End-User that the upstream names, or else the one whose
// session the cookie is. A cookie is enough to end its session, and for nothing else.

import type { SessionId, Subject } from '../../protocol/ids.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import { findCurrent, type Session, toPresent, unsealSession } from '../session.ts';

export type Visitor = {
  /** Undefined: nobody is signed in. */
  readonly subject: Subject | undefined;
  /** The upstream says so, not just the cookie. */
  readonly isIdentified: boolean;
  readonly upstream: SessionId | undefined;
  readonly current: Session | undefined;
  /** A session of somebody else, or of before, that is still in this browser. */
  readonly stray: Session | undefined;
  /** The session that this browser was signed out of, if nobody signed in since. */
  readonly left: SessionId | undefined;
};

export function findVisitor({ identity, session }: ProtocolRequest, deps: Deps): Visitor {
  const known = unsealSession(session, deps);
  const present = identity === undefined ? undefined : toPresent(identity, deps);
  const terms = { now: deps.now(), lifetime: deps.policy().sessionLifetime };
  const current = findCurrent(known, present, terms);
  const wasLeft = known?.signedOutAt !== undefined;
  const isOwn = present === undefined || present.subject === known?.subject;
  return {
    subject: present?.subject ?? current?.subject,
    isIdentified: present !== undefined,
    upstream: present?.upstream ?? current?.upstream,
    current,
    stray: wasLeft || known === undefined || known.sid === current?.sid ? undefined : known,
    left: wasLeft && isOwn ? known.sid : undefined,
  };
}
