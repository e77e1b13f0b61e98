// The access token that a request to a protected resource presents, as far as it can be told without
// what was granted: made here, alive, and in the right hands.

import { invalidToken, type OAuthError } from '../protocol/errors.ts';
import { readPresentation } from './bearer.ts';
import { checkCertificate } from './certificates/confirmation.ts';
import type { Deps } from './deps.ts';
import { checkPossession, type ResourceUse } from './dpop/possession.ts';
import type { ProofDeps } from './dpop/proof.ts';
import type { ProtocolRequest } from './endpoint.ts';
import { type LiveAccessToken, readAccessToken } from './token/access-token.ts';

/**
 * Undefined when none was presented. Throws `invalid_token`, what a bad proof of its key deserves, or
 * `invalid_request` when it is presented in two ways at once. Whether it was revoked is for
 * `findStanding` to say.
 */
export async function findPresentedToken(
  request: ProtocolRequest,
  use: ResourceUse,
  deps: ProofDeps & Pick<Deps, 'store' | 'issuer'>,
): Promise<LiveAccessToken | undefined> {
  const presented = readPresentation(request);
  if (presented === undefined) return undefined;
  const token = await readAccessToken(presented.token, deps);
  if (token === undefined) throw invalidToken();
  checkCertificate(token.confirmation, request);
  await checkPossession(presented, token.confirmation, request, use, deps);
  return token;
}

/** @param token as far as there is one of ours behind the refusal. */
export const recordTokenRefusal = (
  type: 'userinfo.refused' | 'check.refused',
  { code, reason }: OAuthError,
  token: LiveAccessToken | undefined,
  { requestId }: ProtocolRequest,
  { audit }: Pick<Deps, 'audit'>,
): void =>
  audit({
    ...{ type, clientId: token?.clientId, subject: token?.subject },
    ...{ error: code, reason, requestId },
  });
