// What Node compiled is kept for the next start, where Node can (22.8 and later) and where nobody else
// could put code of theirs in its place: beside the program itself, which whoever may write there could
// change anyway. Where that is not possible, as on a read-only file system, nothing is kept.

import { lstatSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

/** Not among the types of the oldest Node that runs this. */
type Caching = { readonly enableCompileCache?: (directory: string) => unknown };

const COMPILED = '.compiled';

/** Of use only to what is loaded afterwards. @param program its URL; sources are somebody's checkout. */
export function keepCompiled(
  program: string,
  { enableCompileCache }: Caching = module as Caching,
): void {
  if (enableCompileCache === undefined || program.endsWith('.ts')) return;
  const directory = fileURLToPath(new URL(COMPILED, program));
  if (isOurs(directory)) enableCompileCache(directory);
}

/** A directory that nobody but this user and root may write to; made if it is not there. */
function isOurs(directory: string): boolean {
  const user = process.getuid?.();
  if (user === undefined) return false;
  try {
    // Not left to Node: under a loose umask others could write to what it makes.
    mkdirSync(directory, { mode: 0o700 });
  } catch {
    // It is there already, or cannot be.
  }
  try {
    const found = lstatSync(directory);
    const isMine = found.uid === user || found.uid === 0;
    return found.isDirectory() && isMine && (found.mode & 0o022) === 0;
  } catch {
    return false;
  }
}
