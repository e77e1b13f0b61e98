// Token introspection (RFC 7662): the truth about a token, told only to those it concerns. Everybody
// else, and everybody asking about anything else, hears `{"active":false}` and nothing more.

import type { Client } from '../protocol/client.ts';
import { tokenTypeOf } from '../protocol/confirmation.ts';
import { checkNoRepeats, readRequiredParam } from '../protocol/params.ts';
import { printScope } from '../protocol/scope.ts';
import { authenticateConfidentialClient } from './clientauth/authenticate.ts';
import type { Deps } from './deps.ts';
import { findEndUser } from './end-user.ts';
import type { Endpoint } from './endpoint.ts';
import { hashSecret, parseRefreshToken } from './handle.ts';
import { subjectFor } from './subject.ts';
import { findStanding, type LiveAccessToken, readAccessToken } from './token/access-token.ts';

export const createIntrospectEndpoint =
  (deps: Deps): Endpoint =>
  async (request) => {
    checkNoRepeats(request.params);
    const caller = await authenticateConfidentialClient(request, deps);
    const token = readRequiredParam(request.params, 'token');
    const facts =
      (await describeRefreshToken(token, caller, deps)) ??
      (await describeAccessToken(token, caller, deps));
    const body = facts === undefined ? { active: false } : { active: true, ...facts };
    return { kind: 'json', status: 200, body };
  };

async function describeAccessToken(text: string, caller: Client, deps: Deps) {
  const token = await readAccessToken(text, deps);
  if (token === undefined || !concerns(token, caller)) return undefined;
  const standing = await findStanding(token, deps);
  const client = await deps.findClient(token.clientId);
  if (standing === undefined || client === undefined) return undefined;
  if (standing !== 'none') {
    const { subject, snapshot } = standing.grant;
    if ((await findEndUser(subject, snapshot, client, deps)).kind === 'refused') return undefined;
  }
  return {
    token_type: tokenTypeOf(token.confirmation),
    iss: deps.issuer,
    sub: token.subject,
    client_id: token.clientId,
    aud: token.audience.length === 1 ? token.audience[0] : token.audience,
    scope: printScope(token.scope),
    jti: token.jti,
    iat: token.issuedAt,
    exp: token.expiresAt,
    auth_time: token.authTime,
    acr: token.acr,
    cnf: token.confirmation,
  };
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
  const { subject, snapshot, scope, grantedAt } = found.grant;
  if ((await findEndUser(subject, snapshot, caller, deps)).kind === 'refused') return undefined;
  return {
    iss: deps.issuer,
    sub: subjectFor(caller, subject, deps),
    client_id: caller.clientId,
    scope: printScope(scope),
    iat: grantedAt,
    exp: expiresAt,
  };
}
