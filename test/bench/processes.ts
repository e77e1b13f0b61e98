// What the machine counts for a process and all that it has started, and on which core they run.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const NANOSECONDS = 1e9;

/** Nothing where there is no /proc, or where the process has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function threads(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  } catch {
    return [];
  }
}

/** A process and all below it: workers are processes of their own. */
function family(pid: number): readonly number[] {
  const children = threads(pid).flatMap((thread) => read(`${thread}/children`).match(/\d+/g) ?? []);
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

/** What all threads of a process and those below it have used of a core so far; 0 where nobody tells. */
export function cpuSeconds(pid: number): number {
  const nanoseconds = family(pid)
    .flatMap(threads)
    .map((thread) => Number(read(`${thread}/schedstat`).split(' ')[0]));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / NANOSECONDS;
}

/** What is resident of a process. */
export function residentMiB(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(kibibytes ?? 0) / 1024;
}

/** Whether there is a core for the server and one for the load, and a way to say so. */
export const HAS_CORES = process.platform === 'linux' && availableParallelism() >= 2;

/** Keeps all threads of a process and those below it on one core, where the machine can. */
export function pin(pid: number, core: number): void {
  if (!HAS_CORES) return;
  for (const each of family(pid)) {
    spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', `${core}`, `${each}`]);
  }
}
