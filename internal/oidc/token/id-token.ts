// ID Tokens (OIDC Core §2): who signed in, when and how, told to one client.

import type { Client } from '../../protocol/client.ts';
import { TOKEN_EXCHANGE } from '../../protocol/names.ts';
import { releaseClaims } from '../claims.ts';
import type { Deps } from '../deps.ts';
import type { AuthenticatedEndUser, Authorization } from '../grants/grant.ts';
import { subjectFor } from '../subject.ts';
import { halfHash, isHalfHashFor } from './half-hash.ts';
import type { Prepared } from './prepare.ts';
import { withOthers } from './with-others.ts';

export type IdTokenTerms = {
  readonly now: number;
  readonly expiresAt: number;
  readonly accessToken: string;
  readonly prepared: Prepared;
};

/** Signed, and encrypted for a client that wants it so. */
export function mintIdToken(
  authorization: Authorization,
  endUser: AuthenticatedEndUser,
  client: Client,
  terms: IdTokenTerms,
  deps: Pick<Deps, 'keys' | 'issuer' | 'pairwiseSalt' | 'policy'>,
): Promise<string> {
  const signed = signIdToken(authorization, endUser, client, terms, deps);
  const { encrypt } = terms.prepared;
  return encrypt === undefined ? signed : signed.then(encrypt);
}

/** The signing algorithm and the rest are the client's; claims without a value are left out. */
function signIdToken(
  { subject, scope, authorizationId }: Authorization,
  endUser: AuthenticatedEndUser,
  client: Client,
  { now, expiresAt, accessToken, prepared }: IdTokenTerms,
  deps: Pick<Deps, 'keys' | 'issuer' | 'pairwiseSalt' | 'policy'>,
): Promise<string> {
  const { clientId, idTokenAudience, idTokenSignedResponseAlg: alg } = client;
  const { stateHash } = endUser;
  const isShared = idTokenAudience.length > 0;
  const released = releaseClaims(
    endUser.claims,
    client,
    client.idTokenClaims === 'all' ? scope : [],
    endUser.claimsRequest?.idToken ?? [],
    deps.policy().scopes,
  );
  const own = {
    iss: deps.issuer,
    sub: subjectFor(client, subject, deps),
    aud: isShared ? [clientId, ...idTokenAudience] : clientId,
    // OIDC Core §2: of use only where the audience alone does not say whose token it is.
    azp: isShared ? clientId : undefined,
    exp: expiresAt,
    iat: now,
    nonce: endUser.nonce,
    auth_time: endUser.authTime,
    acr: endUser.acr,
    amr: endUser.amr,
    sid: endUser.sid,
    at_hash: halfHash(accessToken, alg),
    // The client may have got another algorithm since it asked: then nothing is said of the state.
    s_hash: stateHash !== undefined && isHalfHashFor(stateHash, alg) ? stateHash : undefined,
    // One that may be exchanged has to end with the authorization that it came of.
    authorization_id: deps.policy().grantTypesInUse.has(TOKEN_EXCHANGE)
      ? authorizationId
      : undefined,
  };
  return deps.keys.sign(alg, 'JWT', withOthers(own, [prepared.idTokenClaims, released]));
}
