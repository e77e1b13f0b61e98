// The life of one process: listen, reload, drain, stop.

import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { type Listener, listen } from '../http/listen.ts';
import type { ListenerGroup } from '../http/routes.ts';
import type { Snapshot } from '../loader/load.ts';
import { listRegistrationFiles } from '../loader/registration-files.ts';
import { watchFiles } from '../loader/watch.ts';
import { listWorkloadFiles } from '../loader/workload-files.ts';
import type { AdjustableLog } from '../telemetry/log.ts';
import { type Asteroid, assemble, type Surroundings } from './assemble.ts';
import { type Environment, type ListenerName, toListenOptions } from './listeners.ts';
import { createReload } from './reload.ts';

export type RunTerms = Omit<Surroundings, 'log'> & {
  readonly snapshot: Snapshot;
  readonly read: () => Promise<Snapshot>;
  /** Beside those that the configuration names. */
  readonly configFiles: readonly string[];
  readonly log: AdjustableLog;
  readonly env: Environment;
  readonly pid: number;
};

export type Running = {
  /** By the name in the configuration: where each listens, for people. */
  readonly listeners: ReadonlyMap<ListenerName, Listener>;
  readonly reload: () => Promise<void>;
  /** Readiness goes red at once, requests under way finish; called again, everything ends. */
  readonly stop: () => Promise<void>;
};

/** Throws what an operator can put right: a port that is taken, a key directory without a key. */
export async function run(terms: RunTerms): Promise<Running> {
  const { snapshot, log } = terms;
  const { config } = snapshot;
  const asteroid = await assemble(snapshot, terms);
  let draining = false;
  const reload = createReload({ asteroid, first: snapshot, read: terms.read, log });
  const watch = await watchFiles({
    files: [
      ...terms.configFiles,
      config.clients.file,
      ...snapshot.clientSet.files,
      ...secretFiles(config),
    ],
    onChange: reload,
    onProblem: (error) => log.error({ error: toError(error) }, 'watching files failed'),
  });
  const close = async (): Promise<void> => {
    await watch.close();
    await asteroid.close();
  };
  const listeners = await openListeners(asteroid, terms, () => draining).catch(async (error) => {
    await close();
    throw error;
  });
  const stop = createStop(listeners, config.shutdown, {
    begin: () => {
      draining = true;
    },
    flush: asteroid.flush,
    end: close,
  });
  return { listeners, reload, stop };
}

type Steps = {
  readonly begin: () => void;
  readonly flush: Asteroid['flush'];
  readonly end: () => Promise<void>;
};

function createStop(
  listeners: Running['listeners'],
  { delay, grace }: Config['shutdown'],
  { begin, flush, end }: Steps,
): Running['stop'] {
  const hurry = new AbortController();
  let stopping: Promise<void> | undefined;
  const drain = (probed: boolean, graceMs: number): Promise<unknown> =>
    Promise.all(
      [...listeners]
        .filter(([name]) => PROBED.has(name) === probed)
        .map(([, listener]) => listener.drain(graceMs)),
    );
  const stop = async (): Promise<void> => {
    begin();
    await pause(delay * 1000, undefined, { signal: hurry.signal }).catch(() => undefined);
    const over = performance.now() + grace * 1000;
    await drain(false, grace * 1000);
    await flush(hurry.signal.aborted ? 0 : over - performance.now());
    await drain(true, 0);
    await end();
  };
  return () => {
    if (stopping === undefined) {
      stopping = stop();
    } else {
      hurry.abort();
      void drain(false, 0);
      void flush(0);
    }
    return stopping;
  };
}

/** Last to close: until then probes read that we are not ready, where no answer would say nothing. */
const PROBED: ReadonlySet<ListenerName> = new Set(['admin', 'health']);

/** Read again when they change. */
function secretFiles(config: Config): readonly string[] {
  const { keys, pairwise, mtls, token_hook: hook, token_issuers: issuers } = config;
  const { trust, assertion } = config.upstream;
  return [
    ...(trust.secret?.files ?? []),
    ...(mtls?.proxy?.trust.secret?.files ?? []),
    ...(assertion?.jwks_file === undefined ? [] : [assertion.jwks_file]),
    ...Object.values(issuers).flatMap(({ jwks_file: file }) => (file === undefined ? [] : [file])),
    ...listRegistrationFiles(config),
    ...(pairwise === undefined ? [] : [pairwise.salt_file]),
    ...(hook === undefined ? [] : [hook.secret_file]),
    ...(keys.secret_file === undefined ? [] : [keys.secret_file]),
    ...keys.further_secret_files,
    ...listWorkloadFiles(config).map(({ file }) => file),
  ];
}

async function openListeners(
  asteroid: Asteroid,
  { snapshot, env, pid }: RunTerms,
  draining: () => boolean,
): Promise<ReadonlyMap<ListenerName, Listener>> {
  const { config } = snapshot;
  const split = config.listen.browser !== undefined;
  const groups: { readonly [Name in ListenerName]?: ListenerGroup } = {
    public: split ? 'back' : 'all',
    browser: 'browser',
    mtls: 'mtls',
  };
  const opened = new Map<ListenerName, Listener>();
  try {
    for (const [name, options] of await toListenOptions(config, env, pid)) {
      const group = groups[name];
      const probed = name === 'health' ? asteroid.healthApp : asteroid.adminApp;
      const app = group === undefined ? probed(draining) : asteroid.publicApp(group);
      opened.set(name, await listen(app, options));
    }
  } catch (error) {
    await Promise.all([...opened.values()].map(({ drain }) => drain(0)));
    throw error;
  }
  return opened;
}

const toError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
