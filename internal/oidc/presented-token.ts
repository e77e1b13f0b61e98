// The access token that a request to a protected resource of ours presents, as far as it can be told
// without the store: made here, alive, and in the right hands.

import { invalidToken } from '../protocol/errors.ts';
import { readBearer } from './bearer.ts';
import type { Deps } from './deps.ts';
import type { ProtocolRequest } from './endpoint.ts';
import { type LiveAccessToken, readAccessToken } from './token/access-token.ts';

/**
 * Undefined when none was presented. Throws `invalid_token`, or `invalid_request` when it is presented
 * in two ways at once. Whether it was revoked is for `findStanding` to say.
 */
export async function findPresentedToken(
  request: ProtocolRequest,
  deps: Pick<Deps, 'keys' | 'issuer' | 'now'>,
): Promise<LiveAccessToken | undefined> {
  const text = readBearer(request);
  if (text === undefined) return undefined;
  const token = await readAccessToken(text, deps);
  if (token === undefined) throw invalidToken();
  return token;
}
