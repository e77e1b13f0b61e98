// The token endpoint (RFC 6749 §3.2): the steps every grant shares, in order. A grant fills in what
// is its own, and cannot forget one of these.

import { type Client, isPublic } from '../../protocol/client.ts';
import {
  type ErrorCode,
  OAuthError,
  unauthorizedClient,
  unsupportedGrantType,
} from '../../protocol/errors.ts';
import { checkNoRepeats, readRequiredParam } from '../../protocol/params.ts';
import { claimedClient } from '../claimed-client.ts';
import { authenticateClient } from '../clientauth/authenticate.ts';
import { proveConfirmation } from '../confirmation.ts';
import type { Deps } from '../deps.ts';
import { withNextNonce } from '../dpop/nonce.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import type { Grant } from '../grants/grant.ts';
import { findGrant } from '../grants/table.ts';
import { lifetimesOf } from '../policy.ts';
import { issueTokens } from './issue.ts';
import { prepareTokens } from './prepare.ts';

export const createTokenEndpoint =
  (deps: Deps): Endpoint =>
  async (request) => {
    const attempted: Attempted = { grantType: undefined, client: undefined };
    try {
      return await grantTokens(request, attempted, deps);
    } catch (error) {
      if (error instanceof OAuthError && !WAITING.has(error.code)) {
        recordRefusal(error, attempted, request, deps);
      }
      throw error;
    }
  };

/** Nothing is refused yet: a device asks every few seconds whether it was (RFC 8628 §3.5). */
const WAITING: ReadonlySet<ErrorCode> = new Set(['authorization_pending', 'slow_down']);

/** How far a request got, for the record of its refusal. */
type Attempted = { grantType: string | undefined; client: Client | undefined };

async function grantTokens(
  request: ProtocolRequest,
  attempted: Attempted,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { params, requestId } = request;
  checkNoRepeats(params);
  const grant = findGrant(readRequiredParam(params, 'grant_type'), deps.policy());
  if (grant === undefined) throw unsupportedGrantType();
  attempted.grantType = grant.grantType;
  const client = await authenticateClient(request, deps);
  attempted.client = client;
  checkMayUse(client, grant);
  // Before anything is spent: a code must not be lost to a key that cannot be made.
  const { accessTokenSigningAlg, idTokenSignedResponseAlg } = client;
  await deps.keys.prepare(accessTokenSigningAlg);
  if (idTokenSignedResponseAlg !== accessTokenSigningAlg) {
    await deps.keys.prepare(idTokenSignedResponseAlg);
  }
  const confirmation = await proveConfirmation(request, client, deps);
  const now = deps.now();
  const { accessToken, idToken } = lifetimesOf(deps.policy(), client);
  const expiresAt = now + Math.max(accessToken, idToken);
  const { grantType } = grant;
  const asked = { params, grantType, client, confirmation, attempt: requestId, expiresAt, now };
  const authorization = await grant.authorize(asked, deps);
  const prepared = authorization.prepared ?? (await prepareTokens(authorization, asked, deps));
  const body = await issueTokens(authorization, client, { now, confirmation, prepared }, deps);
  deps.audit({
    type: 'token.issued',
    grantType: grant.grantType,
    clientId: client.clientId,
    subject: authorization.subject,
    actor: authorization.derivation?.actor?.sub,
    authorizationId: authorization.authorizationId,
    requestId,
  });
  return withNextNonce({ kind: 'json', status: 200, body }, confirmation, deps);
}

function checkMayUse(client: Client, grant: Grant): void {
  if (!client.grantTypes.includes(grant.grantType)) {
    throw unauthorizedClient({ reason: 'grant_type_not_registered' });
  }
  if (isPublic(client) && !grant.allowsPublicClients) {
    throw unauthorizedClient({ reason: 'public_client' });
  }
}

const recordRefusal = (
  refusal: OAuthError,
  { grantType, client }: Attempted,
  { requestId }: ProtocolRequest,
  { audit }: Deps,
): void =>
  audit({
    type: 'token.refused',
    grantType,
    clientId: client?.clientId,
    claimedClientId: claimedClient(refusal),
    error: refusal.code,
    reason: refusal.reason,
    requestId,
  });
