// Keys that die with the process: for `asteroid dev` and for tests.

import { generateKeyPairSync } from 'node:crypto';
import type { SigningAlg } from '../protocol/names.ts';
import type { Clock } from '../protocol/time.ts';
import { ALGORITHMS } from './algorithms.ts';
import { createForge } from './forge.ts';
import { createKeyRing } from './keyring.ts';
import { toSigningKey } from './material.ts';
import type { OpenKeys } from './open.ts';
import { createRing } from './ring.ts';

/** An ES256 key at once, the others when they are first needed; never rotated. */
export function createEphemeralKeys({ now }: { readonly now: Clock }): OpenKeys {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const es256 = toSigningKey(p256, 'ES256', now());
  // No key ever stops signing, so that no lifetime decides how long it stays published.
  const ring = createRing({ signing: [es256], sealing: [] }, { now, tokenLifetime: () => 0 });
  async function makeKey(alg: SigningAlg): Promise<void> {
    const key = toSigningKey(await ALGORITHMS[alg].generate(), alg, now());
    const { signing, sealing } = ring.keys();
    ring.replace({ signing: [...signing, key], sealing });
  }
  return {
    ...createKeyRing(ring, makeKey),
    forge: createForge(ring.signer),
    usable: Promise.resolve(),
    reload: async () => {},
    close: async () => {},
  };
}
