// What can happen where a replica takes over.

import { setTimeout as pause } from 'node:timers/promises';
import type { RedisSentinel } from '../../support/redis-sentinel.ts';
import type { RedisServer } from '../../support/redis-server.ts';
import { untilTrue } from '../../support/until.ts';
import type { Watched } from '../topologies/sentinel.ts';
import type { Fault } from './fault.ts';

/** How long writes reach nobody but the primary that is about to be lost. */
const PARTED_MS = 1500;
/** Clients of sentinels ask them again, one after the other. */
const RECOVERY_MS = 2500;
const SETTLED_MS = 2500;

const hasReplica = async (sentinel: RedisSentinel): Promise<boolean> => {
  const text = await sentinel.tell(await sentinel.primary(), 'INFO', 'replication');
  return /state=online/.test(String(text));
};

/**
 * Resolves when there is a replica again, and no sentinel has anything to say about it any more: one that
 * finds an old primary back tells it whom to follow, perhaps for the second time.
 */
async function untilReplicated(sentinel: RedisSentinel): Promise<void> {
  do {
    await untilTrue('the primary has a replica again', () => hasReplica(sentinel));
    await pause(SETTLED_MS);
  } while (!(await hasReplica(sentinel)));
}

async function restart(sentinel: RedisSentinel, killed: RedisServer): Promise<void> {
  await sentinel.restart(killed);
  await untilReplicated(sentinel);
}

export const SENTINEL_FAULTS: readonly Fault<Watched>[] = [
  {
    ...{ id: 'F-8', name: 'a failover', hold: 500, loses: 'unreplicated', recovery: RECOVERY_MS },
    async inject({ layout: { sentinel } }) {
      await sentinel.failover();
      return () => untilReplicated(sentinel);
    },
  },
  {
    ...{ id: 'F-8', name: 'the primary killed', hold: 0, loses: 'unreplicated' },
    ...{ recovery: RECOVERY_MS, short: true },
    async inject({ layout: { sentinel } }) {
      const primary = await sentinel.primary();
      await primary.kill();
      await sentinel.untilFailedOver(primary);
      return () => restart(sentinel, primary);
    },
  },
  {
    ...{ id: 'F-8', name: 'the primary frozen', hold: 1000, loses: 'unreplicated' },
    ...{ recovery: RECOVERY_MS },
    async inject({ layout: { sentinel } }) {
      const primary = await sentinel.primary();
      primary.pause();
      await sentinel.untilFailedOver(primary);
      return async () => {
        primary.resume();
        await untilReplicated(sentinel);
      };
    },
  },
  {
    ...{ id: 'F-9', name: 'a partition that loses writes', hold: 0, loses: 'unreplicated' },
    ...{ recovery: RECOVERY_MS, short: true },
    async inject({ layout: { sentinel } }) {
      const primary = await sentinel.primary();
      const [replica] = await sentinel.replicas();
      if (replica === undefined) throw new Error('there is no replica');
      // It replicates from nobody, and is promoted all the same.
      await sentinel.tell(replica, 'REPLICAOF', '127.0.0.1', 1);
      await pause(PARTED_MS);
      await primary.kill();
      await sentinel.untilFailedOver(primary);
      return () => restart(sentinel, primary);
    },
  },
];
