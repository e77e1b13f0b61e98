// The End-User, the client and the operator agree: what was granted is kept, and a code names it.

import { invalidRequest, loginRequired, type OAuthError } from '../../protocol/errors.ts';
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
import { handleUnknown, type PendingHandle } from './pending.ts';
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
  const { store, audit } = deps;
  const { pending, http } = visit;
  const entering = enterSession(entry, http.requestId, deps);
  const session = entering instanceof Promise ? await entering : entering;
  const now = deps.now();
  const secret = deps.random(SECRET_BYTES);
  const authorization = toAuthorization(request, identity, { entry, pending, secret, now }, deps);
  const created =
    pending === undefined
      ? await store.create(authorization, now)
      : await store.approve(pending.hash, authorization, now);
  if (created === 'session_ended') {
    // Signed out elsewhere, or while this was under way. Who asks aloud begins anew.
    if (request.prompt.has('none')) throw loginRequired({ reason: 'signed_out' });
    return grantCode(request, identity, beginAnew(entry, deps), visit, deps);
  }
  if (created !== 'created') throw notCreated(created);
  audit({
    type: 'authorization.granted',
    clientId: request.client.clientId,
    subject: identity.subject,
    authorizationId: authorization.id,
    requestId: http.requestId,
  });
  return { code: printHandle('ac', authorization.id, secret), session };
}

const notCreated = (outcome: 'unknown' | 'nonce_used'): OAuthError =>
  outcome === 'unknown'
    ? handleUnknown()
    : invalidRequest({ description: 'the nonce was used before', reason: 'nonce_used' });

type Occasion = {
  readonly entry: SessionEntry;
  readonly pending: PendingHandle | undefined;
  /** What the code will prove. */
  readonly secret: string;
  readonly now: number;
};

function toAuthorization(
  request: AuthorizationRequest,
  identity: Identity,
  { entry, pending, secret, now }: Occasion,
  { random, policy }: Deps,
): NewAuthorization {
  const issuer = policy();
  const lifetimes = lifetimesOf(issuer, request.client);
  const { authorizationCode: codeLifetime } = lifetimes;
  const refresh = refreshTerms(request, lifetimes, now);
  const { sessionLifetime } = issuer;
  const terms = { refresh, codeLifetime, lifetimes, sessionLifetime };
  return {
    // A request put aside is this record before its grant: the id stays the same.
    id: pending?.id ?? toAuthorizationId(random(ID_BYTES)),
    grant: toGrant(request, identity, entry.session.sid, now),
    code: { hash: hashSecret(secret), expiresAt: now + codeLifetime },
    membership: toMembership(request, terms, now),
    ...(refresh === undefined ? {} : { refresh }),
  };
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
