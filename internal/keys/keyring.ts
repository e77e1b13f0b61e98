// A `KeyRing` out of a ring of keys: what every source of keys has in common.

import { Unavailable } from '../protocol/errors.ts';
import type { SigningAlg } from '../protocol/names.ts';
import type { KeyRing } from './keys.ts';
import type { Ring } from './ring.ts';
import { seal, unseal } from './seal.ts';
import { createSignJwt } from './sign.ts';
import { createVerifyJwt } from './verify.ts';

/**
 * `@param makeKey` puts a first key for this algorithm into the ring, or throws `Unavailable`: keys that
 * no client needs are not made, and one of RSA takes 100 to 300 ms.
 */
export function createKeyRing(ring: Ring, makeKey: (alg: SigningAlg) => Promise<void>): KeyRing {
  const signJwt = createSignJwt();
  const verifyJwt = createVerifyJwt(ring.findSigningKey);
  const making = new Map<SigningAlg, Promise<void>>();

  /** A hundred requests for the first RS256 token make one key. */
  async function makeOnce(alg: SigningAlg) {
    const started = making.get(alg) ?? makeKey(alg).finally(() => making.delete(alg));
    making.set(alg, started);
    await started;
    const key = ring.signer(alg);
    if (key === undefined) throw new Unavailable('keys', `no ${alg} key`);
    return key;
  }

  return {
    async prepare(alg) {
      if (ring.signer(alg) === undefined) await makeOnce(alg);
    },
    async sign(alg, typ, claims) {
      return signJwt(ring.signer(alg) ?? (await makeOnce(alg)), typ, claims);
    },
    async verify(token) {
      return verifyJwt(token);
    },
    publicKeys: ring.published,
    seal(purpose, text) {
      const key = ring.sealer();
      if (key === undefined) throw new Unavailable('keys', 'no sealing key');
      return seal(key, purpose, text);
    },
    unseal: (purpose, sealed) => unseal(ring.findSealingKey, purpose, sealed),
  };
}
