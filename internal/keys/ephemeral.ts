// Keys that die with the process: for `asteroid dev` and for tests, which alone rotate them.

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { SigningAlg } from '../protocol/names.ts';
import { ALGORITHMS } from './algorithms.ts';
import { createForge } from './forge.ts';
import { checkUsed, decideRetirement, decideSuccessor, KeyRefusal, listKeys } from './keeper.ts';
import { createKeyRing } from './keyring.ts';
import { type SigningKey, toSigningKey } from './material.ts';
import type { OpenKeys, Rotation } from './open.ts';
import { createRing, type RingTerms } from './ring.ts';
import { SEALING_SECRET_BYTES, toSealingKey } from './sealing-key.ts';

export type EphemeralTerms = Pick<RingTerms, 'now'> & {
  /** Needed where keys are rotated: without, one that no longer signs is published no more. */
  readonly tokenLifetime?: RingTerms['tokenLifetime'] | undefined;
  /** What the names of the keys begin with. */
  readonly kidPrefix?: string | undefined;
};

/** An ES256 key at once, the others when they are first needed. */
export function createEphemeralKeys(terms: EphemeralTerms): OpenKeys {
  const { now, tokenLifetime = () => 0, kidPrefix } = terms;
  let newest = now();
  // Several rotations may fall into one second, and the last of them counts.
  const clock = () => Math.max(now(), newest);
  const toKey = (privateKey: KeyObject, alg: SigningAlg, activeFrom: number): SigningKey =>
    toSigningKey(privateKey, alg, activeFrom, kidPrefix);
  const generate = async (alg: SigningAlg): Promise<KeyObject> => ALGORITHMS[alg].generate();

  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  // Of its own: whoever rotates what signs has not signed anybody out.
  const sealing = [toSealingKey(randomBytes(SEALING_SECRET_BYTES), newest)];
  const signing = [toKey(p256, 'ES256', newest)];
  const ring = createRing({ signing, sealing }, { now: clock, tokenLifetime });

  async function makeKey(alg: SigningAlg): Promise<void> {
    const made = toKey(await generate(alg), alg, clock());
    ring.replace({ signing: [...ring.keys().signing, made], sealing });
  }

  async function rotate({ overlap, alg }: Rotation): Promise<void> {
    const algs = new Set(alg === undefined ? ring.keys().signing.map((key) => key.alg) : [alg]);
    const made = await Promise.all(
      [...algs].map(async (one) => [await generate(one), one] as const),
    );
    newest = clock() + 1;
    const kept = ring.keys().signing.filter((key) => overlap || !algs.has(key.alg));
    const next = made.map(([privateKey, one]) => toKey(privateKey, one, newest));
    ring.replace({ signing: [...kept, ...next], sealing });
  }

  const list = () => listKeys(ring.keys(), { now: clock, tokenLifetime });

  return {
    ...createKeyRing(ring, makeKey),
    forge: createForge(ring.signer),
    usable: Promise.resolve(),
    reload: async () => {},
    keeper: {
      list,
      // Nobody has a copy of the JWKS that a restart of this process did not outdate anyway.
      async rotateNow(kind) {
        checkUsed(kind, ring.keys());
        if (kind === 'seal') throw new KeyRefusal('unused');
        const { signing: all } = ring.keys();
        for (const one of new Set(all.map(({ alg }) => alg))) {
          if (kind !== undefined && kind !== one) continue;
          const ofOne = all.filter(({ alg }) => alg === one);
          decideSuccessor(ofOne, { now: clock, tokenLifetime }, 0);
        }
        await rotate({ overlap: true, alg: kind });
      },
      async retire(kid) {
        const kinds = [...new Set(list().map((key) => key.kind))];
        decideRetirement(
          kid,
          kinds.map((kind) => ({
            kind,
            schedule: list().flatMap((one) =>
              one.kind === kind
                ? [
                    {
                      key: { id: one.kid, activeFrom: one.activeFrom },
                      state: one.state,
                      until: one.until,
                    },
                  ]
                : [],
            ),
          })),
        );
        ring.replace({ signing: ring.keys().signing.filter(({ id }) => id !== kid), sealing });
      },
    },
    rotate,
    close: async () => {},
  };
}
