// The key that a token request proves to hold, for the tokens that come of it to be of use with it only.

import { type Client, isPublic } from '../protocol/client.ts';
import { type Confirmation, printConfirmation } from '../protocol/confirmation.ts';
import { proveCertificate } from './certificates/confirmation.ts';
import type { Deps } from './deps.ts';
import { proveDpopKey } from './dpop/token-request.ts';
import type { ProtocolRequest } from './endpoint.ts';

/** Undefined: the tokens are for whoever bears them. */
export async function proveConfirmation(
  request: ProtocolRequest,
  client: Client,
  deps: Deps,
): Promise<Confirmation | undefined> {
  const certificate = proveCertificate(request, client, deps);
  if (certificate !== undefined) return certificate;
  const jkt = await proveDpopKey(request, client, deps);
  return jkt === undefined ? undefined : { jkt };
}

/**
 * What a refresh token of this client is bound to: to nothing where the client authenticates, which
 * says more than a key that it may want to replace (RFC 9449 §5, RFC 8705 §7.1).
 */
export const bindingOf = (
  client: Client,
  confirmation: Confirmation | undefined,
): string | undefined =>
  isPublic(client) && confirmation !== undefined ? printConfirmation(confirmation) : undefined;
