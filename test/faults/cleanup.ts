// What has to end with the suite, however it ends.

import { mkdtempSync, rmSync } from 'node:fs';
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

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'asteroid-faults-'));
  onCleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
