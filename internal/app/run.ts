// The life of one process that does everything: serve what the files say, follow them, stop.

import type { Config } from '../config/config.ts';
import type { Snapshot } from '../loader/load.ts';
import type { AdjustableLog } from '../telemetry/log.ts';
import { followFiles } from './follow.ts';
import { type Listeners, type ServingTerms, startServing } from './serving.ts';

export type RunTerms = Omit<ServingTerms, 'log' | 'isOutdated'> & {
  readonly read: () => Promise<Snapshot>;
  readonly log: AdjustableLog;
};

export type Running = {
  readonly listeners: Listeners;
  readonly reload: () => Promise<void>;
  readonly reopen: () => void;
  readonly shutdown: () => Config['shutdown'];
  /** Readiness goes red at once, requests under way finish; called again, everything ends. */
  readonly stop: () => Promise<void>;
};

/** Throws what an operator can put right: a port that is taken, a key directory without a key. */
export async function run(terms: RunTerms): Promise<Running> {
  const { snapshot: first, read, log } = terms;
  let isOutdated = false;
  let readAgain = async (): Promise<void> => {};
  const { asteroid, listeners, prepare, shutdown, stop } = await startServing({
    ...terms,
    isOutdated: () => isOutdated,
    reload: () => readAgain(),
  });
  const { reload, close } = await followFiles({
    target: { prepare, reloadKeys: asteroid.reloadKeys },
    audit: asteroid.audit,
    first,
    read,
    log,
    mode: terms.mode,
    onOutdated: (now) => {
      isOutdated = now;
    },
  });
  readAgain = reload;
  let closing: Promise<void> | undefined;
  return {
    listeners,
    reload,
    reopen: asteroid.trail.reopen,
    shutdown,
    async stop() {
      closing ??= close();
      await Promise.all([closing, stop()]);
    },
  };
}
