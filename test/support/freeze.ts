import { readdirSync, readFileSync } from 'node:fs';

/**
 * Stops processes (SIGSTOP), and returns when they stand still: the signal alone is only sent, and one
 * that is just running answers some questions more.
 */
export function freeze(pids: readonly (number | undefined)[]): void {
  const there = pids.filter((pid) => pid !== undefined).filter(tryStop);
  for (const pid of there) while (isRunning(pid)) pass(1);
}

function tryStop(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGSTOP');
  } catch {
    return false; // It is gone already.
  }
}

/** Whether any thread of it still runs; where there is no /proc nobody can say. */
function isRunning(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      // After the name, which may hold anything, the state.
      return !/^ [TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 1));
    });
  } catch {
    return false;
  }
}

const pass = (milliseconds: number): unknown =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
