// What the End-User answered about a device, and what becomes of it. The handle of the page is sealed,
// and names who was asked about what: it is the page's CSRF token too, and of no use to anybody else.

import type { AuthorizationDetail } from '../../protocol/authorization-details.ts';
import type { Client } from '../../protocol/client.ts';
import { accessDenied, invalidRequest, loginRequired } from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import { toAuthorizationId, toClientId } from '../../protocol/ids.ts';
import { DEVICE_CODE } from '../../protocol/names.ts';
import { readRequiredParam } from '../../protocol/params.ts';
import { shownToAnother } from '../authorize/deny.ts';
import { chooseSession } from '../authorize/enter-session.ts';
import { withCredibleAuthTime } from '../authorize/journey.ts';
import { handleUnknown, readHandle } from '../authorize/pending.ts';
import type { Deps } from '../deps.ts';
import { findEndUser } from '../end-user.ts';
import type { ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { grantDevice } from './grant-device.ts';

/** One request, as one End-User was shown it. */
export type Shown = {
  readonly id: string;
  readonly clientId: string;
  readonly subject: string;
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  readonly details: readonly AuthorizationDetail[];
};

// Issuers may share their keys: a page of one is not answered at another.
const purposeOf = ({ issuer }: Pick<Deps, 'issuer'>): string => `device ${issuer}`;

export const sealHandle = (shown: Shown, deps: Pick<Deps, 'keys' | 'issuer'>): string =>
  deps.keys.seal(purposeOf(deps), JSON.stringify(shown));

function openHandle(text: string, deps: Pick<Deps, 'keys' | 'issuer'>): Shown {
  const json = deps.keys.unseal(purposeOf(deps), text);
  if (json === undefined) throw handleUnknown();
  // Our own key authenticates that it is what `sealHandle` was given.
  return JSON.parse(json) as Shown;
}

/** Allow or deny, by the End-User who was asked and nobody else; of two answers the first counts. */
export async function answerDevice(http: ProtocolRequest, deps: Deps): Promise<ProtocolResponse> {
  const shown = openHandle(readHandle(http.params), deps);
  const decision = readRequiredParam(http.params, 'decision');
  const { identity } = http;
  if (identity?.subject !== shown.subject) throw shownToAnother();
  switch (decision) {
    case 'allow':
      return allow(shown, identity, http, deps);
    case 'deny':
      return deny(shown, http, deps);
    default:
      throw invalidRequest({ reason: 'decision_unknown' });
  }
}

async function deny(
  { id, clientId, subject }: Shown,
  { requestId }: ProtocolRequest,
  { store, audit, now }: Deps,
): Promise<ProtocolResponse> {
  const decided = await store.decideDevice(toAuthorizationId(id), { kind: 'denied' }, now());
  if (decided !== 'decided') throw handleUnknown();
  audit({ type: 'consent.denied', clientId, subject, requestId });
  return { kind: 'page', status: 200, page: { kind: 'device_answered', allowed: false } };
}

async function allow(
  shown: Shown,
  identity: Identity,
  http: ProtocolRequest,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { requestId } = http;
  const client = await deps.findClient(toClientId(shown.clientId));
  if (!client?.grantTypes.includes(DEVICE_CODE)) throw handleUnknown();
  const { subject, claims } = identity;
  const endUser = await findEndUser(subject, claims, client, deps);
  if (endUser.kind === 'refused') throw accessDenied({ reason: endUser.reason });
  const credible = withCredibleAuthTime(identity, deps.now()) ?? identity;
  checkSignIn(client, credible, deps.now());
  const entry = chooseSession({ prompt: new Set() }, identity, http, deps);
  // What was shown, and not a name more.
  const { scope, resource, details } = shown;
  const asked = { client, id: toAuthorizationId(shown.id), scope, resource, details };
  const session = await grantDevice(asked, credible, entry, requestId, deps);
  deps.audit({ type: 'consent.given', clientId: client.clientId, subject, requestId });
  return {
    kind: 'page',
    status: 200,
    page: { kind: 'device_answered', allowed: true },
    ...(session === undefined ? {} : { session }),
  };
}

/** A device asks for no `max_age`; what its client is registered with counts all the same. */
function checkSignIn(
  { requireAuthTime, defaultMaxAge }: Client,
  { authTime }: Identity,
  now: number,
): void {
  if (!requireAuthTime && defaultMaxAge === undefined) return;
  if (authTime === undefined) throw loginRequired({ reason: 'auth_time_unknown' });
  if (defaultMaxAge !== undefined && now - authTime > defaultMaxAge) {
    throw loginRequired({ reason: 'auth_time_too_old' });
  }
}
