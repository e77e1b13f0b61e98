// The key that a token request proves to hold, for the tokens that come of it to be of use with it only.

import type { Client } from '../protocol/client.ts';
import type { Confirmation } from '../protocol/confirmation.ts';
import type { Deps } from './deps.ts';
import type { ProtocolRequest } from './endpoint.ts';

/** Undefined: the tokens are for whoever bears them. */
export const proveConfirmation = async (
  _request: ProtocolRequest,
  _client: Client,
  _deps: Deps,
): Promise<Confirmation | undefined> => undefined;
