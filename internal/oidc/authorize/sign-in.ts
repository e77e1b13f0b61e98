// Nobody is vouched for: where to send the browser so that somebody is.

import type { Params } from '../../protocol/params.ts';
import { readParams } from '../../protocol/params.ts';
import { MINUTE } from '../../protocol/time.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { endpointUrl } from '../paths.ts';
import { park } from './pending.ts';
import type { AuthorizationRequest } from './request.ts';

/** Parameters of our own on the way back from signing in; no client sends them. */
export const RESUME = 'asteroid_resume';
export const LOGIN_ATTEMPT = 'asteroid_login_attempt';

/** A proxy that comes back without an identity within this time would loop for ever. */
const LOOP_WINDOW = 5 * MINUTE;

/**
 * In this order: the chooser, the login URL unless we have just come from there, a page that says
 * that nobody is signed in (401).
 */
export async function askToSignIn(
  request: AuthorizationRequest,
  params: Params,
  http: ProtocolRequest,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { chooser, loginUrl } = deps.policy();
  if (chooser !== undefined) {
    return {
      kind: 'page',
      status: 200,
      page: {
        kind: 'chooser',
        clientName: request.client.clientName ?? request.client.clientId,
        redirectUri: request.redirectUri,
        users: await chooser(),
        handle: await park(withoutOwn(params), undefined, deps),
      },
    };
  }
  if (loginUrl === undefined || cameBack(params, deps.now())) return nobodyPage(http.requestId);
  const returnUrl = await returnAddress(params, http, deps);
  return {
    kind: 'redirect',
    location: loginUrl.replace(/\$\{url\}/g, () => encodeURIComponent(returnUrl)),
  };
}

// Built from the configuration and the parameters as read, never from the request's own target: a Host
// header or an odd path in it would send the End-User somewhere else afterwards.
async function returnAddress(params: Params, http: ProtocolRequest, deps: Deps): Promise<string> {
  const own = withoutOwn(params);
  const pairs =
    http.method === 'POST'
      ? [[RESUME, await park(own, undefined, deps)] as const]
      : [...own].flatMap(([name, values]) => values.map((value) => [name, value] as const));
  const query = [...pairs, [LOGIN_ATTEMPT, String(deps.now())] as const]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return `${endpointUrl(deps.bases, 'authorization_endpoint')}?${query}`;
}

function cameBack(params: Params, now: number): boolean {
  const attempts = readParams(params, LOGIN_ATTEMPT).filter((text) => /^\d{1,12}$/.test(text));
  return attempts.some((text) => now - Number(text) < LOOP_WINDOW);
}

const withoutOwn = (params: Params): Params =>
  new Map([...params].filter(([name]) => name !== LOGIN_ATTEMPT && name !== RESUME));

const nobodyPage = (requestId: string): ProtocolResponse => ({
  kind: 'page',
  status: 401,
  page: {
    kind: 'error',
    code: 'login_required',
    description: 'nobody is signed in: the proxy in front of this page names no End-User',
    requestId,
  },
});
