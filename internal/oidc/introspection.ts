// Token introspection (RFC 7662, RFC 9701): the truth about a token, told only to those it concerns. Everybody
// else, and everybody asking about anything else, hears `{"active":false}` and nothing more.

import type { Client } from '../protocol/client.ts';
import { tokenTypeOf } from '../protocol/confirmation.ts';
import type { SigningAlg } from '../protocol/names.ts';
import { checkNoRepeats, readRequiredParam } from '../protocol/params.ts';
import { printScope } from '../protocol/scope.ts';
import { INTROSPECTION_TYP, prefersJwt } from './accept.ts';
import { authenticateConfidentialClient } from './clientauth/authenticate.ts';
import type { Deps } from './deps.ts';
import { printDetails } from './details/authorization-details.ts';
import { findEncrypter } from './encryption.ts';
import { findEndUser } from './end-user.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from './endpoint.ts';
import { hashSecret, parseRefreshToken } from './handle.ts';
import { type Attempted, clientOnRecord } from './on-record.ts';
import { subjectFor } from './subject.ts';
import { type LiveAccessToken, readAccessToken } from './token/access-token.ts';
import { judgeStanding } from './token/standing.ts';
import { withOthers } from './token/with-others.ts';

export const createIntrospectEndpoint = (deps: Deps): Endpoint =>
  clientOnRecord('introspection.refused', introspect(deps), deps);

const introspect =
  (deps: Deps) =>
  async (request: ProtocolRequest, attempted: Attempted): Promise<ProtocolResponse> => {
    checkNoRepeats(request.params);
    const caller = await authenticateConfidentialClient(request, deps);
    attempted.clientId = caller.clientId;
    const token = readRequiredParam(request.params, 'token');
    const facts =
      (await describeRefreshToken(token, caller, deps)) ??
      (await describeAccessToken(token, caller, deps));
    const body = facts === undefined ? { active: false } : { active: true, ...facts };
    const alg = caller.introspectionSignedResponseAlg;
    return alg !== undefined && prefersJwt(request.headers['accept'])
      ? signAnswer(body, alg, caller, deps)
      : { kind: 'json', status: 200, body };
  };

/** RFC 9701 §5: nothing about the token stands where a claim of the answer itself could. */
async function signAnswer(
  body: object,
  alg: SigningAlg,
  caller: Client,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { keys, issuer, now } = deps;
  const claims = {
    iss: issuer,
    aud: caller.clientId,
    iat: now(),
    token_introspection: { ...body },
  };
  const encrypt = await findEncrypter(caller, caller.introspectionEncryption, deps);
  const signed = await keys.sign(alg, INTROSPECTION_TYP, claims);
  const text = encrypt === undefined ? signed : await encrypt(signed);
  return { kind: 'text', status: 200, mediaType: `application/${INTROSPECTION_TYP}`, body: text };
}

async function describeAccessToken(text: string, caller: Client, deps: Deps) {
  const token = await readAccessToken(text, deps);
  if (token === undefined || !concerns(token, caller)) return undefined;
  if ((await judgeStanding(token, deps)).kind !== 'stands') return undefined;
  const own = {
    token_type: tokenTypeOf(token.confirmation),
    iss: deps.issuer,
    sub: token.subject,
    client_id: token.clientId,
    aud: token.audience.length === 1 ? token.audience[0] : token.audience,
    scope: printScope(token.scope),
    authorization_details: printDetails(token.authorizationDetails),
    jti: token.jti,
    iat: token.issuedAt,
    exp: token.expiresAt,
    auth_time: token.authTime,
    acr: token.acr,
    cnf: token.confirmation,
    act: token.actor,
  };
  return withOthers(own, [token.added]);
}

/** The client it was issued to, or a resource server it is meant for (RFC 7662 §4). */
const concerns = ({ clientId, audience }: LiveAccessToken, caller: Client): boolean =>
  clientId === caller.clientId ||
  audience.includes(caller.clientId) ||
  caller.serves.some((resource) => audience.includes(resource));

/** A refresh token concerns its client only. */
async function describeRefreshToken(text: string, caller: Client, deps: Deps) {
  const parts = parseRefreshToken(text);
  if (parts === undefined) return undefined;
  const now = deps.now();
  const found = await deps.store.find(parts.id, now);
  if (found?.refresh === undefined || found.grant.clientId !== caller.clientId) return undefined;
  const { family, hash, expiresAt } = found.refresh;
  const current = family === hashSecret(parts.family) && hash === hashSecret(parts.secret);
  if (!current || expiresAt <= now) return undefined;
  const { subject, snapshot, scope, grantedAt, authorizationDetails = [] } = found.grant;
  if ((await findEndUser(subject, snapshot, caller, deps)).kind === 'refused') return undefined;
  return {
    iss: deps.issuer,
    sub: subjectFor(caller, subject, deps),
    client_id: caller.clientId,
    scope: printScope(scope),
    authorization_details: printDetails(authorizationDetails),
    iat: grantedAt,
    exp: expiresAt,
  };
}
