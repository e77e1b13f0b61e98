// What a process brings along: clock, randomness, environment, and signals that end or reload it.

import { availableParallelism } from 'node:os';
import type { Config } from '../config/config.ts';
import type { Snapshot } from '../loader/load.ts';
import type { Log } from '../telemetry/log.ts';
import { createUnderway } from '../telemetry/underway.ts';
import type { Mode, Surroundings } from './assemble.ts';
import { systemClock } from './clock.ts';
import type { Environment, ListenerName } from './listeners.ts';
import { openLog } from './open-log.ts';
import { createRandom } from './random.ts';

export type ProcessTerms = {
  readonly mode: Mode;
  readonly read: () => Promise<Snapshot>;
  readonly env: Environment;
  /** What a test issuer has of its own; absent: this is none. */
  readonly surroundings?: Pick<Surroundings, 'between' | 'control'> &
    Partial<Pick<Surroundings, 'now'>>;
  /** Told once everything listens; what it throws ends everything again. */
  readonly onStart?: (snapshot: Snapshot, listeners: Live['listeners']) => void;
};

/** An issuer that listens, whether in this process or in workers of it. */
export type Live = {
  readonly listeners: ReadonlyMap<ListenerName, { readonly name: string }>;
  readonly reload: () => Promise<void>;
  /** Files that records are in were moved away: what comes next goes into files of the same names. */
  readonly reopen: () => void;
  /** That in force. */
  readonly shutdown: () => Config['shutdown'];
  /** The second time, everything ends at once. */
  readonly stop: () => Promise<void>;
  /** Rejects when it cannot go on; absent where nothing but a signal ends it. */
  readonly lost?: Promise<never>;
};

/** Older lines of Node run Asteroid too, but nobody mends them (Node release schedule, 2026). */
const FIRST_SUPPORTED = 22;

/** Runs what the configuration says, here or in workers; throws what an operator can put right. */
export async function runHere(terms: ProcessTerms): Promise<Live> {
  const { mode, read, env, surroundings, onStart } = terms;
  const snapshot = await read();
  const underway = createUnderway();
  const log = openLog(snapshot.config, underway);
  for (const warning of snapshot.warnings) log.warn({ warning }, 'configuration');
  if (Number.parseInt(process.versions.node, 10) < FIRST_SUPPORTED) {
    log.warn({ version: process.versions.node }, 'this line of Node gets no more security fixes');
  }
  const here = { snapshot, read, log, env, pid: process.pid, random: createRandom() };
  const own = { mode, now: systemClock, underway, ...surroundings };
  const count = countWorkers(snapshot.config);
  // Loaded where it is wanted: whoever keeps workers needs little of what they are made of.
  const live =
    count === 1
      ? await (await import('./run.ts')).run({ ...here, ...own })
      : await (await import('./workers/primary.ts')).runWorkers({ ...here, count });
  for (const [name, listener] of live.listeners) {
    log.info({ listener: name, address: listener.name }, 'listening');
  }
  try {
    onStart?.(snapshot, live.listeners);
  } catch (error) {
    await live.stop();
    throw error;
  }
  return { ...live, stop: tellStops(live, log) };
}

/** Whoever reads the log later sees that somebody ended it, and how long it took. */
function tellStops({ stop, shutdown }: Live, log: Log): Live['stop'] {
  let isDraining = false;
  return async () => {
    if (isDraining) log.warn({}, 'asked again to stop: everything ends at once');
    else log.info({ ...shutdown() }, 'draining');
    const isFirst = !isDraining;
    isDraining = true;
    await stop();
    if (isFirst) log.info({}, 'stopped');
  };
}

const countWorkers = ({ workers }: Config): number =>
  workers === 'auto' ? availableParallelism() : workers;

/**
 * SIGHUP reloads, SIGUSR2 reopens files; SIGTERM or SIGINT drains and resolves, a second one ends everything at once. Takes
 * a start that is still going on: a signal in the middle of it counts when it is done, and never
 * falls to the default of just dying.
 */
export function untilStopped(
  starting: Promise<Pick<Live, 'reload' | 'reopen' | 'stop' | 'lost'>>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const reload = () => void starting.then((live) => live.reload(), reject);
    const end = () => void starting.then((live) => live.stop()).then(resolve, reject);
    process.on('SIGHUP', reload);
    process.on('SIGUSR2', () => void starting.then((live) => live.reopen(), reject));
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
    starting.then(({ lost }) => lost?.catch(reject), reject);
  });
}
