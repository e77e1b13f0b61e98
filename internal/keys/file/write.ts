// Puts keys into a directory and takes them out, one process at a time. A key signs only after it was
// read back from the directory: no signature is ever made by a key that a restart would lose.

import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportKeyEvent } from '../events.ts';
import { KEY_KINDS, type KeyFileName, type KeyKind, toKeyFileName } from '../filename.ts';
import { generateKeyFile } from '../generate.ts';
import { errnoOf, KeyConfigError } from '../key-config-error.ts';
import type { KeySet } from '../ring.ts';
import { type Dated, decideSchedule, type Scheduled, sortByActivation } from '../rotation.ts';
import { readKeyDirectory } from './directory.ts';
import { withDirectoryLock } from './lock.ts';

/** Key files never begin with a dot, so that half of one is never read. */
const UNFINISHED = '.new-';

export type DirectoryTerms = {
  /** Seconds since 1970. */
  readonly now: number;
  /** Seconds the longest-lived token lives. */
  readonly tokenLifetime: number;
  readonly report: ReportKeyEvent;
};

/** Every key of one kind and what it is for, in the order in which they sign. */
export function scheduleOf(
  { signing, sealing }: KeySet,
  kind: KeyKind,
  { now, tokenLifetime }: Pick<DirectoryTerms, 'now' | 'tokenLifetime'>,
): readonly Scheduled<Dated>[] {
  const keys: readonly Dated[] = kind === 'seal' ? sealing : signing.filter((k) => k.alg === kind);
  return decideSchedule(sortByActivation(keys), now, undefined, tokenLifetime);
}

/** Makes the last part of the path only: the rest missing is a slip of the pen. */
export async function makeKeyDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    throw new KeyConfigError(`${dir}: the key directory cannot be made (${errnoOf(error)})`);
  }
}

/** Writes a first key of each kind that is missing: of all processes that ask, one does it. */
export async function fillDirectory(
  dir: string,
  kinds: readonly KeyKind[],
  terms: DirectoryTerms,
): Promise<void> {
  await withDirectoryLock(dir, async () => {
    const keys = await readKeyDirectory(dir, terms.report);
    for (const kind of kinds)
      if (scheduleOf(keys, kind, terms).length === 0) await writeKey(dir, kind, terms.now, terms);
  });
}

/** Writes one more key, whatever is there already. */
export async function addKey(
  dir: string,
  kind: KeyKind,
  activeFrom: number,
  terms: DirectoryTerms,
): Promise<void> {
  await withDirectoryLock(dir, async () => {
    await readKeyDirectory(dir, terms.report);
    await writeKey(dir, kind, activeFrom, terms);
  });
}

/**
 * Writes the keys that are due and removes those nobody needs any more, for every kind in use.
 * `@param decideActivation` says when the next key shall begin to sign, or that none is due.
 */
export async function rotateDirectory(
  dir: string,
  terms: DirectoryTerms,
  decideActivation: (keys: readonly Dated[], kind: KeyKind) => number | undefined,
): Promise<void> {
  const findDue = async () => {
    const keys = await readKeyDirectory(dir, terms.report);
    return KEY_KINDS.map((kind) => {
      const schedule = scheduleOf(keys, kind, terms);
      const expired = schedule.flatMap(({ key, state }) => (state === 'expired' ? [key] : []));
      const isUsed = schedule.length > 0;
      const next = isUsed
        ? decideActivation(
            schedule.map(({ key }) => key),
            kind,
          )
        : undefined;
      return { kind, next, expired };
    });
  };
  const due = await findDue();
  if (due.every(({ next, expired }) => next === undefined && expired.length === 0)) return;
  await withDirectoryLock(dir, async () => {
    // Looked at again: another process may have done it while this one waited.
    for (const { kind, next, expired } of await findDue()) {
      if (next !== undefined) await writeKey(dir, kind, next, terms);
      for (const key of expired) await removeKey(dir, toKeyFileName({ ...key, kind }), terms);
    }
  });
}

/** Removes one key. `@param decide` which it is, of those that are there under the lock; throws to keep it. */
export async function retireFromDirectory(
  dir: string,
  terms: DirectoryTerms,
  decide: (
    schedules: readonly {
      readonly kind: KeyKind;
      readonly schedule: readonly Scheduled<Dated>[];
    }[],
  ) => KeyFileName,
): Promise<void> {
  await withDirectoryLock(dir, async () => {
    const keys = await readKeyDirectory(dir, terms.report);
    const schedules = KEY_KINDS.map((kind) => ({ kind, schedule: scheduleOf(keys, kind, terms) }));
    await removeKey(dir, toKeyFileName(decide(schedules)), terms);
    await syncAndClose(await open(dir, 'r'));
  });
}

/** Only under the lock. Whole or not at all: a crash or a full disk leaves no half key behind. */
async function writeKey(
  dir: string,
  kind: KeyKind,
  wantedFrom: number,
  { report }: DirectoryTerms,
): Promise<void> {
  const names = await readdir(dir);
  for (const name of names) if (name.startsWith(UNFINISHED)) await unlink(join(dir, name));
  let activeFrom = wantedFrom;
  while (names.includes(toKeyFileName({ kind, activeFrom }))) activeFrom += 1;
  const content = await generateKeyFile(kind);
  const unfinished = join(dir, `${UNFINISHED}${randomUUID()}`);
  const file = join(dir, toKeyFileName({ kind, activeFrom }));
  try {
    await syncAndClose(await open(unfinished, 'wx', 0o600), content);
    await rename(unfinished, file);
  } catch (error) {
    await unlink(unfinished).catch(() => {});
    throw error;
  }
  await syncAndClose(await open(dir, 'r'));
  report({ type: 'key.created', kind, file, activeFrom });
}

async function removeKey(dir: string, name: string, { report }: DirectoryTerms): Promise<void> {
  await unlink(join(dir, name));
  report({ type: 'key.deleted', file: join(dir, name) });
}

async function syncAndClose(file: FileHandle, content?: string): Promise<void> {
  try {
    if (content !== undefined) await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
