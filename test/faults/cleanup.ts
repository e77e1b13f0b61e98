// What has to end with the suite, however it ends.

import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

type End = () => unknown;

const ends = new Set<End>();

/** Runs when `cleanUp` is called, last registered first. @returns the same end, taken off the list. */
export function onCleanUp(end: End): () => Promise<void> {
  ends.add(end);
  return async () => {
    if (ends.delete(end)) await end();
  };
}

export async function cleanUp(): Promise<void> {
  for (const end of [...ends].reverse()) {
    ends.delete(end);
    await end();
  }
}

/**
 * Whoever issuers run as: never root, to whom every file is readable. Absent where the suite itself is
 * not run by root.
 */
export const NOBODY: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A folder that issuers may write to. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'asteroid-faults-'));
  own(folder);
  onCleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Gives a file or folder to the issuers. */
export function own(file: string): void {
  const { uid, gid } = NOBODY;
  if (uid !== undefined && gid !== undefined) chownSync(file, uid, gid);
}
