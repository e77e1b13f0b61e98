// The UserInfo endpoint (OIDC Core §5.3): what is known of the End-User now, not at sign-in.

import type { Claims } from '../protocol/claims.ts';
import { insufficientScope, invalidToken, OAuthError } from '../protocol/errors.ts';
import { checkNoRepeats } from '../protocol/params.ts';
import { challenge, schemeOf } from './bearer.ts';
import { releaseClaims } from './claims.ts';
import type { Deps } from './deps.ts';
import { withNextNonce } from './dpop/nonce.ts';
import { findEndUser } from './end-user.ts';
import type { Endpoint } from './endpoint.ts';
import { everyEndpointUrl } from './paths.ts';
import { findPresentedToken } from './presented-token.ts';
import { subjectFor } from './subject.ts';
import { findStanding, type LiveAccessToken } from './token/access-token.ts';

export const createUserinfoEndpoint = (deps: Deps): Endpoint => {
  const urls = everyEndpointUrl(deps.bases, 'userinfo_endpoint');
  return async (request) => {
    try {
      checkNoRepeats(request.params);
      const token = await findPresentedToken(request, { method: request.method, urls }, deps);
      if (token === undefined) return challenge(deps.issuer, undefined);
      const body = await findClaims(token, deps);
      return withNextNonce({ kind: 'json', status: 200, body }, token.confirmation, deps);
    } catch (error) {
      if (error instanceof OAuthError)
        return challenge(deps.issuer, error, { scheme: schemeOf(request) });
      throw error;
    }
  };
};

/** Throws `invalid_token`, or `insufficient_scope` for a token that is not about a sign-in. */
async function findClaims(token: LiveAccessToken, deps: Deps): Promise<Claims> {
  // A token for another resource must not work here, nor ours there (RFC 9068 §4).
  if (!token.audience.includes(deps.issuer)) throw invalidToken();
  if (!token.scope.includes('openid')) throw insufficientScope();
  const [client, standing] = await Promise.all([
    deps.findClient(token.clientId),
    findStanding(token, deps),
  ]);
  if (client === undefined || standing === undefined || standing === 'none') throw invalidToken();
  const { subject, snapshot, claimsRequest } = standing.grant;
  const endUser = await findEndUser(subject, snapshot, client, deps);
  if (endUser.kind === 'refused') throw invalidToken({ reason: endUser.reason });
  const released = releaseClaims(
    endUser.claims,
    client,
    token.scope,
    claimsRequest?.userinfo ?? [],
    deps.policy().scopes,
  );
  return { ...released, sub: subjectFor(client, subject, deps) };
}
