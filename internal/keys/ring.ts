// The keys by what they are for right now. Holds no file and no timer: sources hand it whole sets of
// keys, and it answers who signs, what is published and what still verifies, by the injected clock.

import { SIGNING_ALGS, type SigningAlg } from '../protocol/names.ts';
import type { Clock } from '../protocol/time.ts';
import type { KeyKind } from './filename.ts';
import type { PublicJwk } from './keys.ts';
import type { SigningKey } from './material.ts';
import {
  type Dated,
  decideSchedule,
  decideSigner,
  type KeyState,
  type Scheduled,
  sortByActivation,
} from './rotation.ts';
import type { SealingKey } from './sealing-key.ts';

export type KeySet = {
  readonly signing: readonly SigningKey[];
  /** May be empty: sealing keys are then derived from the signing keys. */
  readonly sealing: readonly SealingKey[];
};

export type RingTerms = {
  readonly now: Clock;
  /** Seconds the longest-lived token lives; asked on every call, so it has to be cheap. */
  readonly tokenLifetime: () => number;
};

export type Ring = {
  /** The key that signs now; undefined while there is none for this algorithm. */
  signer(alg: SigningAlg): SigningKey | undefined;
  /** A key whose signatures still count: next, signing, published or retired. */
  findSigningKey(kid: string): SigningKey | undefined;
  /** The same array until what is published changes. */
  published(): readonly PublicJwk[];
  /** Of every algorithm that has a key; those that do not count any more are left out. */
  schedule(): readonly Scheduled<SigningKey>[];
  sealer(): SealingKey | undefined;
  findSealingKey(id: string): SealingKey | undefined;
  /** Keys that were there before stay the same objects, and what was signed last keeps signing. */
  replace(keys: KeySet): void;
  keys(): KeySet;
};

export function createRing(initial: KeySet, { now, tokenLifetime }: RingTerms): Ring {
  let set = initial;
  let sorted = sortSet(initial);
  let published: readonly PublicJwk[] = [];
  const floors = new Map<KeyKind, number>();

  function pick<Key extends Dated>(kind: KeyKind, keys: readonly Key[]): Key | undefined {
    const key = decideSigner(keys, now(), floors.get(kind));
    if (key !== undefined) floors.set(kind, key.activeFrom);
    return key;
  }
  const signer = (alg: SigningAlg) => pick(alg, sorted[alg]);
  function schedule(alg: SigningAlg): readonly Scheduled<SigningKey>[] {
    signer(alg);
    return decideSchedule(sorted[alg], now(), floors.get(alg), tokenLifetime());
  }

  return {
    signer,
    findSigningKey(kid) {
      const key = set.signing.find(({ id }) => id === kid);
      const found = key && schedule(key.alg).find((one) => one.key === key);
      return found === undefined || found.state === 'expired' ? undefined : found.key;
    },
    published() {
      const current = SIGNING_ALGS.flatMap((alg) => toPublished(schedule(alg)));
      if (!isSameList(current, published)) published = current;
      return published;
    },
    schedule: () =>
      SIGNING_ALGS.flatMap((alg) => schedule(alg)).filter(({ state }) => state !== 'expired'),
    sealer: () => pick('seal', sorted.seal) ?? signer('ES256')?.sealing,
    findSealingKey: (id) =>
      set.sealing.find((key) => key.id === id) ??
      set.signing.find(({ sealing }) => sealing.id === id)?.sealing,
    replace(keys) {
      const known = new Map(set.signing.map((key) => [nameOf(key), key]));
      const signing = keys.signing.map((key) => known.get(nameOf(key)) ?? key);
      set = { ...keys, signing };
      sorted = sortSet(set);
    },
    keys: () => set,
  };
}

const nameOf = ({ id, activeFrom }: Dated): string => `${activeFrom} ${id}`;

type Sorted = { readonly [Alg in SigningAlg]: readonly SigningKey[] } & {
  readonly seal: readonly SealingKey[];
};

function sortSet({ signing, sealing }: KeySet): Sorted {
  const ofAlg = (alg: SigningAlg) => sortByActivation(signing.filter((key) => key.alg === alg));
  return {
    ES256: ofAlg('ES256'),
    RS256: ofAlg('RS256'),
    PS256: ofAlg('PS256'),
    EdDSA: ofAlg('EdDSA'),
    ES384: ofAlg('ES384'),
    ES512: ofAlg('ES512'),
    seal: sortByActivation(sealing),
  };
}

/** The signing key first: relying parties that ignore `kid` take the first that fits. */
function toPublished(schedule: readonly Scheduled<SigningKey>[]): PublicJwk[] {
  const inState = (...states: readonly KeyState[]) =>
    schedule.filter(({ state }) => states.includes(state)).map(({ key }) => key.publicJwk);
  return [...inState('signing'), ...inState('next', 'published')];
}

const isSameList = <Item>(a: readonly Item[], b: readonly Item[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
