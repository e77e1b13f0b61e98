// Nonces (RFC 9449 §8): a proof that contains one was made after we handed it out, whatever the clock of
// its maker says. A sealed time, so that nothing is kept, and every replica knows those of the others.

import { type Confirmation, jktOf } from '../../protocol/confirmation.ts';
import { type OAuthError, useDpopNonce } from '../../protocol/errors.ts';
import { MINUTE } from '../../protocol/time.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolResponse } from '../endpoint.ts';
import { CLOCK_SKEW } from './problem.ts';

type NonceDeps = Pick<Deps, 'keys' | 'now'>;

const PURPOSE = 'dpop nonce';
const LIFETIME = 5 * MINUTE;

const nonceHeader = ({ keys, now }: NonceDeps) => ({
  'DPoP-Nonce': keys.seal(PURPOSE, String(now())),
});

/** Until when proofs with this nonce count; undefined: they do not. */
export function findNonceEnd(nonce: unknown, { keys, now }: NonceDeps): number | undefined {
  const sealed = typeof nonce === 'string' ? keys.unseal(PURPOSE, nonce) : undefined;
  if (sealed === undefined) return undefined;
  const at = Number(sealed);
  // Another replica's clock may be ahead of ours.
  return at <= now() + CLOCK_SKEW && now() < at + LIFETIME ? at + LIFETIME : undefined;
}

/** The refusal that hands out the nonce to come again with. */
export const demandNonce = (deps: NonceDeps): OAuthError =>
  useDpopNonce({ reason: 'dpop_nonce_missing', headers: nonceHeader(deps) });

/** With the nonce for the next proof of whoever proved a key, so that nobody has to ask twice each time. */
export function withNextNonce<
  Response extends ProtocolResponse & { readonly kind: 'json' | 'jwt' },
>(
  response: Response,
  confirmation: Confirmation | undefined,
  deps: NonceDeps & Pick<Deps, 'policy'>,
): Response {
  const isProven = jktOf(confirmation) !== undefined;
  if (!isProven || !deps.policy().dpop.requiresNonce) return response;
  return { ...response, headers: { ...response.headers, ...nonceHeader(deps) } };
}
