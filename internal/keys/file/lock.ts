// One writer at a time in a directory that several processes, perhaps on several machines, share.
// The lock is a file that only one of them can create. Clocks and process ids mean nothing across
// machines, so a lock counts as left behind when it has not changed while somebody watched it.

import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../key-config-error.ts';

const LOCK = '.lock';
const STEAL = '.lock.steal';

export type LockTiming = {
  /** Milliseconds without a change after which a lock is taken from its holder. */
  readonly staleAfter: number;
  /** Milliseconds between two looks. */
  readonly retryEvery: number;
};

/** Work under the lock is a handful of small files and at most one RSA key. */
const TIMING: LockTiming = { staleAfter: 10_000, retryEvery: 20 };

/** Runs `work` alone; rejects with EACCES or EROFS where the directory cannot be written to. */
export async function withDirectoryLock<Result>(
  dir: string,
  work: () => Promise<Result>,
  timing: LockTiming = TIMING,
): Promise<Result> {
  const path = join(dir, LOCK);
  const token = randomUUID();
  await acquire(dir, token, timing);
  try {
    return await work();
  } finally {
    // Whoever took it over after a long pause of ours keeps it.
    if ((await readLock(path)) === token) await unlink(path);
  }
}

async function acquire(dir: string, token: string, timing: LockTiming): Promise<void> {
  const path = join(dir, LOCK);
  const giveUpAt = performance.now() + 3 * timing.staleAfter;
  let seen: string | undefined;
  let seenAt = performance.now();
  while (!(await tryCreate(path, token))) {
    const holder = await readLock(path);
    const time = performance.now();
    if (holder !== seen) [seen, seenAt] = [holder, time];
    else if (seen !== undefined && time - seenAt > timing.staleAfter) steal(dir, seen);
    if (time > giveUpAt) throw new Error(`${path} is held by another process`);
    await sleep(timing.retryEvery);
  }
}

async function tryCreate(path: string, token: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(token);
    } catch (error) {
      await unlink(path);
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Two processes that both found the lock stale could each remove a lock, the second one a live one:
 * so removing is done under a lock of its own, in one go without waiting for anything.
 */
function steal(dir: string, expected: string): void {
  try {
    closeSync(openSync(join(dir, STEAL), 'wx', 0o600));
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    throw error;
  }
  try {
    if (readFileSync(join(dir, LOCK), 'utf8') === expected) unlinkSync(join(dir, LOCK));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  } finally {
    unlinkSync(join(dir, STEAL));
  }
}
