// The answer to one authorization request, however it got here: straight from the client, back from
// signing in, or from a page of ours. Two halves: until client and redirect URI are proven a failure
// is a page; after that it is sent to the client.

import { accessDenied, consentRequired, OAuthError, Unavailable } from '../../protocol/errors.ts';
import type { Client } from '../../protocol/client.ts';
import type { Identity } from '../../protocol/identity.ts';
import type { Params } from '../../protocol/params.ts';
import type { Journey } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import { findEndUser } from '../end-user.ts';
import type { ProtocolRequest, ProtocolResponse, SessionChange } from '../endpoint.ts';
import type { Handle } from '../handle.ts';
import { subjectFor } from '../subject.ts';
import { type Abilities, abilitiesOf } from './abilities.ts';
import { askAccount } from './account.ts';
import { askConsent, isAgreed, needsConsent, rememberConsent } from './consent.ts';
import { chooseSession } from './enter-session.ts';
import { grantCode } from './grant-code.ts';
import { isAboutAnother, nameAskedFor, readHint } from './hints.ts';
import { withCredibleAuthTime } from './journey.ts';
import { decideNextStep } from './next-step.ts';
import { isHandleUnknown } from './pending.ts';
import { sendToReauthenticate } from './reauthenticate.ts';
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
  /** What the End-User was sent away for before, for this request. */
  readonly journey: Journey | undefined;
};

export async function answer(visit: Visit, deps: Deps): Promise<ProtocolResponse> {
  const proven = await proveClient(visit.params, deps);
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
    if (isBait(proven.client, visit, refusal)) throw refusal;
    return respondError(target, deps.issuer, refusal);
  }
}

/** What only an honest silent request is told (OIDC Core §3.1.2.6). */
const SILENT_ERRORS: ReadonlySet<string> = new Set(['login_required', 'interaction_required']);

/**
 * Whoever registered a client could make links to us that end at a site of theirs (RFC 9700 §4.11.2):
 * with a request that is wrong, nobody is sent there before somebody is signed in.
 */
const isBait = ({ registered }: Client, { identity }: Visit, { code }: OAuthError): boolean =>
  registered && identity === undefined && !SILENT_ERRORS.has(code);

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
  const policy = deps.policy();
  const can = abilitiesOf(policy);
  const hintedSubject = await readHint(request, deps);
  const next = decideNextStep({
    request,
    identity: withCredibleAuthTime(visit.identity, deps.now()),
    fresh: visit.fresh,
    clientSubject: visit.identity && subjectFor(request.client, visit.identity.subject, deps),
    hintedSubject,
    hintedElsewhere: await isHintedElsewhere(request, visit, can, deps),
    journey: visit.journey,
    can,
    now: deps.now(),
  });
  switch (next.kind) {
    case 'refuse':
      throw next.error;
    case 'sign_in':
      return page(await askToSignIn(request, visit, deps));
    case 'reauthenticate':
      return page(
        await sendToReauthenticate(
          next.at,
          request,
          visit,
          nameAskedFor(request, hintedSubject),
          deps,
        ),
      );
    case 'ask_account':
      return page(await askAccount(request, visit, next.identity, hintedSubject, deps));
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
    return page(await askConsent(request, visit, identity, deps));
  }
  const granted = await grantCode(request, identity, entry, visit, deps);
  // Only now: of two answers at once, the one that lost must leave nothing behind.
  if (agreed) await rememberConsent(request, identity, deps);
  return { kind: 'code', ...granted };
}

const page = (response: ProtocolResponse): Step => ({ kind: 'page', response });

// Only a client that asks once has anything to look up.
const findConsent = async (
  { client }: AuthorizationRequest,
  { subject }: Identity,
  { store }: Deps,
) => (client.consent === 'once' ? store.findConsent(subject, client.clientId) : undefined);

// Only where it matters: to tell may take a question to a backend.
async function isHintedElsewhere(
  { loginHint, prompt }: AuthorizationRequest,
  { identity }: Visit,
  can: Abilities,
  deps: Deps,
): Promise<boolean> {
  if (loginHint === undefined || identity === undefined) return false;
  if (!prompt.has('none') && !can.choose && !can.switchAccount) return false;
  return isAboutAnother(loginHint, identity, deps);
}
