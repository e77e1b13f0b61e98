// One issuer that is listened for: its listeners, and how they end without losing a request.

import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { type Listener, listen } from '../http/listen.ts';
import type { ListenerGroup } from '../http/routes.ts';
import type { Snapshot } from '../loader/load.ts';
import { type Asteroid, assemble, type Surroundings } from './assemble.ts';
import { type Environment, type ListenerName, toListenOptions, toTlsOptions } from './listeners.ts';

export type ServingTerms = Surroundings & {
  readonly snapshot: Snapshot;
  readonly env: Environment;
  /** Whom sockets were handed over to. */
  readonly pid: number;
};

/** By the name in the configuration: where each listens, for people. */
export type Listeners = ReadonlyMap<ListenerName, Listener>;

export type Serving = {
  readonly asteroid: Asteroid;
  readonly listeners: Listeners;
  /** As that of the issuer, with what secures its listeners. */
  readonly prepare: Asteroid['prepare'];
  readonly shutdown: () => Config['shutdown'];
  /** Readiness goes red at once, requests under way finish; called again, everything ends. */
  readonly stop: () => Promise<void>;
};

/** Throws what an operator can put right: a port that is taken, a key directory without a key. */
export async function startServing(terms: ServingTerms): Promise<Serving> {
  const { snapshot } = terms;
  const asteroid = await assemble(snapshot, terms);
  let draining = false;
  const listeners = await openListeners(asteroid, terms, () => draining).catch(async (error) => {
    await asteroid.close();
    throw error;
  });
  const { issuer } = snapshot.config;
  asteroid.audit({ type: 'issuer.started', issuer });
  let { shutdown } = snapshot.config;
  const prepare: Serving['prepare'] = async (next) => {
    const renewals = [...listeners].flatMap(([name, listener]) => {
      const tls = toTlsOptions(next, name);
      return tls === undefined ? [] : [listener.prepareTls(tls)];
    });
    const { take, discard } = await asteroid.prepare(next);
    const takeAll = (): void => {
      for (const renew of renewals) renew();
      take();
      shutdown = next.config.shutdown;
    };
    return { take: takeAll, discard };
  };
  const stop = createStop(listeners, () => shutdown, {
    begin: () => {
      draining = true;
      asteroid.audit({ type: 'issuer.stopped', issuer });
    },
    flush: asteroid.flush,
    end: asteroid.close,
  });
  return { asteroid, listeners, prepare, shutdown: () => shutdown, stop };
}

type Steps = {
  readonly begin: () => void;
  readonly flush: Asteroid['flush'];
  readonly end: () => Promise<void>;
};

function createStop(
  listeners: Listeners,
  shutdown: () => Config['shutdown'],
  { begin, flush, end }: Steps,
): Serving['stop'] {
  const hurry = new AbortController();
  let stopping: Promise<void> | undefined;
  const drain = (probed: boolean, graceMs: number): Promise<unknown> =>
    Promise.all(
      [...listeners]
        .filter(([name]) => PROBED.has(name) === probed)
        .map(([, listener]) => listener.drain(graceMs)),
    );
  const stop = async (): Promise<void> => {
    const { delay, grace } = shutdown();
    begin();
    for (const [name, { retire }] of listeners) if (!PROBED.has(name)) retire();
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

async function openListeners(
  asteroid: Asteroid,
  { snapshot, env, pid, others }: ServingTerms,
  draining: () => boolean,
): Promise<Listeners> {
  const split = snapshot.config.listen.browser !== undefined;
  const groups: { readonly [Name in ListenerName]?: ListenerGroup } = {
    public: split ? 'back' : 'all',
    browser: 'browser',
    mtls: 'mtls',
  };
  const opened = new Map<ListenerName, Listener>();
  try {
    for (const [name, options] of toListenOptions(snapshot, env, pid, others !== undefined)) {
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
