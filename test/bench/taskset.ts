import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Keeps all threads of a process on one core, where the machine can. */
export function pin(pid: number | undefined, core: number): void {
  if (pid === undefined || availableParallelism() < 2) return;
  spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', `${core}`, `${pid}`]);
}
