// The answer to one authorization request, however it got here: straight from the client, back from
// signing in, or from a page of ours. Two halves: until client and redirect URI are proven a failure
// is a page; after that it is sent to the client.

import { type Awaitable, after } from '../../protocol/awaitable.ts';
import type { Client } from '../../protocol/client.ts';
import { accessDenied, consentRequired } from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import type { Params } from '../../protocol/params.ts';
import { present } from '../../protocol/present.ts';
import type { Consent, Journey } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import { findEndUser } from '../end-user.ts';
import type { ProtocolRequest, ProtocolResponse, SessionChange } from '../endpoint.ts';
import { subjectFor } from '../subject.ts';
import { abilitiesOf } from './abilities.ts';
import { askAccount } from './account.ts';
import { askConsent, isAgreed, needsConsent, rememberConsent } from './consent.ts';
import { chooseSession } from './enter-session.ts';
import { grantCode } from './grant-code.ts';
import { type Hints, nameAskedFor, readHints } from './hints.ts';
import { withCredibleAuthTime } from './journey.ts';
import { decideNextStep } from './next-step.ts';
import { isHandleUnknown, type PendingHandle } from './pending.ts';
import { sendToReauthenticate } from './reauthenticate.ts';
import { refuse } from './refuse.ts';
import {
  type AuthorizationRequest,
  readAuthorizationRequest,
  requireRedirectUri,
} from './request.ts';
import { respondCode } from './respond.ts';
import { readTarget } from './response.ts';
import { askToSignIn } from './sign-in.ts';

/** One authorization request, and how far its End-User has come with it. */
export type Visit = {
  readonly http: ProtocolRequest;
  readonly params: Params;
  readonly identity: Identity | undefined;
  /** What the End-User has just agreed to, on a page of ours. */
  readonly agreed: readonly string[] | undefined;
  /** The request put aside that this answers; it is used up by the code. */
  readonly pending: PendingHandle | undefined;
  /** What the End-User was sent away for before, for this request. */
  readonly journey: Journey | undefined;
};

/** @param client the one whose request it is. */
export async function answer(visit: Visit, client: Client, deps: Deps): Promise<ProtocolResponse> {
  const proven = requireRedirectUri(client, visit.params);
  const target = readTarget(visit.params, proven);
  try {
    const request = readAuthorizationRequest(visit.params, proven, deps.policy());
    const step = await advance(request, visit, deps);
    if (step.kind === 'page') return inLanguageOf(visit.params, step.response);
    const response = respondCode(target, step, deps);
    return response instanceof Promise ? await response : response;
  } catch (error) {
    if (isHandleUnknown(error)) throw error;
    return refuse(error, { target, subject: visit.identity?.subject, http: visit.http }, deps);
  }
}

// However the request got here: pushed, signed or put aside, none of which the address still says.
function inLanguageOf(params: Params, response: ProtocolResponse): ProtocolResponse {
  if (response.kind !== 'page') return response;
  return { ...response, ...present({ uiLocales: params.get('ui_locales')?.join(' ') }) };
}

type Step =
  | { readonly kind: 'page'; readonly response: ProtocolResponse }
  | {
      readonly kind: 'code';
      readonly code: string;
      readonly session: SessionChange | undefined;
    };

const advance = (request: AuthorizationRequest, visit: Visit, deps: Deps): Awaitable<Step> =>
  after(readHints(request, visit, deps), (hints) => take(request, visit, hints, deps));

function take(
  request: AuthorizationRequest,
  visit: Visit,
  { hintedSubject, hintedElsewhere }: Hints,
  deps: Deps,
): Awaitable<Step> {
  const now = deps.now();
  const next = decideNextStep({
    request,
    identity: withCredibleAuthTime(visit.identity, now),
    clientSubject: visit.identity && subjectFor(request.client, visit.identity.subject, deps),
    hintedSubject,
    hintedElsewhere,
    journey: visit.journey,
    can: abilitiesOf(deps.policy()),
    now,
  });
  switch (next.kind) {
    case 'refuse':
      throw next.error;
    case 'sign_in':
      return askToSignIn(request, visit, deps).then(page);
    case 'reauthenticate': {
      const login = nameAskedFor(request, hintedSubject);
      return sendToReauthenticate(next.at, request, visit, login, deps).then(page);
    }
    case 'ask_account':
      return askAccount(request, visit, next.identity, hintedSubject, deps).then(page);
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
  const found = findEndUser(identity.subject, identity.claims, request.client, deps);
  const endUser = found instanceof Promise ? await found : found;
  if (endUser.kind === 'refused') throw accessDenied({ reason: endUser.reason });
  const policy = deps.policy();
  const entry = chooseSession(request, identity, visit.http, deps);
  const agreed = visit.agreed !== undefined && isAgreed(request, visit.agreed, policy);
  const remembering = agreed ? undefined : findConsent(request, identity, deps);
  const remembered = remembering && (await remembering);
  if (!agreed && needsConsent(request, remembered, policy)) {
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
const findConsent = (
  { client }: AuthorizationRequest,
  { subject }: Identity,
  { store }: Deps,
): Promise<Consent | undefined> | undefined =>
  client.consent === 'once' ? store.findConsent(subject, client.clientId) : undefined;
