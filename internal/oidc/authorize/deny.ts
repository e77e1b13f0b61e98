// A page of ours was answered with no, or by somebody it was not shown to.

import { accessDenied, OAuthError } from '../../protocol/errors.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolResponse } from '../endpoint.ts';
import { handleUnknown, type TakenUp } from './pending.ts';
import { proveClient } from './request.ts';
import { respondError } from './respond.ts';
import { readTarget } from './response.ts';

/** `access_denied` to the client; the request that was put aside ends with it. */
export async function deny({ handle, params }: TakenUp, deps: Deps): Promise<ProtocolResponse> {
  const proven = await proveClient(params, deps);
  if (!(await deps.store.discard(handle.id, handle.hash, deps.now()))) throw handleUnknown();
  return respondError(readTarget(params, proven), accessDenied(), deps);
}

/** Shown on a page: whoever is there now has no request to answer. */
export const shownToAnother = () =>
  new OAuthError('access_denied', 'this page was shown to somebody else', {
    reason: 'another_subject',
    status: 403,
  });
