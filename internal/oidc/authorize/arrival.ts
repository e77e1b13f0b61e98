// An authorization request arrives: written out, signed, pushed before, or back from an errand. From here
// on it is parameters that count, whatever way they came.

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
export async function arrive(sent: Params, deps: Deps): Promise<Arrival> {
  const resume = readParam(sent, RESUME);
  if (resume !== undefined) {
    const taken = await takeUp(resume, deps);
    const client = await requireClient(taken.params, deps);
    return { kind: 'request', client, params: resumed(taken, sent), taken };
  }
  const client = await requireClient(sent, deps);
  const requestUri = readParam(sent, 'request_uri');
  if (requestUri !== undefined && isPushed(requestUri)) {
    const taken = await takeUpPushed(requestUri, client, deps);
    return { kind: 'request', client, params: taken.params, taken };
  }
  return read(sent, client, deps);
}

// Only what was put aside counts, and the loop guard that travels beside the handle.
const resumed = (taken: TakenUp, params: Params): Params =>
  new Map([...taken.params, [LOGIN_ATTEMPT, readParams(params, LOGIN_ATTEMPT)] as const]);

async function read(sent: Params, client: Client, deps: Deps): Promise<Arrival> {
  try {
    checkNotPushed(client, deps);
    const params = await readEffectiveParams(sent, client, deps);
    return { kind: 'request', client, params, taken: undefined };
  } catch (error) {
    // The address outside of an object that does not count is one like any other: registered, or none.
    const proven = { client, ...requireRedirectUri(client, sent) };
    return { kind: 'refused', client, params: sent, proven, error };
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
