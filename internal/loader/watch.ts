// Tells when watched files hold something else than before. Watches their folders, because editors
// and Kubernetes replace files instead of writing into them, and compares contents, because folders
// see much that concerns nobody.

import { createHash } from 'node:crypto';
import path from 'node:path';
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
};

export type Watch = { close(): Promise<void> };

/** Resolves once changes are seen. A file that vanishes is a change too. */
export async function watchFiles(options: WatchOptions): Promise<Watch> {
  const { onChange, onProblem, quietMs = 100, patienceMs = 1000 } = options;
  const files = options.files.map((file) => path.resolve(file));
  const { watch } = await import('chokidar');
  let seen = await digestOf(files);
  let timer: NodeJS.Timeout | undefined;
  let since: number | undefined;
  let isClosed = false;
  let running: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    const now = await digestOf(files);
    if (now === seen || isClosed) return;
    seen = now;
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

  const folders = [...new Set(files.map((file) => path.dirname(file)))];
  const watcher = watch(folders, {
    depth: 0,
    ignoreInitial: true,
    // Every other file of the folder would cost a watch of its own.
    ignored: (name, stats) => stats?.isFile() === true && !files.includes(name),
  });
  watcher.on('all', schedule).on('error', onProblem);
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  // What changed between the first look and now has made no event.
  schedule();

  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await watcher.close();
      await running;
    },
  };
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
