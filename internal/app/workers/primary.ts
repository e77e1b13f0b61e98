// The primary of several workers: reads and judges the configuration for all, keeps so many of them
// alive as were asked for, and passes on what they ask each other. Serves nothing itself.

import { createLogAudit } from '../../audit/audit.ts';
import type { Snapshot } from '../../loader/load.ts';
import { type Random, SECRET_BYTES } from '../../protocol/random.ts';
import type { AdjustableLog } from '../../telemetry/log.ts';
import { followFiles } from '../follow.ts';
import type { Environment } from '../listeners.ts';
import type { Live } from '../process.ts';
import type { WorkerStart } from './messages.ts';
import { createPool } from './pool.ts';
import { packSnapshot } from './snapshot.ts';
import { prepareCluster, prepareSockets } from './sockets.ts';

export type PrimaryTerms = {
  readonly snapshot: Snapshot;
  readonly read: () => Promise<Snapshot>;
  readonly log: AdjustableLog;
  readonly env: Environment;
  readonly pid: number;
  readonly random: Random;
  readonly count: number;
};

/** Past the time for requests under way, a worker has this long to end before it is made to. */
const LATE_MS = 5000;

/** Resolves once all serve; throws what keeps one from it, when none is left. */
export async function runWorkers(terms: PrimaryTerms): Promise<Live> {
  const { snapshot: first, read, log, env, pid, random, count } = terms;
  prepareCluster();
  const { umask, hasHandedOver } = await prepareSockets(first, env, pid);
  const identityKey = random(SECRET_BYTES);
  let current = first;
  let isOutdated = false;
  const start = (number: number): WorkerStart => ({
    number,
    snapshot: packSnapshot(current),
    isOutdated,
    identityKey,
    pid,
    umask,
  });
  let reload = async (): Promise<void> => {};
  const pool = createPool({
    ...{ count, start, log, losesSockets: hasHandedOver },
    reload: () => reload(),
  });
  const addresses = await pool.start();
  const following = await followFiles({
    first,
    read,
    log,
    mode: 'serve',
    target: {
      prepare: async (next) => {
        const { take, discard } = await pool.prepare(packSnapshot(next));
        const takeAll = (): void => {
          current = next;
          take();
        };
        return { take: takeAll, discard };
      },
      reloadKeys: async () => pool.tell({ kind: 'reload_keys' }),
    },
    audit: (event) => {
      if (!pool.tellOne({ kind: 'audit', event })) createLogAudit(log)(event);
    },
    onOutdated: (now) => {
      isOutdated = now;
      pool.tell({ kind: 'outdated', isOutdated });
    },
  });
  reload = following.reload;
  const shutdown = () => current.config.shutdown;
  return {
    listeners: new Map(addresses.map(([name, address]) => [name, { name: address }])),
    reload: following.reload,
    reopen: () => pool.tell({ kind: 'reopen' }),
    shutdown,
    async stop() {
      const { delay, grace } = shutdown();
      await Promise.all([following.close(), pool.stop((delay + grace) * 1000 + LATE_MS)]);
    },
    lost: pool.lost.catch(async (error: unknown) => {
      await following.close();
      throw error;
    }),
  };
}
