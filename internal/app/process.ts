// What a process brings along: clock, randomness, environment, and signals that end or reload it.

import type { Snapshot } from '../loader/load.ts';
import { createLog } from '../telemetry/log.ts';
import type { Mode } from './assemble.ts';
import type { Environment } from './listeners.ts';
import { createRandom } from './random.ts';
import { type Running, run } from './run.ts';

export type ProcessTerms = {
  readonly mode: Mode;
  readonly configFiles: readonly string[];
  readonly read: () => Promise<Snapshot>;
  readonly env: Environment;
  /** Told once everything listens. */
  readonly onStart?: (snapshot: Snapshot) => void;
};

/** Older lines of Node run Asteroid too, but nobody mends them (Node release schedule, 2026). */
const FIRST_SUPPORTED = 22;

/** Runs what the configuration says in this process; throws what an operator can put right. */
export async function runHere(terms: ProcessTerms): Promise<Running> {
  const { mode, configFiles, read, env, onStart } = terms;
  const snapshot = await read();
  const format = snapshot.config.log.format === 'json' ? 'json' : 'text';
  const log = createLog({ level: snapshot.config.log.level, format });
  for (const warning of snapshot.warnings) log.warn({ warning }, 'configuration');
  if (Number.parseInt(process.versions.node, 10) < FIRST_SUPPORTED) {
    log.warn({ version: process.versions.node }, 'this line of Node gets no more security fixes');
  }
  const running = await run({
    mode,
    snapshot,
    read,
    configFiles,
    log,
    now: () => Math.floor(Date.now() / 1000),
    random: createRandom(),
    env,
    pid: process.pid,
  });
  for (const [name, listener] of running.listeners) {
    log.info({ listener: name, address: listener.name }, 'listening');
  }
  onStart?.(snapshot);
  return running;
}

/**
 * SIGHUP reloads; SIGTERM or SIGINT drains and resolves, a second one ends everything at once. Takes
 * a start that is still going on: a signal in the middle of it counts when it is done, and never
 * falls to the default of just dying.
 */
export function untilStopped(starting: Promise<Running>): Promise<void> {
  return new Promise((resolve, reject) => {
    const reload = () => void starting.then((running) => running.reload(), reject);
    const end = () => void starting.then((running) => running.stop()).then(resolve, reject);
    process.on('SIGHUP', reload);
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
    starting.catch(reject);
  });
}
