// Which key does what at a given time: decisions only, the same for signing and for sealing keys.
// Keys are published on sight, sign from their activation time until the next one's, stay published
// until the longest token made with them has expired, and stay known for `id_token_hint` after that.

import { DAY } from '../protocol/time.ts';

/** Public keys of retired signing keys stay known this long, for `id_token_hint`. */
const KNOWN_FOR = 90 * DAY;

/** Times are seconds since 1970. */
export type Dated = { readonly id: string; readonly activeFrom: number };

export type KeyState = 'next' | 'signing' | 'published' | 'retired' | 'expired';

export type Scheduled<Key extends Dated> = {
  readonly key: Key;
  readonly state: KeyState;
  /** When this state ends by itself; undefined while no later key replaces it. */
  readonly until: number | undefined;
};

/** The same order on every replica, equal times included. */
export const sortByActivation = <Key extends Dated>(keys: readonly Key[]): readonly Key[] =>
  [...keys].sort((a, b) => a.activeFrom - b.activeFrom || (a.id < b.id ? -1 : 1));

/**
 * The key that signs: the last one active at `now`, and never one before `floor`, the activation of
 * the key that signed last. A clock set back would otherwise bring back a key that relying parties
 * have dropped. Before all activations the first key signs: it is published, and a clock that is
 * seconds behind the key's maker must not stop the issuer. `@param keys` sorted by activation.
 */
export function decideSigner<Key extends Dated>(
  keys: readonly Key[],
  now: number,
  floor: number | undefined,
): Key | undefined {
  const limit = Math.max(now, floor ?? now);
  let signer = keys[0];
  for (const key of keys) if (key.activeFrom <= limit) signer = key;
  return signer;
}

/** What every key is for at `now`. `@param keys` of one kind, sorted by activation. */
export function decideSchedule<Key extends Dated>(
  keys: readonly Key[],
  now: number,
  floor: number | undefined,
  tokenLifetime: number,
): readonly Scheduled<Key>[] {
  const signer = decideSigner(keys, now, floor);
  const signing = signer === undefined ? -1 : keys.indexOf(signer);
  return keys.map((key, index): Scheduled<Key> => {
    const stoppedAt = keys[index + 1]?.activeFrom;
    if (index > signing) return { key, state: 'next', until: key.activeFrom };
    if (index === signing || stoppedAt === undefined)
      return { key, state: 'signing', until: stoppedAt };
    const unpublishAt = stoppedAt + tokenLifetime;
    if (now < unpublishAt) return { key, state: 'published', until: unpublishAt };
    const forgetAt = stoppedAt + Math.max(KNOWN_FOR, tokenLifetime);
    return { key, state: now < forgetAt ? 'retired' : 'expired', until: forgetAt };
  });
}

export type RotationTerms = {
  /** Seconds a key signs before the next one takes over. */
  readonly rotateEvery: number;
  /** Seconds a key is published before it signs; at least as long as the JWKS may be cached. */
  readonly publishAhead: number;
};

/**
 * The activation time of the key that has to be written now, or undefined when none is due.
 * `@param keys` of one kind, sorted by activation.
 */
export function decideNextActivation(
  keys: readonly Dated[],
  now: number,
  { rotateEvery, publishAhead }: RotationTerms,
): number | undefined {
  const newest = keys.at(-1);
  if (newest === undefined) return undefined;
  const due = newest.activeFrom + rotateEvery;
  return now < due - publishAhead ? undefined : Math.max(due, now + publishAhead);
}
