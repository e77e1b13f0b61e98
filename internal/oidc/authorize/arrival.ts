// An authorization request arrives: written out, signed, pushed before, or back from an errand. From here
// on it is parameters that count, whatever way they came.

import { type Awaitable, after } from '../../protocol/awaitable.ts';
import type { Client } from '../../protocol/client.ts';
import { invalidRequest } from '../../protocol/errors.ts';
import { type Params, readParam, readParams } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import { readEffectiveParams } from './effective-params.ts';
import { type TakenUp, takeUp } from './pending.ts';
import { isPushed, takeUpPushed } from './pushed.ts';
import { type ProvenClient, requireClient, requireRedirectUri } from './request.ts';
import { LOGIN_ATTEMPT, RESUME } from './way-back.ts';

export type Arrival = {
  readonly client: Client;
  readonly params: Params;
} & (
  | { readonly kind: 'request'; readonly taken: TakenUp | undefined }
  /** It does not count at all; what is proven without it may be told why. */
  | { readonly kind: 'refused'; readonly proven: ProvenClient; readonly error: unknown }
);

/** Throws what has to be shown on a page. */
export function arrive(sent: Params, deps: Deps): Awaitable<Arrival> {
  const resume = readParam(sent, RESUME);
  if (resume !== undefined) return comeBack(resume, sent, deps);
  return after(requireClient(sent, deps), (client) => {
    const requestUri = readParam(sent, 'request_uri');
    return requestUri !== undefined && isPushed(requestUri)
      ? fetchPushed(requestUri, client, deps)
      : read(sent, client, deps);
  });
}

async function comeBack(resume: string, sent: Params, deps: Deps): Promise<Arrival> {
  const taken = await takeUp(resume, deps);
  const client = await requireClient(taken.params, deps);
  return { kind: 'request', client, params: resumed(taken, sent), taken };
}

async function fetchPushed(requestUri: string, client: Client, deps: Deps): Promise<Arrival> {
  const taken = await takeUpPushed(requestUri, client, deps);
  return { kind: 'request', client, params: taken.params, taken };
}

// Only what was put aside counts, and the loop guard that travels beside the handle.
const resumed = (taken: TakenUp, params: Params): Params =>
  new Map([...taken.params, [LOGIN_ATTEMPT, readParams(params, LOGIN_ATTEMPT)] as const]);

function read(sent: Params, client: Client, deps: Deps): Awaitable<Arrival> {
  const counting = (params: Params): Arrival => ({
    kind: 'request',
    client,
    params,
    taken: undefined,
  });
  // The address outside of an object that does not count is one like any other: registered, or none.
  const refused = (error: unknown): Arrival => {
    const proven = requireRedirectUri(client, sent);
    return { kind: 'refused', client, params: sent, proven, error };
  };
  try {
    checkNotPushed(client, deps);
    const params = readEffectiveParams(sent, client, deps);
    return params instanceof Promise ? params.then(counting, refused) : counting(params);
  } catch (error) {
    return refused(error);
  }
}

// What a browser brings could be written by anybody (RFC 9126 §5, §6).
function checkNotPushed(client: Client, { policy }: Pick<Deps, 'policy'>): void {
  const { requirePushedAuthorizationRequests: always } = policy();
  if (!always && !client.requirePushedAuthorizationRequests) return;
  throw invalidRequest({
    description: 'this request has to be pushed first',
    reason: 'pushed_request_required',
  });
}
