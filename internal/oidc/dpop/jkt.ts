// `dpop_jkt` (RFC 9449 §10): a code that only the holder of one key may redeem, so that a stolen one is of
// no use even to somebody who has the verifier.

import { type Client, isPublic } from '../../protocol/client.ts';
import { invalidDpopProof, invalidRequest } from '../../protocol/errors.ts';
import { type Params, readParam } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import { readProof, spendProof } from './proof.ts';

const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/** Of an authorization request. Throws `invalid_request` for what no key has as its thumbprint. */
export function readDpopJkt(params: Params): string | undefined {
  const jkt = readParam(params, 'dpop_jkt');
  if (jkt === undefined || THUMBPRINT.test(jkt)) return jkt;
  throw invalidRequest({
    description: 'the parameter dpop_jkt has to be the SHA-256 thumbprint of a key, in base64url',
    reason: 'dpop_jkt_malformed',
  });
}

/** An authorization request as it was pushed. */
type PushedRequest = {
  /** Of the authorization request, wherever they stood. */
  readonly params: Params;
  readonly request: ProtocolRequest;
  readonly client: Client;
  /** All the ways to call the endpoint it was pushed to. */
  readonly urls: readonly string[];
};

/** Of a pushed request, which may bring a proof instead, or both if they agree (§10.1). */
export async function proveDpopJkt(
  { params, request, client, urls }: PushedRequest,
  deps: Deps,
): Promise<string | undefined> {
  const jkt = readDpopJkt(params);
  const proof = await readProof(request, { method: request.method, urls }, deps);
  if (proof === undefined) return jkt;
  if (jkt !== undefined && jkt !== proof.jkt) throw invalidDpopProof({ reason: 'jkt_mismatch' });
  // A second use binds another request to a key that its sender does not hold; what anybody may push,
  // in the name of a public client, would fill the store instead.
  if (!isPublic(client)) await spendProof(proof, deps);
  return proof.jkt;
}
