// Token revocation (RFC 7009): either token ends the whole authorization. An unknown token and one
// of another client are answered alike, with success and without effect.

import type { Client } from '../protocol/client.ts';
import { unsupportedTokenType } from '../protocol/errors.ts';
import { checkNoRepeats, readRequiredParam } from '../protocol/params.ts';
import { authenticateClient } from './clientauth/authenticate.ts';
import type { Deps } from './deps.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from './endpoint.ts';
import { hashSecret, parseRefreshToken } from './handle.ts';
import { type Attempted, clientOnRecord } from './on-record.ts';
import { readAccessToken } from './token/access-token.ts';
import { revokeAccessToken } from './token/standing.ts';

export const createRevokeEndpoint = (deps: Deps): Endpoint =>
  clientOnRecord('revocation.refused', revoke(deps), deps);

const revoke =
  (deps: Deps) =>
  async (request: ProtocolRequest, attempted: Attempted): Promise<ProtocolResponse> => {
    checkNoRepeats(request.params);
    const client = await authenticateClient(request, deps);
    attempted.clientId = client.clientId;
    const token = readRequiredParam(request.params, 'token');
    const ended =
      parseRefreshToken(token) === undefined
        ? await endAccessToken(token, client, deps)
        : await endRefreshToken(token, client, deps);
    if (ended !== undefined) {
      deps.audit({
        type: 'authorization.ended',
        authorizationId: ended,
        reason: 'revoked',
        clientId: client.clientId,
        requestId: request.requestId,
      });
    }
    return { kind: 'empty', status: 200 };
  };

/** The id of what was ended, if anything was. */
async function endRefreshToken(text: string, client: Client, { store, now }: Deps) {
  const parts = parseRefreshToken(text);
  const found = parts === undefined ? undefined : await store.find(parts.id, now());
  if (parts === undefined || found?.refresh === undefined) return undefined;
  const own = found.grant.clientId === client.clientId;
  // Any token of the family will do: a client that lost the newest one can still sign out.
  if (!own || found.refresh.family !== hashSecret(parts.family)) return undefined;
  await store.revoke(parts.id);
  return parts.id;
}

/** Throws `unsupported_token_type` for an ID Token: it cannot be taken back (§2.2.1). */
async function endAccessToken(text: string, client: Client, deps: Deps) {
  const token = await readAccessToken(text, deps);
  if (token === undefined) {
    if ((await deps.keys.verify(text))?.typ === 'JWT') throw unsupportedTokenType();
    return undefined;
  }
  if (token.clientId !== client.clientId) return undefined;
  return revokeAccessToken(token, deps);
}
