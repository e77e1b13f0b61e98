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

/** A fresh one, for the next proof. */
export const nonceHeader = ({ keys, now }: NonceDeps) => ({
  'DPoP-Nonce': keys.seal(PURPOSE, String(now())),
});

/** From when on proofs with this nonce were made, and until when they count; undefined: they do not. */
export function findNonceLife(
  nonce: unknown,
  { keys, now }: NonceDeps,
): { readonly issuedAt: number; readonly until: number } | undefined {
  const sealed = typeof nonce === 'string' ? keys.unseal(PURPOSE, nonce) : undefined;
  if (sealed === undefined) return undefined;
  const at = Number(sealed);
  // Another replica's clock may be ahead of ours.
  if (at > now() + CLOCK_SKEW || now() >= at + LIFETIME) return undefined;
  return { issuedAt: at, until: at + LIFETIME };
}

/** The refusal that hands out the nonce to come again with. */
export const demandNonce = (deps: NonceDeps): OAuthError =>
  useDpopNonce({ reason: 'dpop_nonce_missing', headers: nonceHeader(deps) });

/** With the nonce for the next proof of whoever proved a key, so that nobody has to ask twice each time. */
export function withNextNonce<
  Response extends ProtocolResponse & { readonly kind: 'json' | 'text' },
>(
  response: Response,
  confirmation: Confirmation | undefined,
  deps: NonceDeps & Pick<Deps, 'policy'>,
): Response {
  const isProven = jktOf(confirmation) !== undefined;
  if (!isProven || !deps.policy().dpop.requiresNonce) return response;
  return { ...response, headers: { ...response.headers, ...nonceHeader(deps) } };
}
