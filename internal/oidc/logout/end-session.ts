// The end session endpoint (RP-Initiated Logout 1.0 §2). Any page on the web can send a browser here,
// so that nobody is signed out without being asked unless the client shows an ID Token of exactly the
// session that this browser is in.

import { invalidRequest } from '../../protocol/errors.ts';
import type { Subject } from '../../protocol/ids.ts';
import { isPrefetch, prefetchPage } from '../authorize/authorize.ts';
import type { Deps } from '../deps.ts';
import type { Endpoint, ProtocolRequest } from '../endpoint.ts';
import { askToSignOut } from './confirm.ts';
import { type Doubt, isHintOf, type LogoutRequest, readLogoutRequest } from './request.ts';
import { arrive, signOut } from './sign-out.ts';
import { findVisitor, type Visitor } from './visitor.ts';

/** GET and POST alike; never redirects on an error. */
export const createEndSessionEndpoint =
  (deps: Deps): Endpoint =>
  async (http) => {
    if (isPrefetch(http)) return prefetchPage(http.requestId);
    checkNavigation(http);
    const request = await readLogoutRequest(http.params, deps);
    const visitor = findVisitor(http, deps);
    if (visitor.subject === undefined || isLeft(request, visitor)) {
      return arrive(request.hint === undefined ? undefined : request.goTo);
    }
    const reason = findDoubt(request, { ...visitor, subject: visitor.subject }, deps);
    return reason === undefined
      ? signOut(visitor, { sid: undefined, goTo: request.goTo }, http.requestId, deps)
      : askToSignOut(request, { ...visitor, subject: visitor.subject }, reason, http, deps);
  };

/** Why the End-User has to be asked; undefined when this is the session that the client means. */
function findDoubt(
  request: LogoutRequest,
  { subject, current }: Visitor & { readonly subject: Subject },
  deps: Deps,
): Doubt | undefined {
  const { flaw, hint } = request;
  if (flaw !== undefined) return flaw;
  if (hint === undefined) return 'id_token_hint_missing';
  if (!isHintOf(request, subject, deps)) return 'another_subject';
  return hint.sid === undefined || hint.sid !== current?.sid ? 'another_session' : undefined;
}

/** The same link followed twice: what it asks for has been done. */
const isLeft = ({ hint }: LogoutRequest, { left }: Visitor): boolean =>
  hint?.sid !== undefined && hint.sid === left;

/**
 * Throws where a browser says that this is no page of its own: an image or a frame with an ID Token
 * that leaked would sign somebody out unseen, and one of /device would be clicked unseen.
 */
export function checkNavigation({ headers }: ProtocolRequest): void {
  const destination = headers['sec-fetch-dest'];
  if (destination === undefined || destination === 'document') return;
  throw invalidRequest({
    description: 'this has to be opened as a page of its own',
    reason: 'not_a_navigation',
  });
}
