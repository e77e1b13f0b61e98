// The authorization endpoint (OIDC Core §3.1.2) and the two pages that may stand between a request
// and its answer. Reads who is there from `request.identity`, which `upstream/` has proven.

import type { Client } from '../../protocol/client.ts';
import { invalidRequest } from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import { type Params, readRequiredParam } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { answer } from './answer.ts';
import { arrive } from './arrival.ts';
import { deny, shownToAnother } from './deny.ts';
import { handleUnknown, type TakenUp, takeUp } from './pending.ts';
import { refuse } from './refuse.ts';
import { proveClient } from './request.ts';
import { readTarget } from './response.ts';

export const createAuthorizeEndpoint =
  (deps: Deps): Endpoint =>
  async (http) => {
    if (isPrefetch(http)) return prefetchPage(http.requestId);
    const arriving = arrive(http.params, deps);
    const arrival = arriving instanceof Promise ? await arriving : arriving;
    const { client, params } = arrival;
    checkNavigation(http, client, params);
    const { identity } = http;
    if (arrival.kind === 'refused') {
      const target = readTarget(params, arrival.proven);
      return refuse(arrival.error, { target, subject: identity?.subject, http }, deps);
    }
    const { taken } = arrival;
    const pending = taken?.handle;
    const journey = taken?.journey;
    const visit = { http, params, identity, agreed: undefined, pending, journey };
    return await answer(visit, client, deps);
  };

/** POST /consent: allow or deny, by the End-User who was asked and nobody else. */
export const createConsentEndpoint =
  (deps: Deps): Endpoint =>
  async (http) => {
    const pending = await takeUp(readRequiredParam(http.params, 'handle'), deps);
    const decision = readRequiredParam(http.params, 'decision');
    const identity = consentingIdentity(http, pending);
    const { client } = await proveClient(pending.params, deps);
    const facts = {
      clientId: client.clientId,
      subject: identity.subject,
      requestId: http.requestId,
    };
    switch (decision) {
      case 'deny':
        deps.audit({ type: 'consent.denied', ...facts });
        return deny(pending, deps);
      case 'allow':
        deps.audit({ type: 'consent.given', ...facts });
        return answer(
          { ...toVisit(http, pending), identity, agreed: pending.scope ?? [] },
          client,
          deps,
        );
      default:
        throw invalidRequest({ reason: 'decision_unknown' });
    }
  };

const toVisit = (http: ProtocolRequest, { handle, params, journey }: TakenUp) => ({
  http,
  params,
  pending: handle,
  journey,
});

/** The page was shown to one End-User; if the proxy now names another, nothing is granted to either. */
function consentingIdentity({ identity }: ProtocolRequest, { subject, scope }: TakenUp): Identity {
  // A page without a scope asked something else.
  if (subject === undefined || scope === undefined) throw handleUnknown();
  if (identity?.subject === subject) return identity;
  throw shownToAnother();
}

/** Browsers fetch pages ahead of a click that may never come: nothing is done for those. */
export const isPrefetch = ({ headers }: ProtocolRequest): boolean =>
  /(^|[ ;,])pre(fetch|render)/.test(headers['sec-purpose'] ?? headers['purpose'] ?? '');

/** Whatever fetched ahead asks again when there is a click. */
export const prefetchPage = (requestId: string): ProtocolResponse => ({
  kind: 'page',
  status: 503,
  page: {
    kind: 'error',
    code: 'temporarily_unavailable',
    description: 'this page is not for fetching ahead',
    requestId,
  },
});

/**
 * Identity is ambient, so an image on any page could sign its visitor in somewhere (login CSRF):
 * only a navigation may, or a silent request from an iframe of a client that was allowed to.
 */
function checkNavigation({ headers }: ProtocolRequest, client: Client, params: Params): void {
  const destination = headers['sec-fetch-dest'];
  if (destination === undefined || destination === 'document') return;
  const silent = params.get('prompt')?.join() === 'none';
  if (destination === 'iframe' && silent && client.allowIframe) return;
  throw invalidRequest({
    description: 'this has to be opened as a page of its own',
    reason: 'not_a_navigation',
  });
}
