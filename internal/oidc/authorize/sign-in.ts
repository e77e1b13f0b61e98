// Nobody is vouched for: where to send the browser so that somebody is.

import type { Params } from '../../protocol/params.ts';
import { readParams } from '../../protocol/params.ts';
import { MINUTE } from '../../protocol/time.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolResponse } from '../endpoint.ts';
import { fillTemplate } from '../template.ts';
import type { Visit } from './answer.ts';
import { setOut } from './journey.ts';
import { park } from './pending.ts';
import type { AuthorizationRequest } from './request.ts';
import { LOGIN_ATTEMPT, pairsOf, RESUME, returnAddress, withoutOwn } from './way-back.ts';

/** A proxy that comes back without an identity within this time would loop for ever. */
const LOOP_WINDOW = 5 * MINUTE;

/** The login URL, unless we have just come from there; else a page that says that nobody is signed in (401). */
export async function askToSignIn(
  request: AuthorizationRequest,
  visit: Visit,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { loginUrl } = deps.policy();
  if (loginUrl === undefined || cameBack(visit.params, deps.now())) {
    return nobodyPage(visit.http.requestId);
  }
  const pairs = await pairsBack(request, visit, deps);
  const url = returnAddress(deps, [...pairs, [LOGIN_ATTEMPT, String(deps.now())]]);
  return { kind: 'redirect', location: fillTemplate(loginUrl, { url }) };
}

/** The request itself, or the handle by which it comes back. */
async function pairsBack(request: AuthorizationRequest, visit: Visit, deps: Deps) {
  const own = withoutOwn(visit.params);
  if (!hasToWait(request, visit)) return pairsOf(own);
  const journey = setOut(visit.journey, 'sign_in', visit.identity, deps.now());
  return [[RESUME, await park({ ...visit, params: own }, { journey }, deps)] as const];
}

// Put aside: a request object, of which only the whole counts; a form, for which an address may be too short; an ID Token, which has no business in
// the logs of the proxy; and whatever needs to know later that this sign-in was for this request.
const hasToWait = (
  { prompt, maxAge, idTokenHint }: AuthorizationRequest,
  { http, pending }: Visit,
): boolean =>
  http.method === 'POST' ||
  http.params.has('request') ||
  pending !== undefined ||
  idTokenHint !== undefined ||
  maxAge !== undefined ||
  prompt.has('login') ||
  prompt.has('select_account');

/** Only a guard: whoever writes an attempt of their own gains a 401 page, and nothing else. */
export function cameBack(params: Params, now: number): boolean {
  const attempts = readParams(params, LOGIN_ATTEMPT).filter((text) => /^\d{1,12}$/.test(text));
  return attempts.some((text) => Math.abs(now - Number(text)) < LOOP_WINDOW);
}

/** The proxy names no End-User, and there is nowhere to send them. */
export const nobodyPage = (requestId: string): ProtocolResponse => ({
  kind: 'page',
  status: 401,
  page: {
    kind: 'error',
    code: 'login_required',
    description: 'nobody is signed in: the proxy in front of this page names no End-User',
    requestId,
  },
});
