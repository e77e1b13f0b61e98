// What Node compiled is kept for the next start, where Node can (22.8 and later) and where nobody else
// could put code of theirs in its place: beside the program itself, which whoever may write there could
// change anyway. Where that is not possible, as on a read-only file system, nothing is kept.

import { lstatSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

/** Not among the types of the oldest Node that runs this. */
type Caching = { readonly enableCompileCache?: (directory: string) => unknown };

/** Of use only to what is loaded afterwards. */
export function keepCompiled(): void {
  const { enableCompileCache } = module as Caching;
  if (enableCompileCache === undefined) return;
  const directory = fileURLToPath(new URL('.compiled', import.meta.url));
  if (isOurs(directory)) enableCompileCache(directory);
}

/** A directory that nobody but this user and root may write to; made if it is not there. */
function isOurs(directory: string): boolean {
  const user = process.getuid?.();
  if (user === undefined) return false;
  try {
    // Before Node makes it: with whatever umask, others could write to it then.
    mkdirSync(directory, { mode: 0o700 });
  } catch {
    // It is there already, or cannot be.
  }
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory()) return false;
  return (found.uid === user || found.uid === 0) && (found.mode & 0o022) === 0;
}
