// Changes of the keys in the store that somebody waits for: made by whoever holds the lease, so that whoever
// does not waits a moment, and looks.

import { setTimeout as pause } from 'node:timers/promises';
import { Unavailable } from '../../protocol/errors.ts';
import type { SigningAlg } from '../../protocol/names.ts';
import { reasonOf } from '../key-config-error.ts';
import { type Change, changeStored, fillWith, type StoredTerms, underLease } from './stored.ts';

/** A replica that died with the lease is waited for; an RSA key is made in less. */
const MAKING_MS = 8000;
const RETRY_MS = 50;

const NOTHING_LOADED = 'none could be loaded from the store yet';

/** Throws `Unavailable` when the lease is not to be had. @param toChange what it is, as things are by then. */
export async function insistOn(toChange: () => Change, terms: () => StoredTerms): Promise<void> {
  const giveUpAt = performance.now() + MAKING_MS;
  while ((await underLease(terms().shelf, () => changeStored(terms(), toChange()))) === undefined) {
    if (performance.now() > giveUpAt) throw new Unavailable('keys', 'the lease is held elsewhere');
    await pause(RETRY_MS);
  }
}

type FirstTerms = {
  readonly terms: () => StoredTerms;
  /** This replica has no keys at all yet. */
  readonly isEmpty: () => boolean;
  readonly load: () => Promise<unknown>;
  readonly isThere: () => boolean;
};

/** One replica makes a first key, and the others load it. Throws `Unavailable`. */
export async function makeFirst(
  alg: SigningAlg,
  { terms, isEmpty, load, isThere }: FirstTerms,
): Promise<void> {
  const giveUpAt = performance.now() + MAKING_MS;
  for (;;) {
    if (isEmpty()) throw new Unavailable('keys', NOTHING_LOADED);
    await load();
    if (isThere()) return;
    if (performance.now() > giveUpAt)
      throw new Unavailable('keys', `the first ${alg} key is being made elsewhere`);
    await writeFirst(alg, terms());
  }
}

async function writeFirst(alg: SigningAlg, terms: StoredTerms): Promise<void> {
  try {
    const made = await underLease(terms.shelf, () =>
      changeStored(terms, fillWith([alg], terms.now)),
    );
    if (made === undefined) await pause(RETRY_MS);
  } catch (error) {
    const reason = reasonOf(error);
    throw new Unavailable('keys', `the store: writing the first ${alg} key (${reason})`, error);
  }
}
