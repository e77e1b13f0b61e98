// The UserInfo endpoint (OIDC Core §5.3): what is known of the End-User now, not at sign-in.

import type { JwtClaims } from '../keys/keys.ts';
import type { Client } from '../protocol/client.ts';
import { insufficientScope, invalidToken, OAuthError } from '../protocol/errors.ts';
import { checkNoRepeats } from '../protocol/params.ts';
import { challenge, schemeOf } from './bearer.ts';
import { releaseClaims } from './claims.ts';
import type { Deps } from './deps.ts';
import { withNextNonce } from './dpop/nonce.ts';
import { findEncrypter } from './encryption.ts';
import type { Endpoint, ProtocolResponse } from './endpoint.ts';
import { everyEndpointUrl } from './paths.ts';
import { findPresentedToken, recordTokenRefusal } from './presented-token.ts';
import { subjectFor } from './subject.ts';
import type { LiveAccessToken } from './token/access-token.ts';
import { isOwn, requireStanding } from './token/standing.ts';
import { withOthers } from './token/with-others.ts';

export const createUserinfoEndpoint = (deps: Deps): Endpoint => {
  const urls = everyEndpointUrl(deps.bases, 'userinfo_endpoint');
  return async (request) => {
    let token: LiveAccessToken | undefined;
    try {
      checkNoRepeats(request.params);
      token = await findPresentedToken(request, { method: request.method, urls }, deps);
      if (token === undefined) return challenge(deps.issuer, undefined);
      const { clientId, subject } = token;
      const [claims] = await Promise.all([
        findClaims(token, deps),
        request.allowance?.proven({ clientId, subject }),
      ]);
      return withNextNonce(claims, token.confirmation, deps);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      recordTokenRefusal('userinfo.refused', error, token, request, deps);
      return challenge(deps.issuer, error, { scheme: schemeOf(request) });
    }
  };
};

type Told = Extract<ProtocolResponse, { readonly kind: 'json' | 'text' }>;

/** Throws `invalid_token`, or `insufficient_scope` for a token that is not about a sign-in. */
async function findClaims(token: LiveAccessToken, deps: Deps): Promise<Told> {
  // A token for another resource must not work here, nor ours there (RFC 9068 §4).
  if (!token.audience.includes(deps.issuer)) throw invalidToken();
  if (!token.scope.includes('openid')) throw insufficientScope();
  const { client, grant, claims } = await requireStanding(token, deps);
  if (grant === undefined) throw invalidToken();
  // What one client asked for by name is not for another that exchanged its token.
  const requested = isOwn(grant, client.clientId) ? (grant.claimsRequest?.userinfo ?? []) : [];
  const { scopes } = deps.policy();
  const released = releaseClaims(claims, client, token.scope, requested, scopes);
  const sub = subjectFor(client, grant.subject, deps);
  return answer(withOthers({ sub }, [released]), client, deps);
}

/** As JSON, or signed for the client, without `exp`: nobody takes it for an ID Token (§5.3.2). */
async function answer(claims: JwtClaims, client: Client, deps: Deps): Promise<Told> {
  const { clientId, userinfoSignedResponseAlg: alg, userinfoEncryption } = client;
  if (alg === undefined) return { kind: 'json', status: 200, body: claims };
  const encrypt = await findEncrypter(client, userinfoEncryption, deps);
  const signed = await deps.keys.sign(
    alg,
    'JWT',
    withOthers({ iss: deps.issuer, aud: clientId }, [claims]),
  );
  const body = encrypt === undefined ? signed : await encrypt(signed);
  return { kind: 'text', status: 200, mediaType: 'application/jwt', body };
}
