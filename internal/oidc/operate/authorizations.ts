// What an operator ends of what was granted: as if its End-User had withdrawn it. Refresh tokens and access tokens
// stop working, clients are told that the sessions are over, and what was agreed to is asked again.

import { Unavailable } from '../../protocol/errors.ts';
import type { AuthorizationId, ClientId } from '../../protocol/ids.ts';
import type { EndedHeld, HeldAuthorization, Whose } from '../../store/held.ts';
import type { Deps } from '../deps.ts';
import { tellClients } from '../review/withdraw.ts';

/** Who wants it, for the record. */
export type Order = { readonly actor: string; readonly requestId: string };

/** Nobody but the client itself, which is no more. */
type OwnOrder = { readonly reason: 'client_deleted'; readonly requestId: string };

/** How much of it was ended. */
export type Tally = { readonly authorizations: number; readonly consents: number };

/** Undefined when it does not stand: of two who end it one hears that they did. */
export async function endAuthorization(
  id: AuthorizationId,
  order: Order,
  deps: Deps,
): Promise<HeldAuthorization | undefined> {
  const { store, now } = deps;
  const held = await store.findHeld(id, now());
  if (held === undefined) return undefined;
  const ended = await store.endGranted(held.subject, id, now());
  if (ended === undefined) return undefined;
  await report({ authorizations: [held], consents: [] }, order, deps);
  return held;
}

export type EndAll = Whose & {
  /** By looking at everything there is, not by the index of an End-User. */
  readonly isThorough: boolean;
};

/**
 * All of an End-User, of a client, or of an End-User at a client. Throws `Unavailable` when not all could be ended:
 * what was ended is on record, its clients are told, and all can be asked again.
 */
export async function endAuthorizations(
  { isThorough, ...whose }: EndAll,
  order: Order | OwnOrder,
  deps: Deps,
): Promise<Tally> {
  const { store, now } = deps;
  let tally = { authorizations: 0, consents: 0 };
  const count = async (ended: EndedHeld): Promise<void> => {
    tally = {
      authorizations: tally.authorizations + ended.authorizations.length,
      consents: tally.consents + ended.consents.length,
    };
    await report(ended, order, deps);
  };
  if (whose.subject !== undefined)
    await endByIndex({ ...whose, subject: whose.subject }, count, deps);
  if (whose.subject === undefined || isThorough) await store.endAllHeld(whose, now(), count);
  return tally;
}

/**
 * For a client that is about to be none: who it is is read now, since nobody knows where its logout tokens go
 * afterwards.
 */
export async function prepareEnd(
  clientId: ClientId,
  deps: Deps,
): Promise<(order: Order) => Promise<Tally>> {
  const client = await deps.findClient(clientId);
  const findClient: Deps['findClient'] = (id) => (id === clientId ? client : deps.findClient(id));
  const all = { clientId, subject: undefined, isThorough: false };
  return (order) => endAuthorizations(all, order, { ...deps, findClient });
}

type OfOne = Whose & { readonly subject: NonNullable<Whose['subject']> };

// At once, and what is being granted at this moment is barred.
async function endByIndex(
  { subject, clientId }: OfOne,
  onEnded: (ended: EndedHeld) => Promise<void>,
  { store, now }: Deps,
): Promise<void> {
  const ended = await store.endAllGranted(subject, { clientId }, now());
  await onEnded({
    authorizations: ended.authorizations.map((one) => ({ ...one, subject })),
    consents: ended.consents.map((id) => ({ subject, clientId: id })),
  });
  if (!ended.isComplete) throw new Unavailable('store', 'endAllGranted');
}

async function report(
  { authorizations, consents }: EndedHeld,
  order: Order | OwnOrder,
  deps: Deps,
): Promise<void> {
  const { requestId } = order;
  const cause = 'actor' in order ? { reason: 'ended_by_operator' as const, ...order } : order;
  for (const { id, clientId } of authorizations) {
    deps.audit({ type: 'authorization.ended', authorizationId: id, clientId, ...cause });
  }
  const by = 'actor' in order ? { actor: order.actor } : {};
  for (const { subject, clientId } of consents) {
    deps.audit({ type: 'consent.withdrawn', clientId, subject, ...by, requestId });
  }
  for (const subject of new Set(authorizations.map((one) => one.subject))) {
    const own = authorizations.filter((one) => one.subject === subject);
    await tellClients(subject, own, requestId, deps);
  }
}
