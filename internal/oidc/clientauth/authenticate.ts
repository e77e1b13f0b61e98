// Which client is asking, and is it really that one? One refusal for every failure: an unknown
// client and a wrong secret look the same from outside.

import { type Client, isPublic } from '../../protocol/client.ts';
import { invalidClient, OAuthError } from '../../protocol/errors.ts';
import { withClaim } from '../claimed-client.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import { type Credentials, readCredentials } from './credentials.ts';
import { matchesSecret } from './secrets.ts';
import { CLIENT_AUTH_METHODS } from './table.ts';

/**
 * Throws `invalid_client`, or `invalid_request` for credentials of two kinds at once. Where limits are about
 * it, rejects with `RateLimited`: before anything is verified where this peer was wrong too often as this
 * client, and for a budget of the client's when it has proven to be it.
 */
export async function authenticateClient(request: ProtocolRequest, deps: Deps): Promise<Client> {
  const { allowance } = request;
  if (allowance === undefined) return verifyClient(request, readCredentials(request), deps);
  let clientId: string | undefined;
  try {
    const credentials = readCredentials(request);
    clientId = credentials.clientId;
    allowance.mayAuthenticate(clientId);
    const client = await verifyClient(request, credentials, deps);
    await allowance.proven({ clientId, isPublic: isPublic(client) });
    return client;
  } catch (error) {
    const isWrong = error instanceof OAuthError && error.code === 'invalid_client';
    if (isWrong) await allowance.notAuthenticated(clientId);
    throw error;
  }
}

async function verifyClient(
  request: ProtocolRequest,
  credentials: Credentials,
  deps: Deps,
): Promise<Client> {
  const client = await deps.findClient(credentials.clientId);
  if (client === undefined) {
    if ('secret' in credentials) await matchesSecret([], credentials.secret);
    throw invalidClient({ reason: 'unknown_client' });
  }
  try {
    await verify(client, credentials, request, deps);
  } catch (error) {
    throw withClaim(error, client.clientId);
  }
  return client;
}

async function verify(
  client: Client,
  credentials: Credentials,
  request: ProtocolRequest,
  deps: Deps,
): Promise<void> {
  // The registration decides: a client with a secret cannot be talked into leaving it out.
  const method = CLIENT_AUTH_METHODS.find(({ name }) => name === client.tokenEndpointAuthMethod);
  if (method?.takes !== credentials.kind) {
    throw invalidClient({ reason: 'client_auth_method_mismatch' });
  }
  if (!(await method.verify(client, credentials, request, deps))) {
    throw invalidClient({ reason: 'client_secret_wrong' });
  }
}

/** For endpoints that a client without credentials has no business at (RFC 7662 §2.1). */
export async function authenticateConfidentialClient(
  request: ProtocolRequest,
  deps: Deps,
): Promise<Client> {
  const client = await authenticateClient(request, deps);
  if (isPublic(client)) {
    throw withClaim(invalidClient({ reason: 'public_client' }), client.clientId);
  }
  return client;
}
