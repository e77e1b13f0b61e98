// The End-User, the client and the operator agree: what was granted is kept, and a code names it.

import { invalidRequest, loginRequired } from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import { type SessionId, toAuthorizationId } from '../../protocol/ids.ts';
import { present } from '../../protocol/present.ts';
import { ID_BYTES, SECRET_BYTES } from '../../protocol/random.ts';
import type { Grant, NewAuthorization } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import type { SessionChange } from '../endpoint.ts';
import { hashSecret, printHandle } from '../handle.ts';
import { lifetimesOf } from '../policy.ts';
import { halfHash } from '../token/half-hash.ts';
import type { Visit } from './answer.ts';
import { beginAnew, enterSession, type SessionEntry } from './enter-session.ts';
import { refreshTerms, toMembership, toSnapshot } from './grant-terms.ts';
import { handleUnknown } from './pending.ts';
import type { AuthorizationRequest } from './request.ts';

type Granted = { readonly code: string; readonly session: SessionChange | undefined };

/**
 * The code, and what becomes of the session cookie. Throws `invalid_request` when the client used this
 * nonce before, or when the page that led here was answered already: two clicks make one code.
 */
export async function grantCode(
  request: AuthorizationRequest,
  identity: Identity,
  entry: SessionEntry,
  visit: Visit,
  deps: Deps,
): Promise<Granted> {
  const session = await enterSession(entry, visit.http.requestId, deps);
  const { sid } = entry.session;
  const created = await createCode(request, identity, sid, visit, deps);
  if (created.kind === 'created') return { code: created.code, session };
  // Signed out elsewhere, or while this was under way. Who asks aloud begins anew.
  if (request.prompt.has('none')) throw loginRequired({ reason: 'signed_out' });
  return grantCode(request, identity, beginAnew(entry, deps), visit, deps);
}

type CreatedCode =
  | { readonly kind: 'created'; readonly code: string }
  | { readonly kind: 'session_ended' };

async function createCode(
  request: AuthorizationRequest,
  identity: Identity,
  sid: SessionId,
  visit: Visit,
  deps: Deps,
): Promise<CreatedCode> {
  const { store, random, audit } = deps;
  const now = deps.now();
  const lifetimes = lifetimesOf(deps.policy(), request.client);
  // A request put aside is this record before its grant: the id stays the same.
  const id = visit.pending?.id ?? toAuthorizationId(random(ID_BYTES));
  const secret = random(SECRET_BYTES);
  const refresh = refreshTerms(request, lifetimes, now);
  const authorization: NewAuthorization = {
    id,
    grant: toGrant(request, identity, sid, now),
    code: { hash: hashSecret(secret), expiresAt: now + lifetimes.authorizationCode },
    membership: toMembership(
      request,
      { refresh, codeLifetime: lifetimes.authorizationCode },
      now,
      deps,
    ),
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
  if (created === 'session_ended') return { kind: created };
  audit({
    type: 'authorization.granted',
    clientId: request.client.clientId,
    subject: identity.subject,
    authorizationId: id,
    requestId: visit.http.requestId,
  });
  return { kind: 'created', code: printHandle('ac', id, secret) };
}

function toGrant(
  request: AuthorizationRequest,
  identity: Identity,
  sid: SessionId,
  now: number,
): Grant {
  const { client, scope, redirectUri, redirectUriSent, resource } = request;
  const { subject, authTime, acr, amr, claims } = identity;
  return {
    clientId: client.clientId,
    subject,
    scope,
    redirectUri,
    redirectUriSent,
    resource,
    snapshot: toSnapshot(claims),
    grantedAt: now,
    sid,
    ...present({
      nonce: request.nonce,
      stateHash: toStateHash(request),
      challenge: request.challenge,
      jkt: request.jkt,
      claimsRequest: request.claimsRequest,
      authorizationDetails: kept(request.authorizationDetails),
      authTime,
      acr,
      amr,
    }),
  };
}

function toStateHash({ client, state }: AuthorizationRequest): string | undefined {
  if (!client.idTokenStateHash || state === undefined) return undefined;
  return halfHash(state, client.idTokenSignedResponseAlg);
}

/** Most requests have none, and then none are kept. */
const kept = (details: AuthorizationRequest['authorizationDetails']) =>
  details.length === 0 ? undefined : details;
