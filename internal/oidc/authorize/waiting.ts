// The authorization request that waits while its End-User signs in elsewhere, for a page that stands in
// for the sign-in of a proxy: who asks, and for whom. Nothing is used up by looking.

import { accessDenied, OAuthError } from '../../protocol/errors.ts';
import type { Params } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolResponse } from '../endpoint.ts';
import { wantedAcrValues } from './acr.ts';
import { arrive } from './arrival.ts';
import { nameAskedFor, readHint } from './hints.ts';
import { handleUnknown } from './pending.ts';
import { refuse } from './refuse.ts';
import { proveClient, readAuthorizationRequest } from './request.ts';
import { readTarget } from './response.ts';

export type WaitingRequest = {
  readonly clientName: string;
  readonly redirectUri: string;
  /** Whom the client asks for, by whatever name it knows. */
  readonly login: string | undefined;
  readonly acrValues: readonly string[];
};

/** @param params of the address that the End-User comes back to. */
export type Waiting = {
  /** Undefined for what would be refused anyway. */
  readonly find: (params: Params) => Promise<WaitingRequest | undefined>;
  /** `access_denied` to the client; a request that was put aside ends with it. */
  readonly deny: (params: Params, requestId: string) => Promise<ProtocolResponse>;
};

export const createWaiting = (deps: Deps): Waiting => ({
  find: (params) => find(params, deps),
  deny: (params, requestId) => deny(params, requestId, deps),
});

async function find(sent: Params, deps: Deps): Promise<WaitingRequest | undefined> {
  try {
    const arrival = await arrive(sent, deps);
    if (arrival.kind === 'refused') return undefined;
    const proven = await proveClient(arrival.params, deps);
    const request = readAuthorizationRequest(arrival.params, proven, deps.policy());
    const { client, redirectUri } = request;
    return {
      clientName: client.clientName ?? client.clientId,
      redirectUri,
      login: nameAskedFor(request, await readHint(request, deps)),
      acrValues: wantedAcrValues(request),
    };
  } catch (error) {
    if (error instanceof OAuthError) return undefined;
    throw error;
  }
}

async function deny(sent: Params, requestId: string, deps: Deps): Promise<ProtocolResponse> {
  const arrival = await arrive(sent, deps);
  if (arrival.kind === 'refused') throw arrival.error;
  const proven = await proveClient(arrival.params, deps);
  const { taken } = arrival;
  if (taken !== undefined) {
    const { id, hash } = taken.handle;
    if (!(await deps.store.discard(id, hash, deps.now()))) throw handleUnknown();
  }
  const error = accessDenied({ reason: 'sign_in_denied' });
  const target = readTarget(arrival.params, proven);
  return refuse(error, { target, subject: undefined, http: { requestId } }, deps);
}
