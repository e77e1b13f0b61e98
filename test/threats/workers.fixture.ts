// An issuer of several workers, as a process of its own, on a real Redis.

import { mkdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { bundleProgram } from '../support/bundle.ts';
import {
  type Child,
  type Folder,
  type FolderOptions,
  type Metadata,
  makeFolder,
  spawnProgram,
} from '../support/program.ts';
import type { RawAnswer, RawTarget } from '../support/raw-http.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { ask, HOST } from './threats.fixture.ts';

let bundle: Promise<string> | undefined;
let redis: Promise<RedisServer> | undefined;

/** Made once for a file of tests: from source, each process would compile for itself. */
export function getBundle(): Promise<string> {
  bundle ??= makeFolder().then(({ file }) => bundleProgram(file('program')));
  return bundle;
}

function getRedis(): Promise<RedisServer> {
  redis ??= startRedis();
  return redis;
}

export const stopRedis = async (): Promise<void> => (await redis)?.stop();

export type Workers = {
  readonly folder: Folder;
  readonly child: Child;
  readonly public: RawTarget;
  readonly admin: RawTarget;
  /** Of the workers that serve at the moment, by their numbers. */
  pids(): ReadonlyMap<number, number>;
};

export type WorkersOptions = FolderOptions & {
  readonly descriptors?: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
};

/** A folder whose configuration asks for two workers; sections go in place of those. */
export async function makeWorkersFolder(options: FolderOptions = {}): Promise<Folder> {
  const { url } = await getRedis();
  const config: Metadata = {
    store: { driver: 'redis', redis: { url } },
    keys: { dir: 'keys' },
    workers: 2,
    ...options.config,
  };
  const folder = await makeFolder({ ...options, config });
  await mkdir(folder.file('keys'), { mode: 0o700 });
  return folder;
}

export async function spawnWorkers(options: WorkersOptions = {}): Promise<Workers> {
  const folder = await makeWorkersFolder(options);
  const { descriptors = [], env = {} } = options;
  const terms = { bundle: await getBundle(), descriptors, env };
  const child = spawnProgram(['serve', '--config', folder.configFile], terms);
  const target = await child.at('public');
  const admin = await child.at('admin');
  const workers = { folder, child, public: target, admin, pids: () => pidsOf(child) };
  const { workers: count = 2 } = options.config ?? {};
  if (count !== 1) await until(() => workers.pids().size === count);
  return workers;
}

function pidsOf(child: Child): ReadonlyMap<number, number> {
  const pids = new Map<number, number>();
  for (const { msg, worker, pid } of child.logged()) {
    if (msg === 'a worker serves') pids.set(Number(worker), Number(pid));
    if (msg === 'a worker ended') pids.delete(Number(worker));
  }
  return pids;
}

export const get = (target: RawTarget, path: string): Promise<RawAnswer> =>
  ask(target, [`GET ${path} HTTP/1.1`, HOST]);

export const readiness = async ({ admin }: Pick<Workers, 'admin'>) => {
  const { status, body } = await get(admin, '/readyz');
  return { ...JSON.parse(body), status };
};

/**
 * Whether nobody is let in any more. A connection that comes just when the last worker stops listening
 * may be left lying by Node until the primary ends: then whoever asks has heard nothing for so long.
 */
export const isTurnedAway = ({ public: target }: Pick<Workers, 'public'>): Promise<boolean> =>
  Promise.race([
    get(target, '/jwks.json').then(
      () => false,
      () => true,
    ),
    pause(2000).then(() => true),
  ]);

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
