// Somebody is there, and the client wants more than that: the upstream is asked to authenticate
// anew. What it did is judged when the End-User comes back by the handle; nothing is believed before.

import type { Deps } from '../deps.ts';
import type { ProtocolResponse } from '../endpoint.ts';
import { fillTemplate } from '../template.ts';
import { wantedAcrValues } from './acr.ts';
import type { Visit } from './answer.ts';
import { setOut } from './journey.ts';
import { park } from './pending.ts';
import type { AuthorizationRequest } from './request.ts';
import { RESUME, returnAddress, withoutOwn } from './way-back.ts';

/** @param login whom the upstream may offer to sign in as. */
export async function sendToReauthenticate(
  template: string,
  request: AuthorizationRequest,
  {
    params,
    identity,
    journey,
    pending,
  }: Pick<Visit, 'params' | 'identity' | 'journey' | 'pending'>,
  login: string | undefined,
  deps: Deps,
): Promise<ProtocolResponse> {
  const aside = { journey: setOut(journey, 'reauthenticate', identity, deps.now()) };
  const handle = await park({ params: withoutOwn(params), pending }, aside, deps);
  return {
    kind: 'redirect',
    location: fillTemplate(template, {
      url: returnAddress(deps, [[RESUME, handle]]),
      max_age: request.maxAge?.toString(),
      acr_values: wantedAcrValues(request).join(' '),
      login_hint: login,
    }),
  };
}
