// Another End-User is wanted than the one who is there, or the client wants them to choose: the
// page that asks, and the way to become somebody else.

import type { Identity } from '../../protocol/identity.ts';
import { type Subject, toSubject } from '../../protocol/ids.ts';
import { present } from '../../protocol/present.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolResponse } from '../endpoint.ts';
import type { Policy } from '../policy.ts';
import { subjectFor } from '../subject.ts';
import { fillTemplate, originOf, SIGNED_OUT } from '../template.ts';
import { findRequest } from './acr.ts';
import type { Visit } from './answer.ts';
import { isAnotherDemanded, nameAskedFor } from './hints.ts';
import { setOut } from './journey.ts';
import { park } from './pending.ts';
import { sendToReauthenticate } from './reauthenticate.ts';
import type { AuthorizationRequest } from './request.ts';
import { RESUME, returnAddress, withoutOwn } from './way-back.ts';

/** Puts the request aside for whoever is there, and answers the page that asks them. */
export async function askAccount(
  request: AuthorizationRequest,
  { params, journey, pending }: Pick<Visit, 'params' | 'journey' | 'pending'>,
  { subject }: Identity,
  hintedSubject: Subject | undefined,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { reauthenticateUrl, logoutUrl } = deps.policy();
  const clientSubject = subjectFor(request.client, subject, deps);
  const demanded = isAnotherDemanded(request, hintedSubject, clientSubject);
  const wanted = nameAskedFor(
    request,
    demanded ? (hintedSubject ?? askedSubject(request)) : undefined,
  );
  const aside = { subject, ...present({ journey }) };
  return {
    kind: 'page',
    status: 200,
    page: {
      kind: 'account',
      clientName: request.client.clientName ?? request.client.clientId,
      subject,
      wanted: wanted !== undefined && NAME.test(wanted) ? wanted : undefined,
      canContinue: !demanded,
      leadsTo: [request.redirectUri, originOf(reauthenticateUrl ?? logoutUrl, deps)].filter(
        (url) => url !== undefined,
      ),
      handle: await park({ params: withoutOwn(params), pending }, aside, deps),
    },
  };
}

function askedSubject({ claimsRequest }: AuthorizationRequest): Subject | undefined {
  const value = findRequest(claimsRequest, 'sub')?.value;
  return typeof value === 'string' ? toSubject(value) : undefined;
}

// A login_hint is written by whoever made the link: without blanks it makes no sentence on our page.
const NAME = /^[^\p{C}\p{Z}]{1,255}$/u;

/** To where somebody else can sign in: at the upstream, or after signing out of it. */
export async function sendToSwitch(
  { reauthenticateUrl, logoutUrl }: Pick<Policy, 'reauthenticateUrl' | 'logoutUrl'>,
  request: AuthorizationRequest,
  visit: Pick<Visit, 'params' | 'identity' | 'journey' | 'pending'>,
  hintedSubject: Subject | undefined,
  deps: Deps,
): Promise<ProtocolResponse | undefined> {
  const journey = setOut(visit.journey, 'account', visit.identity, deps.now());
  if (reauthenticateUrl !== undefined) {
    const login = nameAskedFor(request, hintedSubject);
    const onward = { ...visit, journey };
    return sendToReauthenticate(reauthenticateUrl, request, onward, login, deps);
  }
  if (logoutUrl === undefined) return undefined;
  const { pending } = visit;
  const handle = await park({ params: withoutOwn(visit.params), pending }, { journey }, deps);
  const url = returnAddress(deps, [[RESUME, handle]]);
  return { kind: 'redirect', location: fillTemplate(logoutUrl, { [SIGNED_OUT]: url }) };
}
