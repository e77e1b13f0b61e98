// The End-User, the client and the operator agree: what was granted is kept, and a code names it.

import type { Client } from '../../protocol/client.ts';
import { invalidRequest } from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import { toAuthorizationId } from '../../protocol/ids.ts';
import { present } from '../../protocol/present.ts';
import { ID_BYTES, SECRET_BYTES } from '../../protocol/random.ts';
import type { Grant, NewAuthorization, RefreshTerms } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import { hashSecret, printHandle } from '../handle.ts';
import { lifetimesOf } from '../policy.ts';
import type { Visit } from './answer.ts';
import { handleUnknown } from './pending.ts';
import type { AuthorizationRequest } from './request.ts';

/** Bytes of JSON: what the upstream said is kept with the grant, up to here. */
const MAX_SNAPSHOT = 8 * 1024;

/**
 * The code. Throws `invalid_request` when the client used this nonce before, or when the page that
 * led here was answered already: two clicks make one code.
 */
export async function grantCode(
  request: AuthorizationRequest,
  identity: Identity,
  visit: Visit,
  deps: Deps,
): Promise<string> {
  const { store, random, audit } = deps;
  const now = deps.now();
  const lifetimes = lifetimesOf(deps.policy(), request.client);
  // A request put aside is this record before its grant: the id stays the same.
  const id = visit.pending?.id ?? toAuthorizationId(random(ID_BYTES));
  const secret = random(SECRET_BYTES);
  const refresh = refreshTerms(request, lifetimes, now);
  const authorization: NewAuthorization = {
    id,
    grant: toGrant(request, identity, now),
    code: { hash: hashSecret(secret), expiresAt: now + lifetimes.authorizationCode },
    ...(refresh === undefined ? {} : { refresh }),
  };
  const created =
    visit.pending === undefined
      ? await store.create(authorization, now)
      : await store.approve(visit.pending.hash, authorization, now);
  if (created === 'unknown') throw handleUnknown();
  if (created === 'nonce_used') {
    throw invalidRequest({ description: 'the nonce was used before', reason: 'nonce_used' });
  }
  audit({
    type: 'authorization.granted',
    clientId: request.client.clientId,
    subject: identity.subject,
    authorizationId: id,
    requestId: visit.http.requestId,
  });
  return printHandle('ac', id, secret);
}

function toGrant(request: AuthorizationRequest, identity: Identity, now: number): Grant {
  const { client, scope, redirectUri, redirectUriSent, resource } = request;
  const { subject, authTime, acr, amr, sid, claims } = identity;
  if (Buffer.byteLength(JSON.stringify(claims)) > MAX_SNAPSHOT) {
    throw invalidRequest({
      description: 'the proxy says more about the End-User than can be kept',
      reason: 'snapshot_too_large',
    });
  }
  return {
    clientId: client.clientId,
    subject,
    scope,
    redirectUri,
    redirectUriSent,
    resource,
    snapshot: claims,
    grantedAt: now,
    ...present({
      nonce: request.nonce,
      challenge: request.challenge,
      claimsRequest: request.claimsRequest,
      authTime,
      acr,
      amr,
      sid,
    }),
  };
}

/** With `offline_access` it slides; without, it ends with the working day. */
function refreshTerms(
  { client, scope }: { readonly client: Client; readonly scope: readonly string[] },
  lifetimes: ReturnType<typeof lifetimesOf>,
  now: number,
): RefreshTerms | undefined {
  if (!client.grantTypes.includes('refresh_token')) return undefined;
  return scope.includes('offline_access')
    ? { ttl: lifetimes.refreshToken, until: now + lifetimes.refreshTokenMax }
    : { ttl: lifetimes.sessionRefreshToken, until: now + lifetimes.sessionRefreshToken };
}
