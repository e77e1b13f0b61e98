// /choose: where people sign in to an issuer without a proxy, by saying who they want to be. It stands in
// for the sign-in of a proxy: it is sent to, remembers in a cookie, and sends back, so that all else goes
// the ways on which it goes in production.

import { isPrefetch, prefetchPage } from '../oidc/authorize/authorize.ts';
import type { Endpoint, ProtocolResponse } from '../oidc/endpoint.ts';
import { checkNavigation } from '../oidc/logout/end-session.ts';
import { readParam } from '../protocol/params.ts';
import { choose } from './choose.ts';
import { fill, show } from './show.ts';
import { AGAIN, type ChooserDeps, go, SIGN_OUT, type Visit } from './visit.ts';
import { readWayBack } from './way-back.ts';

/** GET shows the page, POST chooses or denies. */
export const createChooser =
  (deps: ChooserDeps): Endpoint =>
  async (http) => {
    if (isPrefetch(http)) return prefetchPage(http.requestId);
    checkNavigation(http);
    const back = readWayBack(http.params, deps.own);
    const current = deps.cookie.find(http.headers['cookie']);
    const visit: Visit = { http, back, current };
    return http.method === 'POST' ? choose(visit, deps) : look(visit, deps);
  };

async function look(visit: Visit, deps: ChooserDeps): Promise<ProtocolResponse> {
  const { back, current, http } = visit;
  const { params } = http;
  if (params.has(SIGN_OUT)) {
    return { ...go(back?.address ?? deps.page), cookie: deps.cookie.forget };
  }
  const isAsked = [AGAIN, 'as', 'q'].some((name) => params.has(name));
  // A form of another site came without cookies (SameSite), and its request asks anew with them.
  if (back !== undefined && current !== undefined && !isAsked) return go(back.address);
  const users = await deps.listUsers();
  return show(200, visit, await fill(readParam(params, 'as'), users, visit, deps), users, deps);
}
