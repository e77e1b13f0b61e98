// Keys in the store, which every replica reaches: sealed, because whoever reads or writes the store must
// not sign. The store is where keys outlive processes; what is loaded here outlives what the store loses.

import { setTimeout as pause } from 'node:timers/promises';
import type { SigningAlg } from '../../protocol/names.ts';
import type { KeyShelf } from '../../store/shelf.ts';
import { checkNothingLost, reportChanges } from '../changes.ts';
import type { ReportKeyEvent } from '../events.ts';
import { createKeeper } from '../keeper.ts';
import { createKeyRing } from '../keyring.ts';
import { type Length, secondsOf } from '../length.ts';
import type { OpenKeys } from '../open.ts';
import { createQueue } from '../queue.ts';
import { createRing, type KeySet, type RingTerms } from '../ring.ts';
import { type Dated, decideNextActivation } from '../rotation.ts';
import { insistOn, makeFirst } from './changing.ts';
import type { KeySecrets } from './content-seal.ts';
import { createFailures } from './failures.ts';
import { createLocalCopy } from './local-copy.ts';
import { createLookAgain } from './look-again.ts';
import {
  type Change,
  changeStored,
  findDue,
  retireIf,
  rotateBy,
  type StoredTerms,
  underLease,
} from './stored.ts';

export type StoreKeysOptions = RingTerms & {
  /** Closed with the keys. */
  readonly shelf: KeyShelf;
  /** The issuer identifier. */
  readonly issuer: string;
  /** Those of the moment: a changed file counts without a restart. */
  readonly secrets: () => KeySecrets;
  readonly report: ReportKeyEvent;
  /** Seconds a key is published before it signs: the JWKS cache time, or more. */
  readonly publishAhead: Length;
  /** Seconds that a copy of the JWKS may be kept; as `publishAhead` unless said. */
  readonly cachedFor?: Length | undefined;
  /** Seconds between two rotations; undefined leaves rotation to the operator. */
  readonly rotateEvery?: number | undefined;
  /** Milliseconds between two looks at the store. */
  readonly checkEvery?: number | undefined;
};

/** A look is a short question and a short answer while nothing changes. */
const CHECK_EVERY = 1000;

/** Looks for which an empty store is watched before it is filled: replicas that live look meanwhile. */
const PATIENCE = 3;

const toCachedUntil = ({ now, publishAhead, cachedFor }: StoreKeysOptions): number =>
  now() + secondsOf(cachedFor ?? publishAhead);

/** Resolves also without keys, when they cannot be loaded: then nothing signs, until they can be. */
export async function openStoreKeys(options: StoreKeysOptions): Promise<OpenKeys> {
  const { shelf, now, publishAhead, rotateEvery, checkEvery = CHECK_EVERY } = options;
  const failures = createFailures(options.report);
  const ring = createRing({ signing: [], sealing: [] }, options);
  const isEmpty = () => ring.keys().signing.length === 0;
  const inTurn = createQueue();
  const usable = createSignal();

  const terms = (): StoredTerms => ({
    ...{ shelf, issuer: options.issuer, secrets: options.secrets(), report: options.report },
    ...{ now: now(), tokenLifetime: options.tokenLifetime() },
  });
  function adopt(keys: KeySet): void {
    checkNothingLost('the store', ring.keys(), keys);
    if (!isEmpty()) reportChanges(ring.keys(), keys, toCachedUntil(options), options.report);
    ring.replace(keys);
  }
  const copy = createLocalCopy({ terms, adopt, patience: PATIENCE * checkEvery });

  /** Whether it is worth waiting for a first set of keys; never throws. */
  async function load(): Promise<boolean> {
    try {
      const outcome = await copy.sync();
      if (outcome === 'done') failures.loaded();
      if (!isEmpty()) usable.give();
      return outcome === 'waiting';
    } catch (error) {
      failures.report(isEmpty() ? 'keys.not_loaded' : 'keys.reload_failed', error);
      return false;
    }
  }
  async function rotate(): Promise<void> {
    if (rotateEvery === undefined) return;
    const due = (keys: readonly Dated[]) =>
      decideNextActivation(keys, now(), { rotateEvery, publishAhead: secondsOf(publishAhead) });
    const found = findDue(copy.content(), due, terms());
    if (found.due.length === 0 && found.expired.length === 0) return;
    try {
      await underLease(shelf, () => changeStored(terms(), rotateBy(due, terms())));
      failures.rotated();
    } catch (error) {
      failures.report('keys.rotation_failed', error);
    }
    await load();
  }
  const makeKey = (alg: SigningAlg) =>
    makeFirst(alg, { ...{ terms, isEmpty, load }, isThere: () => ring.signer(alg) !== undefined });
  const changeNow = (toChange: () => Change) =>
    inTurn(async () => {
      await insistOn(toChange, terms);
      await load();
    });

  const look = () => inTurn(async () => void (await load()));
  while (await inTurn(load)) await pause(checkEvery / 4);
  const stopChecking = repeat(
    () => inTurn(() => load().then(rotate)),
    () => (isEmpty() ? checkEvery / 4 : checkEvery),
  );
  return {
    ...createKeyRing(
      ring,
      (alg) => (isEmpty() ? makeKey(alg) : inTurn(() => makeKey(alg))),
      createLookAgain(look, checkEvery / 4),
    ),
    usable: usable.given,
    reload: look,
    keeper: createKeeper(ring, options, {
      rotate: (due) => changeNow(() => rotateBy(due, terms())),
      retire: (kid, decide) => changeNow(() => retireIf(kid, decide, terms())),
    }),
    async close() {
      stopChecking();
      await inTurn(async () => {});
      await shelf.close();
    },
  };
}

function createSignal() {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}

/** `@param milliseconds` asked before each. */
function repeat(work: () => Promise<void>, milliseconds: () => number): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout;
  const next = () => {
    timer = setTimeout(
      () => void work().then(() => (isStopped ? undefined : next())),
      milliseconds(),
    );
    timer.unref();
  };
  next();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
