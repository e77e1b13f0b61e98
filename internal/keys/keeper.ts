// What an operator may do to the keys of an issuer that runs: look, rotate at once, retire one. What is
// refused is decided here, the same for every place where keys live.

import { SIGNING_ALGS } from '../protocol/names.ts';
import { KEY_KINDS, type KeyKind } from './filename.ts';
import { errnoOf } from './key-config-error.ts';
import type { KeySet, RingTerms } from './ring.ts';
import {
  type Dated,
  decideSchedule,
  type KeyState,
  type Scheduled,
  sortByActivation,
} from './rotation.ts';

export type ListedKey = {
  readonly kid: string;
  readonly kind: KeyKind;
  /** Seconds since 1970. */
  readonly activeFrom: number;
  readonly state: KeyState;
  /** When that ends by itself; undefined while no later key replaces it. */
  readonly until: number | undefined;
};

/** Why something was not done. */
export type KeyRefusalKind = 'unknown' | 'unused' | 'signing' | 'last' | 'many' | 'read_only';

export class KeyRefusal extends Error {
  readonly kind: KeyRefusalKind;

  constructor(kind: KeyRefusalKind) {
    super(`keys: ${kind}`);
    this.name = 'KeyRefusal';
    this.kind = kind;
  }
}

/** All but `list` throw `KeyRefusal`, or `Unavailable` where the place of the keys does not answer. */
export type KeyKeeper = {
  list(): readonly ListedKey[];
  /**
   * Adds a successor to the keys of one kind, or of each kind in use. One next key is enough: asked twice is
   * not asked for two. `@param ahead` seconds until it signs; 0: at once, though copies of the JWKS lack it.
   */
  rotateNow(kind: KeyKind | undefined, ahead: number): Promise<void>;
  /** Whatever it signed counts no longer. */
  retire(kid: string): Promise<void>;
};

type Schedules = readonly {
  readonly kind: KeyKind;
  readonly schedule: readonly Scheduled<Dated>[];
}[];

/** How the keys of one place are changed, in turn and under its lock; decided when that is held, about what is there. */
export type KeyPlace = {
  rotate(due: (keys: readonly Dated[], kind: KeyKind) => number | undefined): Promise<void>;
  retire(kid: string, decide: (schedules: Schedules) => Retired): Promise<void>;
};

type Retired = { readonly kind: KeyKind; readonly activeFrom: number };

/** What is decided is the same wherever keys live. @param ring what this process knows of them. */
export const createKeeper = (
  ring: { readonly keys: () => KeySet },
  terms: RingTerms,
  place: KeyPlace,
): KeyKeeper => ({
  list: () => listKeys(ring.keys(), terms),
  rotateNow: (kind, ahead) =>
    place.rotate((keys, of) => {
      checkUsed(kind, ring.keys());
      return kindsOf(kind).includes(of) ? decideSuccessor(keys, terms, ahead) : undefined;
    }),
  retire: (kid) => place.retire(kid, (schedules) => decideRetirement(kid, schedules)),
});

/** So many keys of one kind are more than any emergency needs: whoever verifies tokens reads all of them. */
const MOST_PUBLISHED = 8;

const PUBLISHED: ReadonlySet<KeyState> = new Set(['next', 'signing', 'published']);

/** When the next key of a kind begins to sign; undefined: it has one. Throws `KeyRefusal`. */
export function decideSuccessor(
  keys: readonly Dated[],
  { now, tokenLifetime }: RingTerms,
  ahead: number,
): number | undefined {
  if (ahead > 0 && keys.some(({ activeFrom }) => activeFrom > now())) return undefined;
  // Those of rotations long past are in no JWKS, and must not be in the way of whoever answers a leak.
  const schedule = decideSchedule(sortByActivation(keys), now(), undefined, tokenLifetime());
  const published = schedule.filter(({ state }) => PUBLISHED.has(state));
  if (published.length >= MOST_PUBLISHED) throw new KeyRefusal('many');
  return now() + ahead;
}

/** Whether this one may go, and which it is. Throws `KeyRefusal`. */
export function decideRetirement(kid: string, schedules: Schedules): Retired {
  for (const { kind, schedule } of schedules) {
    const found = schedule.find(({ key }) => key.id === kid);
    if (found === undefined) continue;
    if (schedule.length === 1) throw new KeyRefusal('last');
    // Without it a key would sign that nobody has published, or that nobody knows any more.
    if (found.state === 'signing') throw new KeyRefusal('signing');
    return { kind, activeFrom: found.key.activeFrom };
  }
  throw new KeyRefusal('unknown');
}

/** Throws `KeyRefusal` for a kind that no key is of. */
export function checkUsed(kind: KeyKind | undefined, keys: KeySet): void {
  const isUsed =
    kind === undefined ||
    (kind === 'seal' ? keys.sealing.length > 0 : keys.signing.some(({ alg }) => alg === kind));
  if (!isUsed) throw new KeyRefusal('unused');
}

/** Every key, by what it is for. */
export function listKeys(
  { signing, sealing }: KeySet,
  { now, tokenLifetime }: RingTerms,
): readonly ListedKey[] {
  const kinds: readonly (readonly [KeyKind, readonly Dated[]])[] = [
    ...SIGNING_ALGS.map((alg) => [alg, signing.filter((key) => key.alg === alg)] as const),
    ['seal', sealing],
  ];
  return kinds.flatMap(([kind, keys]) =>
    decideSchedule(sortByActivation(keys), now(), undefined, tokenLifetime()).map(
      ({ key: { id: kid, activeFrom }, state, until }) => ({ kid, kind, activeFrom, state, until }),
    ),
  );
}

/** The kinds that are meant. */
const kindsOf = (kind: KeyKind | undefined): readonly KeyKind[] =>
  kind === undefined ? KEY_KINDS : [kind];

/** A directory that is mounted read-only is the operator's to change, as a Secret of Kubernetes is. */
export async function asKeyRefusal<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (READ_ONLY.has(errnoOf(error) ?? '')) throw new KeyRefusal('read_only');
    throw error;
  }
}

const READ_ONLY: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);
