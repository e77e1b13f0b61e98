// POST /account: stay, switch or cancel, by the End-User who was asked and nobody else.

import { invalidRequest } from '../../protocol/errors.ts';
import { readRequiredParam } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { sendToSwitch } from './account.ts';
import { answer, type Visit } from './answer.ts';
import { deny, shownToAnother } from './deny.ts';
import { readHint } from './hints.ts';
import { setOut } from './journey.ts';
import { handleUnknown, type TakenUp, takeUp } from './pending.ts';
import { proveClient, readAuthorizationRequest, requireClient } from './request.ts';

export const createAccountEndpoint =
  (deps: Deps): Endpoint =>
  async (http) => {
    const pending = await takeUp(readRequiredParam(http.params, 'handle'), deps);
    const decision = readRequiredParam(http.params, 'decision');
    const visit = toVisit(http, pending);
    switch (decision) {
      case 'continue': {
        const journey = setOut(visit.journey, 'account', visit.identity, deps.now());
        const client = await requireClient(visit.params, deps);
        return answer({ ...visit, journey }, client, deps);
      }
      case 'switch':
        return switchAccount(visit, deps);
      case 'cancel':
        await noteCancelled(visit, deps);
        return deny(pending, deps);
      default:
        throw invalidRequest({ reason: 'decision_unknown' });
    }
  };

function toVisit(
  http: ProtocolRequest,
  { handle, params, journey, subject, scope }: TakenUp,
): Visit {
  // The page that asks about a scope is another one.
  if (subject === undefined || scope !== undefined) throw handleUnknown();
  const { identity } = http;
  if (identity?.subject !== subject) throw shownToAnother();
  return { http, params, identity, agreed: undefined, pending: handle, journey };
}

async function switchAccount(visit: Visit, deps: Deps): Promise<ProtocolResponse> {
  const policy = deps.policy();
  const proven = await proveClient(visit.params, deps);
  const request = readAuthorizationRequest(visit.params, proven, policy);
  const hintedSubject = await readHint(request, deps);
  const answered = await sendToSwitch(policy, request, visit, hintedSubject, deps);
  // The page has no such button where there is nowhere to go.
  if (answered === undefined) throw invalidRequest({ reason: 'decision_unknown' });
  return answered;
}

async function noteCancelled({ params, identity, http }: Visit, deps: Deps): Promise<void> {
  const { client } = await proveClient(params, deps);
  deps.audit({
    type: 'authorization.refused',
    clientId: client.clientId,
    subject: identity?.subject,
    error: 'access_denied',
    reason: 'account_cancelled',
    requestId: http.requestId,
  });
}
