// The DPoP proof of a request for tokens (RFC 9449 §5).

import { type Client, isPublic } from '../../protocol/client.ts';
import { invalidDpopProof } from '../../protocol/errors.ts';
import { DEVICE_CODE } from '../../protocol/names.ts';
import { type Params, readParam } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import { idOfHandle } from '../handle.ts';
import { everyEndpointUrl } from '../paths.ts';
import type { ProofUse } from './problem.ts';
import { presentsProof, readProof, spendProof } from './proof.ts';

/**
 * The thumbprint of the key that a token request proves to hold; undefined when it proves none. Throws
 * `invalid_dpop_proof` also where this client has to prove one and does not.
 */
export async function proveDpopKey(
  request: ProtocolRequest,
  client: Client,
  deps: Deps,
): Promise<string | undefined> {
  const proof = presentsProof(request)
    ? await readProof(request, useOf(request, deps), deps)
    : undefined;
  if (proof === undefined) {
    if (client.dpopBoundAccessTokens) throw invalidDpopProof({ reason: 'dpop_proof_missing' });
    return undefined;
  }
  if (await mayBeAnswered(request.params, client, deps)) await spendProof(proof, deps);
  return proof.jkt;
}

const useOf = ({ method }: ProtocolRequest, { bases }: Pick<Deps, 'bases'>): ProofUse => ({
  method,
  urls: everyEndpointUrl(bases, 'token_endpoint'),
});

/** Grant type → the parameter with what it spends. */
const SPENDS: ReadonlyMap<string | undefined, string> = new Map([
  ['authorization_code', 'code'],
  ['refresh_token', 'refresh_token'],
  [DEVICE_CODE, 'device_code'],
]);

/**
 * Anybody can name a public client and sign proofs with keys made up on the spot. Where there is nothing
 * to spend the grant is going to refuse, and nothing is kept: strangers could fill the store.
 */
async function mayBeAnswered(
  params: Params,
  client: Client,
  { store, now }: Pick<Deps, 'store' | 'now'>,
): Promise<boolean> {
  // By the grant that is asked for: any other handle in the form is not what will be spent.
  const name = SPENDS.get(readParam(params, 'grant_type'));
  if (!isPublic(client) || name === undefined) return true;
  const id = idOfHandle(readParam(params, name) ?? '');
  const found = id === undefined ? undefined : await store.find(id, now());
  return found?.grant.clientId === client.clientId;
}
