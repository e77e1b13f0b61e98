// At a protected resource: a token that is bound to a key is of use with a proof by that key, and with
// nothing else (RFC 9449 §7).

import { type Confirmation, jktOf } from '../../protocol/confirmation.ts';
import { invalidDpopProof, invalidToken } from '../../protocol/errors.ts';
import type { Presentation } from '../bearer.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import type { ProofUse } from './problem.ts';
import { type ProofDeps, readProof, spendProof } from './proof.ts';

/** What is asked for with a token: for a request that we are asked about, that one’s. */
export type ResourceUse = Pick<ProofUse, 'method' | 'urls'>;

/**
 * Throws `invalid_token` where token and scheme do not belong together: a bound token that worked as a
 * bearer token would be one for whoever stole it (§7.2). Throws also what a bad proof deserves.
 */
export function checkPossession(
  presented: Presentation,
  confirmation: Confirmation | undefined,
  request: ProtocolRequest,
  use: ResourceUse,
  deps: ProofDeps & Pick<Deps, 'store'>,
): void | Promise<void> {
  const jkt = jktOf(confirmation);
  if (presented.scheme === 'Bearer') {
    if (jkt !== undefined) throw invalidToken({ reason: 'dpop_scheme_missing' });
    return;
  }
  if (jkt === undefined) throw invalidToken({ reason: 'token_not_bound' });
  const { method, urls } = use;
  return provePossession(jkt, request, { method, urls, accessToken: presented.token }, deps);
}

async function provePossession(
  jkt: string,
  request: ProtocolRequest,
  use: ProofUse,
  deps: ProofDeps & Pick<Deps, 'store'>,
): Promise<void> {
  const proof = await readProof(request, use, deps);
  if (proof === undefined) throw invalidDpopProof({ reason: 'dpop_proof_missing' });
  if (proof.jkt !== jkt) throw invalidToken({ reason: 'jkt_mismatch' });
  await spendProof(proof, deps);
}
