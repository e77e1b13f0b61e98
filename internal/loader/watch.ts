// Tells when watched files hold something else than before. Watches their folders, because editors
// and Kubernetes replace files instead of writing into them, and compares contents, because folders
// see much that concerns nobody.

import { createHash } from 'node:crypto';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { FSWatcher } from 'chokidar';
import { readBytes } from './read.ts';

export type WatchOptions = {
  readonly files: readonly string[];
  /** Called after each change, once things are quiet; what it throws goes to `onProblem`. */
  readonly onChange: () => void | Promise<void>;
  readonly onProblem: (error: unknown) => void;
  /** Milliseconds without a further event. */
  readonly quietMs?: number;
  /** Milliseconds after which a file that never comes to rest is looked at all the same. */
  readonly patienceMs?: number;
  /** Milliseconds between two looks that no event asked for. */
  readonly lookEveryMs?: number;
};

export type Watch = {
  /**
   * From here on these files and no others. Resolves, once their changes are seen, to whether they are
   * others than before: then what changed meanwhile has made no event, and only a reading finds it.
   */
  follow(files: readonly string[]): Promise<boolean>;
  /**
   * Before a reading that no change asked for: what files hold by then counts as seen, so that to hold
   * again what they held before is a change.
   */
  mark(): Promise<void>;
  /** Whether the files hold what they held when they were marked, or when they were named. */
  isAsMarked(): Promise<boolean>;
  close(): Promise<void>;
};

/** Resolves once changes are seen. A file that vanishes is a change too. */
export async function watchFiles(options: WatchOptions): Promise<Watch> {
  const { onChange, onProblem, quietMs = 100, patienceMs = 1000 } = options;
  const { lookEveryMs = 10_000 } = options;
  let files = toPaths(options.files);
  let seen = await digestOf(files);
  let timer: NodeJS.Timeout | undefined;
  let since: number | undefined;
  let isClosed = false;
  let running: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    const watched = files;
    const found = await digestOf(watched);
    if (found === seen || isClosed || watched !== files) return;
    seen = found;
    await onChange();
  }

  function schedule(): void {
    if (isClosed) return;
    const now = performance.now();
    since ??= now;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        since = undefined;
        // One after the other, so that an older content never overtakes a newer one.
        running = running.then(look).catch(onProblem);
      },
      Math.max(0, Math.min(quietMs, since + patienceMs - now)),
    );
  }

  let folders = await watchFolders(files, schedule, onProblem);
  // What changed between the first look and now has made no event.
  schedule();
  // Nor does what changes on a network volume, or behind two symbolic links.
  const looking = setInterval(schedule, lookEveryMs);
  looking.unref();

  return {
    async follow(next) {
      const wanted = toPaths(next);
      if (isClosed || isDeepStrictEqual(wanted, files)) return false;
      const before = folders;
      folders = await watchFolders(wanted, schedule, onProblem);
      seen = await digestOf(wanted);
      files = wanted;
      await before.close();
      if (isClosed) await folders.close();
      return true;
    },
    async mark() {
      seen = await digestOf(files);
    },
    isAsMarked: async () => (await digestOf(files)) === seen,
    async close() {
      isClosed = true;
      clearInterval(looking);
      clearTimeout(timer);
      await folders.close();
      await running;
    },
  };
}

/** In one order, so that lists of the same files are the same. */
const toPaths = (files: readonly string[]): readonly string[] =>
  [...new Set(files.map((file) => path.resolve(file)))].sort();

async function watchFolders(
  files: readonly string[],
  onEvent: () => void,
  onProblem: WatchOptions['onProblem'],
): Promise<FSWatcher> {
  const { watch } = await import('chokidar');
  const watcher = watch([...new Set(files.map((file) => path.dirname(file)))], {
    depth: 0,
    ignoreInitial: true,
    // Every other file of the folder would cost a watch of its own.
    ignored: (name, stats) => stats?.isFile() === true && !files.includes(name),
  });
  watcher.on('all', onEvent).on('error', onProblem);
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return watcher;
}

async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const read = await readBytes(file);
    hash.update(read.ok ? createHash('sha256').update(read.bytes).digest('hex') : read.problem);
    hash.update('\n');
  }
  return hash.digest('hex');
}
