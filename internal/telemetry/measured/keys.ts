// Measures what signatures take, by algorithm.

import type { KeyRing } from '../../keys/keys.ts';
import type { Numbers } from '../numbers.ts';

/** A key that has to be made first counts with the first signature by it. */
export function measureSigning<Keys extends KeyRing>(keys: Keys, numbers: Numbers): Keys {
  const observe = numbers.histogram('signatureDuration');
  const sign: KeyRing['sign'] = async (alg, typ, claims) => {
    const started = performance.now();
    const token = await keys.sign(alg, typ, claims);
    observe((performance.now() - started) / 1000, [alg]);
    return token;
  };
  return { ...keys, sign };
}
