// A pushed request on its way back through a browser (RFC 9126 §4). Everything that counts was pushed:
// what stands beside its `request_uri` could have been put there by anybody.

import type { Client } from '../../protocol/client.ts';
import { invalidRequestUri } from '../../protocol/errors.ts';
import type { Deps } from '../deps.ts';
import { parseHandle } from '../handle.ts';
import { findKept, type TakenUp } from './pending.ts';

const URN = 'urn:ietf:params:oauth:request_uri:';

/** The `request_uri` of a handle (RFC 9126 §2.2). */
export const toRequestUri = (handle: string): string => URN + handle;

export const isPushed = (requestUri: string): boolean => requestUri.startsWith(URN);

/**
 * Throws `invalid_request_uri` for one that is not of this client, has expired or led to a code already.
 * A page that is loaded again, or left for signing in, has used up nothing.
 */
export async function takeUpPushed(
  requestUri: string,
  { clientId: caller }: Client,
  deps: Deps,
): Promise<TakenUp> {
  const handle = parseHandle('pu', requestUri.slice(URN.length));
  const found = handle === undefined ? undefined : await findKept(handle, deps);
  if (found?.clientId === undefined) throw invalidRequestUri({ reason: 'request_uri_unknown' });
  const { clientId, ...taken } = found;
  if (clientId !== caller) throw invalidRequestUri({ reason: 'client_mismatch' });
  // The record lives on, for whoever has taken it up in time.
  if (deps.now() - taken.parkedAt >= deps.policy().pushedRequestLifetime) {
    throw invalidRequestUri({ reason: 'request_uri_expired' });
  }
  return taken;
}
