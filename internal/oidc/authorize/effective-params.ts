// Which parameters count: those that were sent, or those of the request object among them.

import type { Awaitable } from '../../protocol/awaitable.ts';
import type { Client } from '../../protocol/client.ts';
import { UNSIGNED } from '../../protocol/client-requests.ts';
import { invalidRequest } from '../../protocol/errors.ts';
import { type Params, readParam } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import { openRequestObject } from './request-object.ts';

/**
 * Of a request with `request` nothing outside of it counts (RFC 9101 §6.3); that of a client that may not
 * send any stays where it is, to be refused. Throws `invalid_request_object`; only objects take time.
 */
export function readEffectiveParams(params: Params, client: Client, deps: Deps): Awaitable<Params> {
  const object = readParam(params, 'request');
  const { requestObjectSigningAlg: alg } = client;
  const isRequired = client.requireSignedRequestObject || deps.policy().requireSignedRequestObject;
  if (isRequired && (object === undefined || alg === undefined || alg === UNSIGNED)) {
    throw invalidRequest({
      description: 'this request has to be in a signed request object',
      reason: 'request_object_required',
    });
  }
  if (object === undefined || alg === undefined) return params;
  // Whoever put this beside it wants something else than who signed (RFC 9101 §5).
  if (params.has('request_uri')) {
    throw invalidRequest({
      description: 'request and request_uri exclude each other',
      reason: 'request_and_request_uri',
    });
  }
  return openRequestObject(object, { client, alg }, deps);
}
