// Keys in a directory, which replicas may share: files named by the time they begin to sign from.
// The directory is the truth; this process holds the last sound state of it.

import { Unavailable } from '../../protocol/errors.ts';
import type { SigningAlg } from '../../protocol/names.ts';
import { checkNothingLost, reportChanges } from '../changes.ts';
import type { ReportKeyEvent } from '../events.ts';
import { asKeyRefusal, createKeeper } from '../keeper.ts';
import { KeyConfigError, reasonOf } from '../key-config-error.ts';
import { createKeyRing } from '../keyring.ts';
import { type Length, secondsOf } from '../length.ts';
import type { OpenKeys } from '../open.ts';
import { createQueue } from '../queue.ts';
import { createRing, type KeySet, type RingTerms } from '../ring.ts';
import { type Dated, decideNextActivation } from '../rotation.ts';
import { readKeyDirectory } from './directory.ts';
import { watchDirectory } from './watch.ts';
import {
  type DirectoryTerms,
  fillDirectory,
  makeKeyDirectory,
  retireFromDirectory,
  rotateDirectory,
} from './write.ts';

export type FileKeysOptions = RingTerms & {
  readonly dir: string;
  readonly report: ReportKeyEvent;
  /** Seconds a key is published before it signs: the JWKS cache time, or more. */
  readonly publishAhead: Length;
  /** Seconds that a copy of the JWKS may be kept; as `publishAhead` unless said. */
  readonly cachedFor?: Length | undefined;
  /** Seconds between two rotations; undefined leaves rotation to the operator. */
  readonly rotateEvery?: number | undefined;
  /** Whether to reload when the directory changes. */
  readonly watch?: boolean | undefined;
};

/** Seconds; on a network volume nothing but this look tells of another replica's new key. */
const MAX_CHECK_INTERVAL = 60;

/** Throws `KeyConfigError` unless there is a usable ES256 key, or one can be written. */
export async function openFileKeys(options: FileKeysOptions): Promise<OpenKeys> {
  const { dir, now, tokenLifetime, publishAhead, rotateEvery } = options;
  const { cachedFor = publishAhead } = options;
  const report = reportExposureOnce(options.report);
  const terms = (): DirectoryTerms => ({ now: now(), tokenLifetime: tokenLifetime(), report });
  const ring = createRing(await readOrFill(dir, terms()), options);
  const inTurn = createQueue();

  async function load(): Promise<void> {
    try {
      const keys = await readKeyDirectory(dir, report);
      checkNothingLost(dir, ring.keys(), keys);
      reportChanges(ring.keys(), keys, now() + secondsOf(cachedFor), report);
      ring.replace(keys);
    } catch (error) {
      report({ type: 'keys.reload_failed', error: toError(error) });
    }
  }
  async function makeKey(alg: SigningAlg): Promise<void> {
    try {
      await fillDirectory(dir, [alg], terms());
    } catch (error) {
      throw new Unavailable(
        'keys',
        `${dir}: writing the first ${alg} key (${reasonOf(error)})`,
        error,
      );
    }
    await load();
  }
  async function rotate(every: number): Promise<void> {
    const due = (keys: readonly Dated[]) =>
      decideNextActivation(keys, now(), {
        rotateEvery: every,
        publishAhead: secondsOf(publishAhead),
      });
    try {
      await rotateDirectory(dir, terms(), due);
    } catch (error) {
      report({ type: 'keys.rotation_failed', error: toError(error) });
    }
    await load();
  }

  const reload = () => inTurn(load);
  const changeNow = (change: () => Promise<void>) =>
    inTurn(async () => {
      await asKeyRefusal(async () => change());
      await load();
    });
  const stopWatching = options.watch ? watchDirectory(dir, reload, report) : async () => {};
  const stopRotating =
    rotateEvery === undefined
      ? () => {}
      : repeat(
          () => inTurn(() => rotate(rotateEvery)),
          Math.min(secondsOf(publishAhead), rotateEvery) / 4,
        );
  return {
    ...createKeyRing(ring, (alg) => inTurn(() => makeKey(alg))),
    usable: Promise.resolve(),
    reload,
    keeper: createKeeper(ring, options, {
      rotate: (due) => changeNow(() => rotateDirectory(dir, terms(), due)),
      retire: (_kid, decide) => changeNow(() => retireFromDirectory(dir, terms(), decide)),
    }),
    async close() {
      stopRotating();
      await stopWatching();
      await inTurn(async () => {});
    },
  };
}

/** The keys of a directory, with what a first start needs written into it. */
async function readOrFill(dir: string, terms: DirectoryTerms): Promise<KeySet> {
  await makeKeyDirectory(dir);
  const found = await readKeyDirectory(dir, terms.report);
  if (isComplete(found)) return found;
  try {
    await fillDirectory(dir, ['ES256', 'seal'], terms);
  } catch (error) {
    if (error instanceof KeyConfigError) throw error;
    if (found.signing.some(({ alg }) => alg === 'ES256')) {
      terms.report({ type: 'keys.not_writable', error: toError(error) });
      return found;
    }
    throw new KeyConfigError(
      `${dir}: holds no ES256 key and none can be written (${reasonOf(error)}); make it writable, ` +
        'or put a key made with `asteroid keys generate` into it',
    );
  }
  return readKeyDirectory(dir, terms.report);
}

const isComplete = ({ signing, sealing }: KeySet): boolean =>
  signing.some(({ alg }) => alg === 'ES256') && sealing.length > 0;

/** Reading the directory again is no reason to say the same again. */
function reportExposureOnce(report: ReportKeyEvent): ReportKeyEvent {
  const said = new Set<string>();
  return (event) => {
    if (event.type === 'key.exposed') {
      const exposure = `${event.mode} ${event.file}`;
      if (said.has(exposure)) return;
      said.add(exposure);
    }
    report(event);
  };
}

function repeat(work: () => Promise<void>, seconds: number): () => void {
  const timer = setInterval(work, Math.min(seconds, MAX_CHECK_INTERVAL) * 1000);
  timer.unref();
  return () => clearInterval(timer);
}

const toError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
