// What the grants that spend a recorded authorization share: the End-User behind it is asked for
// again, and an authorization that must not go on is ended.

import type { AuthorizationDetail } from '../../protocol/authorization-details.ts';
import { invalidGrant } from '../../protocol/errors.ts';
import type { AuthorizationId } from '../../protocol/ids.ts';
import type { Grant as GrantRecord } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import { narrowDetails } from '../details/authorization-details.ts';
import { findEndUser } from '../end-user.ts';
import type { Policy } from '../policy.ts';
import { narrowResources } from '../resource.ts';
import { keepAllowed } from '../scopes.ts';
import { needsPreparation, type Prepared, prepareTokens } from '../token/prepare.ts';
import type { AuthenticatedEndUser, TokenRequest } from './grant.ts';

/**
 * Throws `invalid_grant` when the End-User is gone or no longer allowed, and then ends the
 * authorization. Throws `Unavailable` when nobody can tell, and then ends nothing.
 */
export async function admitEndUser(
  id: AuthorizationId,
  record: GrantRecord,
  { client, attempt }: TokenRequest,
  deps: Deps,
): Promise<AuthenticatedEndUser> {
  const endUser = await findEndUser(record.subject, record.snapshot, client, deps);
  if (endUser.kind === 'refused') {
    await deps.store.revoke(id);
    recordEnd(id, 'end_user_refused', client.clientId, attempt, deps);
    throw invalidGrant({ reason: endUser.reason });
  }
  const { claimsRequest, nonce, stateHash, authTime, acr, amr, sid } = record;
  return { claims: endUser.claims, claimsRequest, nonce, stateHash, authTime, acr, amr, sid };
}

/** What of the recorded grant this request asks for; throws when it asks for more. */
type Narrowing = (record: GrantRecord) => {
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
};

/**
 * What of a grant is to be had by this request: a part of it, and never what its client may no longer have
 * (RFC 8707 §2.2, RFC 9396 §6).
 *
 * @param narrowScope to the scope that the request asks for, where it can.
 */
export const narrowing =
  (
    { params, client }: TokenRequest,
    { scopes }: Policy,
    narrowScope: (granted: readonly string[]) => readonly string[],
  ): Narrowing =>
  ({ scope, resource, authorizationDetails }) => ({
    scope: keepAllowed(narrowScope(scope), client, scopes),
    resource: narrowResources(params, resource),
    authorizationDetails: narrowDetails(params, authorizationDetails, client),
  });

/** What was asked already; absent: it did not have to be. */
export type Asked = {
  /** There is nothing yet that anybody could be asked about. */
  readonly isUnanswered?: boolean;
  readonly endUser?: AuthenticatedEndUser;
  readonly prepared?: Prepared;
};

/** What a request can ask for less of than was granted. */
const NARROWED = ['scope', 'resource', 'authorization_details'];

/**
 * What may still fail is asked before anything is spent: a code whose answer is a 503, a refusal of the
 * token hook or an `invalid_target` has to be redeemable again. The client is compared first, so that
 * a stranger learns nothing and ends nothing.
 */
export function askBeforeSpending(
  id: AuthorizationId,
  request: TokenRequest,
  narrow: Narrowing,
  deps: Deps,
): Asked | Promise<Asked> {
  const needs = {
    remote: deps.userinfo.remote,
    prepares: needsPreparation(request.client, deps),
  };
  const mayFail = needs.remote || needs.prepares || isNarrowed(request);
  return mayFail ? askNow(id, request, narrow, needs, deps) : NOT_ASKED;
}

const NOT_ASKED: Asked = {};

const isNarrowed = ({ params }: TokenRequest): boolean => NARROWED.some((name) => params.has(name));

async function askNow(
  id: AuthorizationId,
  request: TokenRequest,
  narrow: Narrowing,
  { remote, prepares }: { readonly remote: boolean; readonly prepares: boolean },
  deps: Deps,
): Promise<Asked> {
  const { client, now } = request;
  const found = await deps.store.find(id, now);
  if (found?.grant.clientId !== client.clientId) return { isUnanswered: true };
  const narrowed = narrow(found.grant);
  if (!remote && !prepares) return {};
  const endUser = await admitEndUser(id, found.grant, request, deps);
  if (!prepares) return { endUser };
  const proven = { subject: found.grant.subject, ...narrowed, authorizationId: id, endUser };
  return { endUser, prepared: await prepareTokens(proven, request, deps) };
}

export const recordEnd = (
  authorizationId: AuthorizationId,
  reason: 'code_replayed' | 'refresh_token_replayed' | 'end_user_refused',
  clientId: string,
  requestId: string,
  { audit }: Pick<Deps, 'audit'>,
): void => audit({ type: 'authorization.ended', authorizationId, reason, clientId, requestId });
