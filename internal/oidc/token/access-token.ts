// Access tokens (RFC 9068): a JWT any resource server can verify, naming the authorization it came
// from, so that ending that one ends the token wherever it is asked about.

import type { Client } from '../../protocol/client.ts';
import { type Confirmation, readConfirmation } from '../../protocol/confirmation.ts';
import {
  type AuthorizationId,
  type Subject,
  toAuthorizationId,
  toSubject,
} from '../../protocol/ids.ts';
import { ID_BYTES } from '../../protocol/random.ts';
import { printScope } from '../../protocol/scope.ts';
import type { FoundAuthorization } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import type { Authorization } from '../grants/grant.ts';
import { decideAudience } from '../resource.ts';
import { subjectFor } from '../subject.ts';

const TYP = 'at+jwt';
/** Purpose under which the `jti` of a token without a record is remembered as revoked. */
const REVOKED = 'revoked';

export type AccessTokenTerms = {
  readonly now: number;
  readonly expiresAt: number;
  readonly confirmation: Confirmation | undefined;
};

export function mintAccessToken(
  authorization: Authorization,
  client: Client,
  { now, expiresAt, confirmation }: AccessTokenTerms,
  deps: Pick<Deps, 'keys' | 'issuer' | 'random' | 'pairwiseSalt'>,
): Promise<string> {
  const { keys, issuer, random } = deps;
  const { subject, scope, resource, authorizationId, endUser } = authorization;
  return keys.sign('ES256', TYP, {
    iss: issuer,
    aud: decideAudience(issuer, client, scope, resource),
    // A client that acts for itself has its client_id there (RFC 9068 §2.2).
    sub: endUser === undefined ? subject : subjectFor(client, subject, deps),
    client_id: client.clientId,
    exp: expiresAt,
    iat: now,
    jti: random(ID_BYTES),
    scope: printScope(scope),
    auth_time: endUser?.authTime,
    acr: endUser?.acr,
    cnf: confirmation,
    authorization_id: authorizationId,
  });
}

/** An access token of ours that is neither expired nor revoked. */
export type LiveAccessToken = {
  /** As the client that it was issued to knows the End-User. */
  readonly subject: Subject;
  readonly clientId: string;
  readonly audience: readonly string[];
  readonly scope: readonly string[];
  readonly jti: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly authTime: number | undefined;
  readonly acr: string | undefined;
  /** It is of no use without this key. */
  readonly confirmation: Confirmation | undefined;
  readonly authorizationId: AuthorizationId | undefined;
};

/** What the token itself says, once its signature, type, issuer and expiry were checked. */
export async function readAccessToken(
  token: string,
  { keys, issuer, now }: Pick<Deps, 'keys' | 'issuer' | 'now'>,
): Promise<LiveAccessToken | undefined> {
  const verified = await keys.verify(token);
  if (verified?.typ !== TYP) return undefined;
  const { iss, sub, client_id, aud, scope, jti, iat, exp, auth_time, acr, cnf, authorization_id } =
    verified.claims;
  if (iss !== issuer || typeof exp !== 'number' || exp <= now()) return undefined;
  if (typeof sub !== 'string' || typeof client_id !== 'string') return undefined;
  const confirmation = readConfirmation(cnf);
  if (cnf !== undefined && confirmation === undefined) return undefined;
  if (typeof jti !== 'string' || typeof iat !== 'number') return undefined;
  return {
    subject: toSubject(sub),
    clientId: client_id,
    audience: [aud].flat().filter((name) => typeof name === 'string'),
    scope: typeof scope === 'string' ? scope.split(' ') : [],
    jti,
    issuedAt: iat,
    expiresAt: exp,
    authTime: typeof auth_time === 'number' ? auth_time : undefined,
    acr: typeof acr === 'string' ? acr : undefined,
    confirmation,
    authorizationId:
      typeof authorization_id === 'string' ? toAuthorizationId(authorization_id) : undefined,
  };
}

/**
 * The authorization a token was issued under, `none` for a token without one, undefined when it was
 * revoked. One round trip.
 */
export async function findStanding(
  { authorizationId, jti }: LiveAccessToken,
  { store, now }: Pick<Deps, 'store' | 'now'>,
): Promise<FoundAuthorization | 'none' | undefined> {
  if (authorizationId !== undefined) return store.find(authorizationId, now());
  return (await store.happened(REVOKED, jti)) ? undefined : 'none';
}

/** Ends the token, and the whole authorization it was issued under (RFC 7009 §2.1). */
export async function revokeAccessToken(
  { authorizationId, jti, expiresAt }: LiveAccessToken,
  { store, now }: Pick<Deps, 'store' | 'now'>,
): Promise<void> {
  if (authorizationId !== undefined) await store.revoke(authorizationId);
  else await store.once(REVOKED, jti, Math.max(1, expiresAt - now()));
}
