// DPoP (RFC 9449): what the issuer asks of proofs, and what a client says about itself.

import * as z from 'zod';
import type { DpopMetadata } from '../../protocol/client-dpop.ts';
import { MINUTE } from '../../protocol/time.ts';
import { duration } from '../duration.ts';
import { section } from '../fields.ts';

export const dpop = () =>
  section({
    nonce: z.enum(['never', 'required']).default('never').meta({
      description:
        'required: proofs have to contain a nonce of ours, and clocks of clients no longer matter',
    }),
    proof_lifetime: duration({ min: 10, max: 10 * MINUTE })
      .prefault('60s')
      .meta({ description: 'How long after its iat a proof without a nonce counts' }),
  });

/** Keys of a client's metadata. */
export const clientDpop = {
  dpop_bound_access_tokens: z.boolean().default(false).meta({
    description: 'It gets tokens only with a proof of its key, and bound to that (RFC 9449)',
  }),
};

/** From the names of the file to those of the domain. */
export const toDpopMetadata = (given: {
  readonly dpop_bound_access_tokens: boolean;
}): DpopMetadata => ({ dpopBoundAccessTokens: given.dpop_bound_access_tokens });
