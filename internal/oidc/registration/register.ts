// POST /register (RFC 7591 §3, OIDC Registration §3): a client that nobody wrote down anywhere.

import { toRegisteredId } from '../../protocol/client-description.ts';
import { Unavailable } from '../../protocol/errors.ts';
import { toClientId } from '../../protocol/ids.ts';
import { ID_BYTES } from '../../protocol/random.ts';
import type { Deps } from '../deps.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { clientOnRecord } from '../on-record.ts';
import { checkInitialAccess, makeRegistrationToken } from './access-tokens.ts';
import { describeClient } from './describe.ts';
import { makeEntry } from './enter.ts';
import { readMembers } from './metadata.ts';
import { printRegistered } from './record.ts';
import type { Registration } from './registration.ts';

/** Undefined where clients may not register themselves. */
export const createRegisterEndpoint = (deps: Deps): Endpoint | undefined => {
  const { registration } = deps;
  return (
    registration &&
    clientOnRecord('registration.refused', (request) => register(request, registration, deps), deps)
  );
};

async function register(
  request: ProtocolRequest,
  registration: Registration,
  deps: Deps,
): Promise<ProtocolResponse> {
  await checkInitialAccess(request, registration, deps);
  const said = readMembers(request.body);
  // Made here, whatever was asked for: an id that somebody chose could be that of another.
  const clientId = toRegisteredId(deps.random(ID_BYTES));
  const { client, secret, ttl } = await makeEntry(clientId, said, undefined, registration, deps);
  const { token, hash } = makeRegistrationToken(deps);
  const record = {
    text: printRegistered(client),
    tokenHash: hash,
    version: deps.random(ID_BYTES),
  };
  if ((await deps.store.createClient(toClientId(clientId), record, ttl)) === 'full') {
    throw new Unavailable('store', 'createClient: too many registered clients');
  }
  deps.audit({ type: 'client.registered', clientId, requestId: request.requestId });
  return describeClient(201, clientId, client, { secret, registrationToken: token }, deps);
}
