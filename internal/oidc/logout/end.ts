// The end of a session, whatever ended it: what was granted in it is revoked, its clients are told,
// and nothing is ever granted in it again.

import type { Client } from '../../protocol/client.ts';
import type { SessionId, Subject } from '../../protocol/ids.ts';
import type { SessionMember } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import { notifyClients } from './back-channel.ts';

export type EndedSession = { readonly sid: SessionId; readonly subject: Subject };

/** Why it ended; words of docs/errors.md. */
type Cause = {
  readonly reason: 'signed_out' | 'session_replaced' | 'ended_by_operator';
  /** The operator who ended it. */
  readonly actor?: string;
};

/**
 * The clients that were signed in to. Throws `Unavailable` when anything of it cannot be done now;
 * asked again, it does all of it again. What was granted with `offline_access` is meant to go on
 * without its End-User, and does unless the operator says otherwise (Back-Channel Logout 1.0 §2.7).
 */
export async function endSession(
  session: EndedSession,
  cause: Cause,
  requestId: string,
  deps: Deps,
): Promise<readonly Client[]> {
  const { store, audit, policy } = deps;
  const { sid, subject } = session;
  const members = await store.endSession(session, policy().sessionLifetime);
  const clients = await findClients(members, deps);
  const revoked = members.filter(({ offline }) => !offline || policy().revokesOfflineAccess);
  await Promise.all(revoked.map(({ id }) => store.revoke(id)));
  await store.forgetSession(session);
  for (const { id, clientId } of revoked) {
    audit({ type: 'authorization.ended', authorizationId: id, clientId, requestId, ...cause });
  }
  audit({ type: 'session.ended', sid, subject, requestId, ...cause });
  notifyClients(clients, session, requestId, deps);
  return clients;
}

/** Each once; who is no client any more cannot be told. */
async function findClients(
  members: readonly SessionMember[],
  { findClient }: Pick<Deps, 'findClient'>,
): Promise<readonly Client[]> {
  const ids = new Set(members.map(({ clientId }) => clientId));
  const clients = await Promise.all([...ids].map((id) => findClient(id)));
  return clients.filter((client) => client !== undefined);
}
