// ID Tokens (OIDC Core §2): who signed in, when and how, told to one client.

import { hash } from 'node:crypto';
import type { Client } from '../../protocol/client.ts';
import { releaseClaims } from '../claims.ts';
import type { Deps } from '../deps.ts';
import type { AuthenticatedEndUser, Authorization } from '../grants/grant.ts';
import { subjectFor } from '../subject.ts';

/** The signing algorithm and the rest are the client's; claims without a value are left out. */
export function mintIdToken(
  { subject, scope }: Authorization,
  endUser: AuthenticatedEndUser,
  client: Client,
  { now, expiresAt, accessToken }: IdTokenTerms,
  deps: Pick<Deps, 'keys' | 'issuer' | 'pairwiseSalt' | 'policy'>,
): Promise<string> {
  const released = releaseClaims(
    endUser.claims,
    client,
    client.idTokenClaims === 'all' ? scope : [],
    endUser.claimsRequest?.idToken ?? [],
    deps.policy().scopes,
  );
  return deps.keys.sign(client.idTokenSignedResponseAlg, 'JWT', {
    ...released,
    iss: deps.issuer,
    sub: subjectFor(client, subject, deps),
    aud: client.clientId,
    exp: expiresAt,
    iat: now,
    nonce: endUser.nonce,
    auth_time: endUser.authTime,
    acr: endUser.acr,
    amr: endUser.amr,
    sid: endUser.sid,
    at_hash: halfHash(accessToken),
  });
}

export type IdTokenTerms = {
  readonly now: number;
  readonly expiresAt: number;
  readonly accessToken: string;
};

/** The left half of SHA-256, the hash of every algorithm we sign with (OIDC Core §3.1.3.6). */
const halfHash = (token: string): string =>
  Buffer.from(hash('sha256', token, 'base64'), 'base64')
    .subarray(0, 16)
    .toString('base64url');
