// POST /par (RFC 9126): a client hands its authorization request over itself, so that no browser can
// change it, and hears at once what is wrong with it.

import type { Client } from '../../protocol/client.ts';
import { invalidRequest } from '../../protocol/errors.ts';
import { checkNoRepeats, type Params, readParam } from '../../protocol/params.ts';
import { authenticateClient } from '../clientauth/authenticate.ts';
import type { Deps } from '../deps.ts';
import { proveDpopJkt } from '../dpop/jkt.ts';
import { withNextNonce } from '../dpop/nonce.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { type Attempted, onRecord } from '../on-record.ts';
import { everyEndpointUrl } from '../paths.ts';
import { readEffectiveParams } from './effective-params.ts';
import { readHint } from './hints.ts';
import { keep, PENDING_TTL } from './pending.ts';
import { toRequestUri } from './pushed.ts';
import { readAuthorizationRequest, requireRedirectUri } from './request.ts';
import { withoutOwn } from './way-back.ts';

export const createPushEndpoint = (deps: Deps): Endpoint => onRecord(push, deps);

async function push(
  http: ProtocolRequest,
  attempted: Attempted,
  deps: Deps,
): Promise<ProtocolResponse> {
  checkNoRepeats(http.params);
  const client = await authenticateClient(http, deps);
  attempted.clientId = client.clientId;
  // It would lead to another request, which may lead to another one (RFC 9126 §2.1).
  if (http.params.has('request_uri')) {
    throw invalidRequest({
      description: 'request_uri cannot be pushed',
      reason: 'request_uri_pushed',
    });
  }
  const params = await readEffectiveParams(ofClient(http.params, client), client, deps);
  const proven = requireRedirectUri(client, params);
  await readHint(readAuthorizationRequest(params, proven, deps.policy()), deps);
  const { pushedRequestLifetime: lifetime } = deps.policy();
  const facts = { clientId: client.clientId, parkedAt: deps.now() };
  // Taken up in the last moment, there is as much time for pages as with any other request.
  const urls = everyEndpointUrl(deps.bases, 'pushed_authorization_request_endpoint');
  const jkt = await proveDpopJkt({ params, request: http, client, urls }, deps);
  const bound = withoutOwn(jkt === undefined ? params : new Map([...params, ['dpop_jkt', [jkt]]]));
  const handle = await keep('pu', bound, facts, lifetime + PENDING_TTL, deps);
  const body = { request_uri: toRequestUri(handle), expires_in: lifetime };
  const confirmation = jkt === undefined ? undefined : { jkt };
  return withNextNonce({ kind: 'json', status: 201, body }, confirmation, deps);
}

/** The request is of whoever proved to push it. */
function ofClient(params: Params, { clientId }: Client): Params {
  const named = readParam(params, 'client_id');
  if (named !== undefined && named !== clientId)
    throw invalidRequest({ reason: 'client_mismatch' });
  return new Map([...params, ['client_id', [clientId]]]);
}
