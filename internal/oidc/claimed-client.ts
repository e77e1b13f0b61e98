// Whom a request named that could not prove to be that client, for the record of its refusal. Only names
// of clients that there are: what else stands where a name belongs may be a secret in the wrong place.

import type { ClientId } from '../protocol/ids.ts';

const claims = new WeakMap<object, ClientId>();

/** The same error. */
export function withClaim(error: unknown, clientId: ClientId): unknown {
  if (typeof error === 'object' && error !== null) claims.set(error, clientId);
  return error;
}

/** Undefined for what did not fail at the proof of a client. */
export const claimedClient = (error: object): ClientId | undefined => claims.get(error);
