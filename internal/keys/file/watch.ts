// Tells that a key directory changed. The directory is watched rather than its files: Kubernetes
// swaps a symbolic link above them, and a watch on a file would see the first swap only.

import path from 'node:path';
import type { FSWatcher } from 'chokidar';
import type { ReportKeyEvent } from '../events.ts';

/** Changes come in groups: a key is written in three steps, a Secret is swapped in five. */
const SETTLE_MS = 100;

/** Calls `changed` after every change and once when it begins to watch; returns how to stop. */
export function watchDirectory(
  dir: string,
  changed: () => void,
  report: ReportKeyEvent,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const settle = () => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(changed, SETTLE_MS);
  };
  const fail = (error: unknown) =>
    report({ type: 'keys.watch_failed', error: error instanceof Error ? error : new Error('') });
  const started = startWatching(dir).then(
    (watcher) => watcher.on('all', settle).on('ready', settle).on('error', fail),
    fail,
  );
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await (await started)?.close();
  };
}

/** Loaded after start: nobody waits for the watcher, and not everybody wants one. */
async function startWatching(dir: string): Promise<FSWatcher> {
  const { watch } = await import('chokidar');
  // Our own lock and unfinished files would tell us of ourselves; `..data` is how Secrets change.
  const ignored = (file: string) => /[/\\]\.(lock|new-)[^/\\]*$/.test(file);
  const watcher = watch(dir, { ignoreInitial: true, depth: 0, ignored });
  // A directory that is lost and put back is another one: without this, nobody would see its next key.
  const again = (changed: string) => {
    if (path.resolve(changed) === path.resolve(dir)) watcher.add(dir);
  };
  return watcher.on('unlinkDir', again).on('addDir', again);
}
