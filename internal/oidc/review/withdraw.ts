// The End-User takes back what they granted: it is revoked, its clients are told as after a sign-out, and what
// was agreed to is asked again.

import type { Client } from '../../protocol/client.ts';
import { Unavailable } from '../../protocol/errors.ts';
import type { ClientId, Subject } from '../../protocol/ids.ts';
import type { EndedGrants, LiveAuthorization } from '../../store/granted.ts';
import type { Deps } from '../deps.ts';
import { notifyClients } from '../logout/back-channel.ts';
import type { Target } from './target.ts';

/**
 * Throws `Unavailable` when not all of it could be ended now: what was ended is on record, its clients are
 * told, and all can be asked again.
 */
export async function withdraw(
  subject: Subject,
  target: Target,
  requestId: string,
  deps: Deps,
): Promise<void> {
  const { authorizations, consents, isComplete } = await end(subject, target, deps);
  for (const { id, clientId } of authorizations) {
    const facts = { authorizationId: id, reason: 'withdrawn', clientId, requestId } as const;
    deps.audit({ type: 'authorization.ended', ...facts });
  }
  for (const clientId of consents) {
    deps.audit({ type: 'consent.withdrawn', clientId, subject, requestId });
  }
  await tellClients(subject, authorizations, requestId, deps);
  if (!isComplete) throw new Unavailable('store', 'endAllGranted');
}

async function end(subject: Subject, target: Target, { store, now }: Deps): Promise<EndedGrants> {
  switch (target.kind) {
    case 'everything':
      return store.endAllGranted(subject, {}, now());
    case 'application':
      return store.endAllGranted(subject, { clientId: target.clientId }, now());
    case 'session': {
      const { clientId, sid } = target;
      return store.endAllGranted(subject, { clientId, sid, isDevice: false }, now());
    }
    case 'authorization': {
      const ended = await store.endGranted(subject, target.id, now());
      return { authorizations: ended ? [ended] : [], consents: [], isComplete: true };
    }
    default:
      return target satisfies never;
  }
}

/** Each of each of its sessions once (Back-Channel Logout 1.0 §2.5); who is no client any more cannot be told. */
export async function tellClients(
  subject: Subject,
  ended: readonly LiveAuthorization[],
  requestId: string,
  deps: Deps,
): Promise<void> {
  const clients = await findClients(
    ended.map(({ clientId }) => clientId),
    deps,
  );
  for (const client of clients) {
    const sids = ended.flatMap(({ clientId, sid }) =>
      clientId === client.clientId && sid !== undefined ? sid : [],
    );
    for (const sid of new Set(sids)) notifyClients([client], { sid, subject }, requestId, deps);
  }
}

async function findClients(
  ids: readonly ClientId[],
  { findClient }: Pick<Deps, 'findClient'>,
): Promise<readonly Client[]> {
  const clients = await Promise.all([...new Set(ids)].map((id) => findClient(id)));
  return clients.filter((client) => client !== undefined);
}
