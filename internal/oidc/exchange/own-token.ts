// Tokens of ours that are presented for exchange: alive, not revoked, about somebody who still exists,
// and in the hands of a client that may have them (CVE-2026-9094, CVE-2026-9097).

import type { Client } from '../../protocol/client.ts';
import type { TokenExchangeTerms } from '../../protocol/client-grants.ts';
import { toAuthorizationId, toSubject } from '../../protocol/ids.ts';
import type { Grant as GrantRecord } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import type { AuthenticatedEndUser } from '../grants/grant.ts';
import { keepAllowed } from '../scopes.ts';
import { type LiveAccessToken, readAccessToken } from '../token/access-token.ts';
import { admitToAll, clientsBehind, findStanding } from '../token/standing.ts';
import { isStillNamed } from '../token-issuer.ts';
import { refuseToken } from './refuse.ts';
import type { SubjectToken } from './subject-token.ts';
import type { PresentedToken } from './token-types.ts';

/** The part of an access token that an ID Token has as well; `scope` is undefined there. */
export type OwnToken = Omit<LiveAccessToken, 'scope'> & {
  readonly scope: readonly string[] | undefined;
};

/** Undefined for what is no live token of ours of just this type. */
export async function readOwnToken(
  { text, type }: PresentedToken,
  deps: Pick<Deps, 'keys' | 'issuer' | 'now'>,
): Promise<OwnToken | undefined> {
  if (type === 'access_token') return readAccessToken(text, deps);
  return type === 'id_token' ? readIdToken(text, deps) : undefined;
}

/** One that names no authorization could have been revoked, and nobody would know. */
async function readIdToken(
  text: string,
  { keys, issuer, now }: Pick<Deps, 'keys' | 'issuer' | 'now'>,
): Promise<OwnToken | undefined> {
  const verified = await keys.verify(text);
  if (verified?.typ !== 'JWT') return undefined;
  const { iss, sub, aud, azp, exp, iat, authorization_id: id, may_act } = verified.claims;
  const audience = [aud].flat().filter((name) => typeof name === 'string');
  const clientId = typeof azp === 'string' ? azp : audience[0];
  if (iss !== issuer || typeof exp !== 'number' || exp <= now()) return undefined;
  if (typeof sub !== 'string' || clientId === undefined || typeof id !== 'string') return undefined;
  return {
    subject: toSubject(sub),
    clientId,
    audience,
    scope: undefined,
    jti: '',
    issuedAt: Number(iat),
    expiresAt: exp,
    authTime: undefined,
    acr: undefined,
    confirmation: undefined,
    authorizationId: toAuthorizationId(id),
    authorizationDetails: [],
    added: {},
    actor: undefined,
    mayAct: may_act,
    subjectIssuer: undefined,
  };
}

/** Whoever it is meant for may exchange it, and whoever the operator lists beside. */
export const concerns = (
  { clientId, audience }: Pick<OwnToken, 'clientId' | 'audience'>,
  caller: Client,
  { clients }: Pick<TokenExchangeTerms, 'clients'>,
): boolean =>
  audience.some((name) => name === caller.clientId || caller.serves.includes(name)) ||
  clients === '*' ||
  clients.includes(clientId);

/** Throws `invalid_request` for a token that no longer stands, whatever ended it. */
export async function admitOwnToken(
  token: OwnToken,
  caller: Client,
  deps: Deps,
): Promise<SubjectToken> {
  const [standing, issuedTo] = await Promise.all([
    findStanding(token, deps),
    deps.findClient(token.clientId),
  ]);
  if (standing === undefined) throw refuseToken('subject_token_revoked');
  if (issuedTo === undefined) throw refuseToken('subject_token_client_gone');
  const facts = {
    issuer: deps.issuer,
    expiresAt: token.expiresAt,
    authorizationId: token.authorizationId,
    actor: token.actor,
    mayAct: token.mayAct,
    subjectIssuer: token.subjectIssuer,
    confirmation: token.confirmation,
  };
  if (standing === 'none') {
    const endUser = await admitUnrecorded(token, issuedTo, caller, deps);
    return { ...facts, subject: token.subject, scope: token.scope, endUser };
  }
  const { grant } = standing;
  const clients = await clientsBehind(grant, issuedTo, deps);
  if (clients === undefined) throw refuseToken('subject_token_client_gone');
  const admitted = await admitToAll([...clients, caller], grant, deps);
  if (admitted.kind === 'refused') throw refuseToken(admitted.reason);
  // What an ID Token stands for is what was granted, as far as its client would still get it.
  const scope = token.scope ?? keepAllowed(grant.scope, issuedTo, deps.policy().scopes);
  return { ...facts, subject: grant.subject, scope, endUser: toEndUser(grant) };
}

const toEndUser = ({ authTime, acr, amr, sid }: GrantRecord): AuthenticatedEndUser => ({
  ...NOBODY_SIGNED_IN,
  authTime,
  acr,
  amr,
  sid,
});

/** About a subject of whom another token speaks: nothing is told of how they signed in. */
export const NOBODY_SIGNED_IN: AuthenticatedEndUser = {
  claims: {},
  claimsRequest: undefined,
  nonce: undefined,
  authTime: undefined,
  acr: undefined,
  amr: undefined,
  sid: undefined,
};

/** Of a client that acts for itself, or made of a foreign token. Undefined for a client. */
async function admitUnrecorded(
  token: OwnToken,
  issuedTo: Client,
  caller: Client,
  deps: Deps,
): Promise<AuthenticatedEndUser | undefined> {
  if (token.subjectIssuer === undefined) {
    const acting = await deps.findClient(token.subject);
    if (acting?.grantTypes.includes('client_credentials')) return undefined;
    throw refuseToken('subject_unknown');
  }
  // Nothing is recorded that could tell later who the name in the new token stands for.
  if (caller.sectorIdentifier !== undefined) throw refuseToken('subject_unnameable');
  for (const client of [issuedTo, caller]) {
    if (!(await isStillNamed(token, client, deps))) throw refuseToken('subject_unknown');
  }
  return NOBODY_SIGNED_IN;
}
