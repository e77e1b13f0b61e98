// Milliseconds, less those in which this thread was ready to run and the machine had others to run: on a
// machine that has other things to do, a pause would else be theirs.

import { openSync, readSync } from 'node:fs';

const NANOSECONDS = 1e6;

/** What Linux counts for the thread that asks; nothing elsewhere. */
function createWaited(): () => number {
  try {
    const file = openSync('/proc/self/schedstat', 'r');
    const bytes = Buffer.alloc(80);
    return () => {
      const read = readSync(file, bytes, 0, bytes.length, 0);
      return Number(bytes.toString('latin1', 0, read).split(' ')[1]) / NANOSECONDS;
    };
  } catch {
    return () => 0;
  }
}

/** Runs from its making on. */
export function createStopwatch(): () => number {
  const waited = createWaited();
  return () => performance.now() - waited();
}
