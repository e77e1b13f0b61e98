// A value read from a file, again whenever the file has changed. Looks by itself instead of being
// told: file events get lost on network and container file systems, and a lost one would let a
// deleted End-User go on signing in.

import { stat } from 'node:fs/promises';
import type { Awaitable } from '../protocol/awaitable.ts';
import type { Unavailable } from '../protocol/errors.ts';
import type { Clock } from '../protocol/time.ts';
import { FileUnavailable } from './source-error.ts';

export type FreshFileOptions<Value> = {
  readonly file: string;
  readonly load: () => Promise<Value>;
  readonly now: Clock;
  /** Hears of a change that could not be read, once for each state of the file. */
  readonly onProblem: (problem: Unavailable) => void;
};

/** Seconds until a file that could not be read, and has not changed since, is read again. */
const RETRY_FIRST = 1;
const RETRY_KEPT = 10;

export type FreshFile<Value> = {
  /** At once where it was looked at within the second; rejects while the file could never be read. */
  read(): Awaitable<Value>;
  /** Whether there is a value to fall back to, so that `read` cannot fail. */
  isLoaded(): boolean;
};

/**
 * Looks at the file at most once a second, and only when asked. A file that cannot be read leaves
 * the value of before in force.
 */
export function createFreshFile<Value>(options: FreshFileOptions<Value>): FreshFile<Value> {
  const { file, load, now, onProblem } = options;
  let kept: { readonly print: string; readonly value: Value } | undefined;
  let failure: Failure | undefined;
  let checkedAt: number | undefined;
  let checking: Promise<Value> | undefined;

  async function check(): Promise<Value> {
    checkedAt = now();
    const print = await printOf(file);
    if (kept?.print === print) {
      failure = undefined;
      return kept.value;
    }
    if (failure?.print === print && isRecent(failure)) return keptOrThrow(failure.problem);
    return reload(print);
  }

  async function reload(print: string): Promise<Value> {
    try {
      const value = await load();
      // Half of a file that is just being written may well be a file with half of the End-Users.
      if ((await printOf(file)) !== print) throw new Error(`${file}: changed while it was read`);
      kept = { print, value };
      failure = undefined;
      return value;
    } catch (error) {
      const problem = new FileUnavailable('userinfo', 'read the users file', error);
      if (kept !== undefined && failure?.print !== print) onProblem(problem);
      failure = { print, at: now(), problem };
      return keptOrThrow(problem);
    }
  }

  function isRecent({ at }: Failure): boolean {
    const age = now() - at;
    return age >= 0 && age < (kept === undefined ? RETRY_FIRST : RETRY_KEPT);
  }

  function keptOrThrow(problem: Unavailable): Value {
    if (kept === undefined) throw problem;
    return kept.value;
  }

  return {
    isLoaded: () => kept !== undefined,
    read: () => {
      if (kept !== undefined && checking === undefined && now() === checkedAt) return kept.value;
      checking ??= check().finally(() => {
        checking = undefined;
      });
      return checking;
    },
  };
}

type Failure = { readonly print: string; readonly at: number; readonly problem: Unavailable };

/**
 * Differs whenever the file may have changed. `stat` follows links, so that the swapped directory
 * link of a Kubernetes ConfigMap shows as another inode; ctime shows what a copy with preserved
 * times would hide.
 */
async function printOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch {
    // Why it cannot be read is for `load` to say.
    return 'unreadable';
  }
}
