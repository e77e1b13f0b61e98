// The End-User lets a device in: what was granted takes the place of the request that waits, and the
// next poll finds it.

import type { AuthorizationDetail } from '../../protocol/authorization-details.ts';
import type { Client } from '../../protocol/client.ts';
import type { Identity } from '../../protocol/identity.ts';
import type { AuthorizationId } from '../../protocol/ids.ts';
import { present } from '../../protocol/present.ts';
import type { DeviceDecision } from '../../store/device.ts';
import type { Grant } from '../../store/store.ts';
import { beginAnew, enterSession, type SessionEntry } from '../authorize/enter-session.ts';
import { refreshTerms, toMembership, toSnapshot } from '../authorize/grant-terms.ts';
import { handleUnknown } from '../authorize/pending.ts';
import type { Deps } from '../deps.ts';
import { printDetails } from '../details/authorization-details.ts';
import type { SessionChange } from '../endpoint.ts';
import { lifetimesOf } from '../policy.ts';

export type AskedDevice = {
  readonly client: Client;
  readonly id: AuthorizationId;
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  readonly details: readonly AuthorizationDetail[];
};

/** What becomes of the session cookie. Throws `invalid_request` when the device was answered before. */
export async function grantDevice(
  asked: AskedDevice,
  identity: Identity,
  entry: SessionEntry,
  requestId: string,
  deps: Deps,
): Promise<SessionChange | undefined> {
  const { store, audit, now } = deps;
  const { id, client } = asked;
  const session = await enterSession(entry, requestId, deps);
  const decision = toDecision(asked, identity, entry, now(), deps);
  const decided = await store.decideDevice(id, decision, now());
  if (decided === 'unknown') throw handleUnknown();
  // Signed out elsewhere, or while this was under way: who asks aloud begins anew.
  if (decided === 'session_ended') {
    return grantDevice(asked, identity, beginAnew(entry, deps), requestId, deps);
  }
  const facts = { clientId: client.clientId, subject: identity.subject, authorizationId: id };
  audit({ type: 'authorization.granted', ...facts, requestId });
  return session;
}

function toDecision(
  asked: AskedDevice,
  identity: Identity,
  { session: { sid } }: SessionEntry,
  now: number,
  deps: Deps,
): DeviceDecision {
  const policy = deps.policy();
  const lifetimes = lifetimesOf(policy, asked.client);
  const refresh = refreshTerms(asked, lifetimes, now);
  const { sessionLifetime } = policy;
  const terms = { refresh, codeLifetime: lifetimes.deviceCode, lifetimes, sessionLifetime };
  return {
    kind: 'granted',
    grant: toGrant(asked, identity, { sid, grantedAt: now }),
    membership: toMembership(asked, terms, now),
    ...present({ refresh }),
  };
}

const toGrant = (
  { client: { clientId }, scope, resource, details }: AskedDevice,
  { subject, claims, authTime, acr, amr }: Identity,
  when: Pick<Grant, 'sid' | 'grantedAt'>,
): Grant => ({
  clientId,
  subject,
  scope,
  redirectUri: '',
  redirectUriSent: false,
  resource,
  snapshot: toSnapshot(claims),
  ...when,
  ...present({ authTime, acr, amr, authorizationDetails: printDetails(details) }),
});
