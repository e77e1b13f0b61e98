// The answer to one authorization request, however it got here: straight from the client, back from
// signing in, or from a page of ours. Two halves: until client and redirect URI are proven a failure
// is a page; after that it is sent to the client.

import {
  accessDenied,
  consentRequired,
  invalidRequest,
  OAuthError,
  Unavailable,
} from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import { type Subject, toSubject } from '../../protocol/ids.ts';
import type { Params } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import { findEndUser } from '../end-user.ts';
import type { ProtocolRequest, ProtocolResponse, SessionChange } from '../endpoint.ts';
import type { Handle } from '../handle.ts';
import { askConsent, isAgreed, needsConsent, rememberConsent } from './consent.ts';
import { chooseSession } from './enter-session.ts';
import { grantCode } from './grant-code.ts';
import { decideNextStep } from './next-step.ts';
import { isHandleUnknown } from './pending.ts';
import { type AuthorizationRequest, proveClient, readAuthorizationRequest } from './request.ts';
import { readTarget, respondCode, respondError } from './response.ts';
import { askToSignIn } from './sign-in.ts';

/** One authorization request, and how far its End-User has come with it. */
export type Visit = {
  readonly http: ProtocolRequest;
  readonly params: Params;
  readonly identity: Identity | undefined;
  /** The End-User signed in on a page of ours, for this very request. */
  readonly fresh: boolean;
  /** What the End-User has just agreed to, on a page of ours. */
  readonly agreed: readonly string[] | undefined;
  /** The request put aside that this answers; it is used up by the code. */
  readonly pending: Handle | undefined;
};

export async function answer(visit: Visit, deps: Deps): Promise<ProtocolResponse> {
  const proven = proveClient(visit.params, deps);
  const target = readTarget(visit.params, proven.redirectUri);
  try {
    const request = readAuthorizationRequest(visit.params, proven, deps.policy());
    const step = await advance(request, visit, deps);
    if (step.kind === 'page') return step.response;
    return respondCode(target, deps.issuer, step.code, step.session);
  } catch (error) {
    if (isHandleUnknown(error)) throw error;
    const refusal = toRefusal(error);
    deps.audit({
      type: 'authorization.refused',
      clientId: proven.client.clientId,
      subject: visit.identity?.subject,
      error: refusal.code,
      reason: refusal.reason,
      requestId: visit.http.requestId,
    });
    return respondError(target, deps.issuer, refusal);
  }
}

// A store that is down must not look like a refusal; a bug must not look like anything but a bug.
function toRefusal(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  if (!(error instanceof Unavailable)) throw error;
  return new OAuthError('temporarily_unavailable', 'please try again in a moment', {
    reason: `${error.dependency}_unavailable`,
    cause: error,
  });
}

type Step =
  | { readonly kind: 'page'; readonly response: ProtocolResponse }
  | {
      readonly kind: 'code';
      readonly code: string;
      readonly session: SessionChange | undefined;
    };

async function advance(request: AuthorizationRequest, visit: Visit, deps: Deps): Promise<Step> {
  const next = decideNextStep({
    request,
    identity: withCredibleAuthTime(visit.identity, deps.now()),
    fresh: visit.fresh,
    canChoose: deps.policy().chooser !== undefined,
    hintedSubject: await readHint(request.idTokenHint, deps),
    now: deps.now(),
  });
  switch (next.kind) {
    case 'refuse':
      throw next.error;
    case 'sign_in':
      return page(await askToSignIn(request, visit.params, visit.http, deps));
    case 'proceed':
      return authorize(request, next.identity, visit, deps);
    default:
      return next satisfies never;
  }
}

async function authorize(
  request: AuthorizationRequest,
  identity: Identity,
  visit: Visit,
  deps: Deps,
): Promise<Step> {
  const endUser = await findEndUser(identity.subject, identity.claims, request.client, deps);
  if (endUser.kind === 'refused') throw accessDenied({ reason: endUser.reason });
  const entry = chooseSession(request, identity, visit.http, deps);
  const agreed = visit.agreed !== undefined && isAgreed(request, visit.agreed);
  if (!agreed && needsConsent(request, await findConsent(request, identity, deps))) {
    if (request.prompt.has('none')) throw consentRequired();
    return page(await askConsent(request, visit.params, identity, deps));
  }
  const granted = await grantCode(request, identity, entry, visit, deps);
  // Only now: of two answers at once, the one that lost must leave nothing behind.
  if (agreed) await rememberConsent(request, identity, deps);
  return { kind: 'code', ...granted };
}

/** Seconds by which the clocks of the upstream and ours may differ. */
const CLOCK_SKEW = 60;

/** A time that has not come yet says nothing about the past: then `auth_time` is not known. */
function withCredibleAuthTime(identity: Identity | undefined, now: number): Identity | undefined {
  if (identity?.authTime === undefined || identity.authTime <= now + CLOCK_SKEW) return identity;
  const { authTime: _authTime, ...known } = identity;
  return known;
}

const page = (response: ProtocolResponse): Step => ({ kind: 'page', response });

// Only a client that asks once has anything to look up.
const findConsent = async (
  { client }: AuthorizationRequest,
  { subject }: Identity,
  { store }: Deps,
) => (client.consent === 'once' ? store.findConsent(subject, client.clientId) : undefined);

/** An ID Token of ours, expired or not (OIDC Core §3.1.2.1): a hint is compared, never trusted. */
async function readHint(
  hint: string | undefined,
  { keys, issuer }: Deps,
): Promise<Subject | undefined> {
  if (hint === undefined) return undefined;
  const token = await keys.verify(hint);
  const subject = token?.claims['sub'];
  if (token?.typ !== 'JWT' || token.claims['iss'] !== issuer || typeof subject !== 'string') {
    throw invalidRequest({
      description: 'the id_token_hint is not an ID Token of this issuer',
      reason: 'id_token_hint_invalid',
    });
  }
  return toSubject(subject);
}
