// A `KeyRing` out of a ring of keys: what every source of keys has in common.

import { Unavailable } from '../protocol/errors.ts';
import type { SigningAlg } from '../protocol/names.ts';
import type { KeyRing, KeyStates } from './keys.ts';
import type { Ring } from './ring.ts';
import { seal, unseal } from './seal.ts';
import { createSignJwt } from './sign.ts';
import { createVerifyJwt, kidOf } from './verify.ts';

/**
 * `@param makeKey` puts a first key for this algorithm into the ring, or throws `Unavailable`: keys that
 * no client needs are not made, and one of RSA takes 100 to 300 ms. `@param lookAgain` looks for keys
 * made elsewhere, before a token of a key that is not in the ring is refused.
 */
export function createKeyRing(
  ring: Ring,
  makeKey: (alg: SigningAlg) => Promise<void>,
  lookAgain?: () => Promise<void>,
): KeyRing & KeyStates {
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

  /** Without any key it is not known who made something: that is no answer, and not "no". */
  function assertLoaded(operation: string): void {
    if (ring.keys().signing.length === 0) throw new Unavailable('keys', operation);
  }

  return {
    async prepare(alg) {
      if (ring.signer(alg) === undefined) await makeOnce(alg);
    },
    sign(alg, typ, claims) {
      const key = ring.signer(alg);
      return key === undefined
        ? makeOnce(alg).then((made) => signJwt(made, typ, claims))
        : signJwt(key, typ, claims);
    },
    async verify(token) {
      assertLoaded('verify');
      const verified = verifyJwt(token);
      if (verified !== undefined || lookAgain === undefined) return verified;
      const kid = kidOf(token);
      if (kid === undefined || ring.findSigningKey(kid) !== undefined) return undefined;
      await lookAgain();
      return verifyJwt(token);
    },
    publicKeys: ring.published,
    states: () =>
      ring.schedule().map(({ key: { id, alg, activeFrom }, state, until }) => ({
        ...{ kid: id, alg, activeFrom, state, until },
      })),
    seal(purpose, text) {
      const key = ring.sealer();
      if (key === undefined) throw new Unavailable('keys', 'no sealing key');
      return seal(key, purpose, text);
    },
    unseal(purpose, sealed) {
      assertLoaded('unseal');
      return unseal(ring.findSealingKey, purpose, sealed);
    },
  };
}
