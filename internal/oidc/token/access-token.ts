// Access tokens (RFC 9068): a JWT any resource server can verify, or the same sealed for one that
// rather asks. It names the authorization it came from, so that ending that one ends the token wherever
// it is asked about.

import type { JwtClaims } from '../../keys/keys.ts';
import { type Actor, readActor } from '../../protocol/actor.ts';
import type { Claims, JsonValue } from '../../protocol/claims.ts';
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
import type { Deps } from '../deps.ts';
import { printDetails } from '../details/authorization-details.ts';
import type { Authorization } from '../grants/grant.ts';
import { decideAudience, single } from '../resource.ts';
import { subjectFor } from '../subject.ts';
import { isOpaque, openAccessToken, sealAccessToken } from './opaque.ts';
import type { Prepared } from './prepare.ts';
import { withOthers } from './with-others.ts';

const TYP = 'at+jwt';

export type AccessTokenTerms = {
  readonly now: number;
  readonly expiresAt: number;
  readonly confirmation: Confirmation | undefined;
  readonly prepared: Prepared;
};

export function mintAccessToken(
  authorization: Authorization,
  client: Client,
  { now, expiresAt, confirmation, prepared }: AccessTokenTerms,
  deps: Pick<Deps, 'keys' | 'issuer' | 'random' | 'pairwiseSalt'>,
): Promise<string> {
  const { issuer, random } = deps;
  const { subject, scope, resource, authorizationId, endUser, derivation } = authorization;
  const { authorizationDetails = [] } = authorization;
  const audience = derivation?.audience;
  const own: JwtClaims = {
    iss: issuer,
    aud:
      audience === undefined ? decideAudience(issuer, client, scope, resource) : single(audience),
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
    act: derivation?.actor,
    subject_issuer: derivation?.subjectIssuer,
    authorization_id: authorizationId,
    authorization_details: printDetails(authorizationDetails),
  };
  const claims = withOthers(own, [prepared.accessTokenClaims]);
  return client.accessTokenFormat === 'opaque'
    ? Promise.resolve(sealAccessToken(claims, deps))
    : deps.keys.sign(client.accessTokenSigningAlg, TYP, claims);
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
  /** What else it says, as the token hook wanted it. */
  readonly added: Claims;
  /** Whoever acts for the subject. */
  readonly actor: Actor | undefined;
  /** Who may, as it stands there. */
  readonly mayAct: unknown;
  /** `iss` of the foreign token that it came of. */
  readonly subjectIssuer: string | undefined;
  readonly authorizationDetails: readonly JsonValue[];
};

/** What the token itself says, once its signature, type, issuer and expiry were checked. */
export async function readAccessToken(
  token: string,
  deps: Pick<Deps, 'keys' | 'issuer' | 'now'>,
): Promise<LiveAccessToken | undefined> {
  if (isOpaque(token)) {
    const claims = openAccessToken(token, deps);
    return claims && toLive(claims, deps);
  }
  const verified = await deps.keys.verify(token);
  return verified?.typ === TYP ? toLive(verified.claims, deps) : undefined;
}

function toLive(
  claims: JwtClaims,
  deps: Pick<Deps, 'issuer' | 'now'>,
): LiveAccessToken | undefined {
  const { iss, sub, client_id, aud, scope, jti, iat, exp } = claims;
  const { auth_time, acr, cnf, authorization_id, act, may_act, subject_issuer } = claims;
  const { authorization_details } = claims;
  if (iss !== deps.issuer || typeof exp !== 'number' || exp <= deps.now()) return undefined;
  if (typeof sub !== 'string' || typeof client_id !== 'string') return undefined;
  const confirmation = readConfirmation(cnf);
  if (cnf !== undefined && confirmation === undefined) return undefined;
  const actor = readActor(act, undefined);
  if (act !== undefined && actor === undefined) return undefined;
  if (typeof jti !== 'string' || typeof iat !== 'number') return undefined;
  return {
    subject: toSubject(sub),
    clientId: client_id,
    audience: readAudience(aud),
    scope: typeof scope === 'string' ? scope.split(' ') : [],
    jti,
    issuedAt: iat,
    expiresAt: exp,
    authTime: typeof auth_time === 'number' ? auth_time : undefined,
    acr: textOf(acr),
    confirmation,
    authorizationId:
      typeof authorization_id === 'string' ? toAuthorizationId(authorization_id) : undefined,
    added: withoutOwn(claims),
    actor,
    mayAct: may_act,
    subjectIssuer: textOf(subject_issuer),
    authorizationDetails: Array.isArray(authorization_details) ? authorization_details : [],
  };
}

/** What `toLive` reads; whatever else a token says was added to it. */
const OWN: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'client_id',
  'aud',
  'scope',
  'jti',
  'iat',
  'exp',
  'auth_time',
  'acr',
  'cnf',
  'authorization_id',
  'act',
  'may_act',
  'subject_issuer',
  'authorization_details',
]);

const NOTHING_ADDED: Claims = Object.freeze({});

function withoutOwn(claims: JwtClaims): Claims {
  const names = Object.keys(claims).filter((name) => !OWN.has(name));
  if (names.length === 0) return NOTHING_ADDED;
  // Parsed from JSON, which has no undefined in it.
  return Object.fromEntries(names.map((name) => [name, claims[name]])) as Claims;
}

function readAudience(aud: unknown): readonly string[] {
  if (typeof aud === 'string') return [aud];
  return Array.isArray(aud) ? aud.filter((name) => typeof name === 'string') : [];
}

const textOf = (claim: unknown): string | undefined =>
  typeof claim === 'string' ? claim : undefined;
