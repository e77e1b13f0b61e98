// How soon a server answers: from the moment it is told to start to the first answer of discovery, in
// alternating starts, each of a program that has run before.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { onCleanUp } from '../e2e/rig.ts';
import { amount } from './options.ts';
import { HAS_CORES, SERVER_CORE } from './processes.ts';
import type { Target } from './rows.ts';
import { type Server, startServers, startSharedRedis } from './servers.ts';
import { judge, type Line, median, renderTable } from './tables.ts';
import { onThisNode, STARTUP_TARGETS } from './targets.ts';

const STARTS = amount(11, 1);
const PATIENCE_MS = 30_000;

/** Whether discovery is answered. */
const isThere = ({ port, paths, host }: Target): Promise<boolean> =>
  new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: paths.discovery, headers: { host } };
    http
      .get({ ...options, agent: false }, (answer) => resolve(answer.resume().statusCode === 200))
      .on('error', () => resolve(false));
  });

function spawnOnCore({ args, env }: Server['again']): ChildProcess {
  const options = { env: { ...process.env, ...env }, stdio: 'ignore' } as const;
  return HAS_CORES
    ? spawn('taskset', ['--cpu-list', `${SERVER_CORE}`, process.execPath, ...args], options)
    : spawn(process.execPath, args, options);
}

/** Milliseconds. */
async function time({ target, again }: Server): Promise<number> {
  const begin = performance.now();
  const child = spawnOnCore(again);
  onCleanUp(() => void child.kill('SIGKILL'));
  while (!(await isThere(target))) {
    if (child.exitCode !== null || performance.now() - begin > PATIENCE_MS) {
      throw new Error(`${target.name} does not answer`);
    }
    await sleep(1);
  }
  const took = performance.now() - begin;
  // Told to end as operators do: what a program keeps for its next start it writes now.
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  return took;
}

/** The table, and how it was measured. */
export async function measureStartup(): Promise<{
  readonly terms: string;
  readonly tables: string;
}> {
  const redis = await startSharedRedis();
  const servers = await startServers(redis.url);
  for (const server of servers) await server.stop();
  const all = servers.map((server) => ({ server, took: [] as number[] }));
  for (let n = 0; n < STARTS; n += 1) {
    for (const { server, took } of all) took.push(await time(server));
  }
  const lines = all.map(
    ({
      server: {
        target: { name },
      },
      took,
    }): Line => {
      const [middle, bounds] = [median(took), STARTUP_TARGETS[name]];
      const verdict = judge(middle, bounds && onThisNode(bounds), (value) => `${value} ms`);
      return [name, Math.round(middle), Math.round(Math.min(...took)), verdict];
    },
  );
  const head = ['start-up to first answer', 'ms', 'quickest', 'target'];
  return { terms: `${STARTS} starts each`, tables: renderTable(head, lines) };
}
