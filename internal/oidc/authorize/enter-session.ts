// The session that a sign-in belongs to: chosen before the End-User is asked anything, entered when
// all else is settled.

import type { Awaitable } from '../../protocol/awaitable.ts';
import { loginRequired } from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import { toSessionId } from '../../protocol/ids.ts';
import { ID_BYTES } from '../../protocol/random.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest, SessionChange } from '../endpoint.ts';
import { endSession } from '../logout/end.ts';
import {
  decideSession,
  type SessionDecision,
  sealSession,
  toPresent,
  unsealSession,
} from '../session.ts';
import type { AuthorizationRequest } from './request.ts';

export type SessionEntry = Omit<Extract<SessionDecision, { readonly kind: 'session' }>, 'kind'>;

/** Throws `login_required` where a client asks silently after a sign-out. */
export function chooseSession(
  { prompt }: Pick<AuthorizationRequest, 'prompt'>,
  identity: Identity,
  { session }: ProtocolRequest,
  deps: Deps,
): SessionEntry {
  const decision = decideSession(unsealSession(session, deps), toPresent(identity, deps), {
    now: deps.now(),
    lifetime: deps.policy().sessionLifetime,
    silent: prompt.has('none'),
    fresh: toSessionId(deps.random(ID_BYTES)),
  });
  if (decision.kind === 'signed_out') throw loginRequired({ reason: 'signed_out' });
  return decision;
}

/** The same, in a session that nobody can have ended yet. */
export const beginAnew = ({ session }: SessionEntry, { random }: Deps): SessionEntry => ({
  session: { ...session, sid: toSessionId(random(ID_BYTES)) },
  isChanged: true,
  replaced: undefined,
});

/** Ends the session that this one takes the place of, before anything is granted in it. */
export function enterSession(
  { session, isChanged, replaced }: SessionEntry,
  requestId: string,
  deps: Deps,
): Awaitable<SessionChange | undefined> {
  const change = () => (isChanged ? sealSession(session, deps) : undefined);
  if (replaced === undefined) return change();
  return endSession(replaced, { reason: 'session_replaced' }, requestId, deps).then(change);
}
