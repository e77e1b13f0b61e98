// Pure decision: is the End-User who is there the one, and signed in the way, the client asked for?

import type { ClaimRequest, ClaimsRequest } from '../../protocol/claims-request.ts';
import {
  accountSelectionRequired,
  loginRequired,
  type OAuthError,
  unmetAuthenticationRequirements,
} from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import type { Subject } from '../../protocol/ids.ts';
import { satisfies } from '../claims.ts';
import type { AuthorizationRequest } from './request.ts';

export type Situation = {
  readonly request: AuthorizationRequest;
  readonly identity: Identity | undefined;
  /** The End-User signed in on a page of ours, for this very request. */
  readonly fresh: boolean;
  /** Signing in again is possible on a page of ours. */
  readonly canChoose: boolean;
  /** The End-User's `sub` as this client knows it. */
  readonly clientSubject: Subject | undefined;
  /** That of the hint; made for the same sector, so that the two compare. */
  readonly hintedSubject: Subject | undefined;
  readonly now: number;
};

export type NextStep =
  | { readonly kind: 'sign_in' }
  | { readonly kind: 'refuse'; readonly error: OAuthError }
  | { readonly kind: 'proceed'; readonly identity: Identity };

export function decideNextStep(situation: Situation): NextStep {
  const { request, identity, fresh, canChoose } = situation;
  const silent = request.prompt.has('none');
  if (identity === undefined) {
    return silent ? refuse(loginRequired({ reason: 'no_identity' })) : { kind: 'sign_in' };
  }
  const error = findUnmet(situation, identity);
  if (error === undefined) return { kind: 'proceed', identity };
  return canChoose && !fresh && !silent ? { kind: 'sign_in' } : refuse(error);
}

const refuse = (error: OAuthError): NextStep => ({ kind: 'refuse', error });

function findUnmet(situation: Situation, identity: Identity): OAuthError | undefined {
  return (
    findUnprovenSignIn(situation) ??
    findUnmetAge(situation, identity) ??
    findUnmetAcr(situation.request, identity) ??
    findOtherSubject(situation)
  );
}

// A header proves who is there, not that they have just signed in again. Saying so anyway would be
// a lie that step-up depends on.
function findUnprovenSignIn({ request, fresh }: Situation): OAuthError | undefined {
  if (fresh) return undefined;
  if (request.prompt.has('login') || request.maxAge === 0) {
    return loginRequired({ reason: 'reauthentication_unproven' });
  }
  return request.prompt.has('select_account') ? accountSelectionRequired() : undefined;
}

function findUnmetAge({ request, now }: Situation, { authTime }: Identity) {
  const { maxAge, client, claimsRequest } = request;
  const wanted =
    maxAge !== undefined ||
    client.requireAuthTime ||
    findRequest(claimsRequest, 'auth_time')?.essential === true;
  if (!wanted) return undefined;
  if (authTime === undefined) return loginRequired({ reason: 'auth_time_unknown' });
  return maxAge !== undefined && now - authTime > maxAge
    ? loginRequired({ reason: 'auth_time_too_old' })
    : undefined;
}

/** `acr_values` is a wish; only an essential claim is a demand (OIDC Core §5.5.1.1). */
function findUnmetAcr({ claimsRequest }: AuthorizationRequest, { acr }: Identity) {
  const wanted = findRequest(claimsRequest, 'acr');
  return wanted?.essential === true && (acr === undefined || !satisfies(acr, wanted))
    ? unmetAuthenticationRequirements({ reason: 'acr_unmet' })
    : undefined;
}

function findOtherSubject({ request, clientSubject, hintedSubject }: Situation) {
  const wanted = findRequest(request.claimsRequest, 'sub');
  const other =
    (hintedSubject !== undefined && hintedSubject !== clientSubject) ||
    (wanted !== undefined && !satisfies(clientSubject, wanted));
  return other ? loginRequired({ reason: 'another_subject' }) : undefined;
}

const findRequest = (claims: ClaimsRequest | undefined, name: string): ClaimRequest | undefined =>
  claims?.idToken.find(([claim]) => claim === name)?.[1];
