// Pure decision: is the End-User who is there the one, and signed in the way, the client asked for?
// If not: can that be put right, or was it tried already? Nothing is tried twice for one request.

import {
  accountSelectionRequired,
  interactionRequired,
  loginRequired,
  type OAuthError,
  unmetAuthenticationRequirements,
} from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import type { Subject } from '../../protocol/ids.ts';
import type { Journey } from '../../store/store.ts';
import type { Abilities } from './abilities.ts';
import { findRequest, isAcrDemandUnmet, isAcrWishUnmet, wantedAcrValues } from './acr.ts';
import { isAnotherDemanded } from './hints.ts';
import { isProven, wasOn } from './journey.ts';
import type { AuthorizationRequest } from './request.ts';

export type Situation = {
  readonly request: AuthorizationRequest;
  /** With an `authTime` only if it can be believed. */
  readonly identity: Identity | undefined;
  /** The End-User's `sub` as this client knows it. */
  readonly clientSubject: Subject | undefined;
  /** That of the hint; made for the same sector, so that the two compare. */
  readonly hintedSubject: Subject | undefined;
  /** The login_hint is about somebody other than who is there. */
  readonly hintedElsewhere: boolean;
  readonly journey: Journey | undefined;
  readonly can: Abilities;
  readonly now: number;
};

export type NextStep =
  | { readonly kind: 'sign_in' }
  /** At this template of the operator's. */
  | { readonly kind: 'reauthenticate'; readonly at: string }
  | { readonly kind: 'ask_account'; readonly identity: Identity }
  | { readonly kind: 'refuse'; readonly error: OAuthError }
  | { readonly kind: 'proceed'; readonly identity: Identity };

export function decideNextStep(situation: Situation): NextStep {
  const { request, identity } = situation;
  const silent = request.prompt.has('none');
  if (identity === undefined) {
    return silent ? refuse(loginRequired({ reason: 'no_identity' })) : { kind: 'sign_in' };
  }
  const unmet = findUnmet(situation, identity);
  if (unmet === undefined) return { kind: 'proceed', identity };
  return silent ? refuse(unmet.error) : remedy(unmet, situation, identity);
}

const refuse = (error: OAuthError): NextStep => ({ kind: 'refuse', error });

/** What is missing, and what could be done about it; undefined where nothing could. */
type Unmet = {
  readonly error: OAuthError;
  readonly by: 'account' | 'reauthenticate' | undefined;
};

function remedy({ error, by }: Unmet, situation: Situation, identity: Identity): NextStep {
  const { can, journey } = situation;
  if (by === undefined || wasOn(journey, by)) return refuse(error);
  if (by === 'account' && can.switchAccount) return { kind: 'ask_account', identity };
  if (by === 'reauthenticate' && can.reauthenticate !== undefined)
    return { kind: 'reauthenticate', at: can.reauthenticate };
  return refuse(error);
}

// Who comes first: whoever is not wanted need not sign in again.
const findUnmet = (situation: Situation, identity: Identity): Unmet | undefined =>
  findOtherSubject(situation) ??
  findOtherLogin(situation) ??
  findUnselected(situation, identity) ??
  findUnprovenSignIn(situation, identity) ??
  findUnmetAge(situation, identity) ??
  findUnmetAcr(situation, identity);

const findOtherSubject = ({
  request,
  hintedSubject,
  clientSubject,
}: Situation): Unmet | undefined =>
  isAnotherDemanded(request, hintedSubject, clientSubject)
    ? { error: loginRequired({ reason: 'another_subject' }), by: 'account' }
    : undefined;

// A hint, not a demand: it counts while something can still be done about it, and in silence.
function findOtherLogin({ request, hintedElsewhere, journey, can }: Situation) {
  if (!hintedElsewhere) return undefined;
  const possible = can.switchAccount && !wasOn(journey, 'account');
  return possible || request.prompt.has('none')
    ? ({ error: loginRequired({ reason: 'another_login' }), by: 'account' } as const)
    : undefined;
}

function findUnselected(situation: Situation, identity: Identity): Unmet | undefined {
  const { request, journey, can } = situation;
  if (!request.prompt.has('select_account')) return undefined;
  if (wasOn(journey, 'account') || isProven(journey, identity)) return undefined;
  return {
    error: accountSelectionRequired(),
    by: can.reauthenticate !== undefined ? 'account' : undefined,
  };
}

// A header proves who is there, not that they have just signed in again. Saying so anyway would be
// a lie that step-up depends on.
function findUnprovenSignIn(
  { request, journey }: Situation,
  identity: Identity,
): Unmet | undefined {
  if (!request.prompt.has('login') && request.maxAge !== 0) return undefined;
  if (isProven(journey, identity)) return undefined;
  return { error: loginRequired({ reason: 'reauthentication_unproven' }), by: 'reauthenticate' };
}

function findUnmetAge({ request, journey, now }: Situation, identity: Identity): Unmet | undefined {
  const { maxAge, client, claimsRequest } = request;
  const { authTime } = identity;
  const wanted =
    maxAge !== undefined ||
    client.requireAuthTime ||
    findRequest(claimsRequest, 'auth_time')?.essential === true;
  if (!wanted) return undefined;
  const by = 'reauthenticate';
  if (authTime === undefined) return { error: loginRequired({ reason: 'auth_time_unknown' }), by };
  // Whoever signed in for this request is not too late because the way back took its time.
  const old = maxAge !== undefined && now - authTime > maxAge && !isProven(journey, identity);
  return old ? { error: loginRequired({ reason: 'auth_time_too_old' }), by } : undefined;
}

// Where the upstream cannot be asked, a wish stays one, and `acr` tells the client the truth; where
// it can, a client that wished in vain is told so (RFC 9470 §5).
function findUnmetAcr({ request, can }: Situation, { acr }: Identity): Unmet | undefined {
  const possible = can.stepUp(wantedAcrValues(request));
  const isDemand = isAcrDemandUnmet(request, acr);
  if (!isDemand && !(possible && isAcrWishUnmet(request, acr))) return undefined;
  const toError =
    !isDemand && request.prompt.has('none') ? interactionRequired : unmetAuthenticationRequirements;
  return { error: toError({ reason: 'acr_unmet' }), by: possible ? 'reauthenticate' : undefined };
}
