// What can happen to a cluster.

import { setTimeout as pause } from 'node:timers/promises';
import type { RedisCluster } from '../../support/redis-cluster.ts';
import type { RedisServer } from '../../support/redis-server.ts';
import type { Sharded } from '../topologies/cluster.ts';
import type { Fault } from './fault.ts';

const MOVES = 24;
const HALFWAY_MS = 60;

/** Slots of this node that have a key in them. */
async function filledSlots(cluster: RedisCluster, server: RedisServer): Promise<readonly number[]> {
  const keys = (await cluster.tell(server, 'KEYS', '*')) as readonly string[];
  const slots = await Promise.all(
    keys.slice(0, MOVES * 4).map((key) => cluster.tell(server, 'CLUSTER', 'KEYSLOT', key)),
  );
  return [...new Set(slots.map(Number))].slice(0, MOVES);
}

/** While it is half way, either node may have the key (ASK, TRYAGAIN). */
async function moveSlowly(cluster: RedisCluster, slot: number, from: RedisServer, to: RedisServer) {
  const move = await cluster.beginMove(slot, from, to);
  await pause(HALFWAY_MS);
  await move.carry(1);
  await pause(HALFWAY_MS);
  await move.settle();
}

export const CLUSTER_FAULTS: readonly Fault<Sharded>[] = [
  {
    ...{ id: 'F-12', name: 'slots on the move', hold: 500, short: true, unavailableShare: 0.01 },
    async inject({ layout: { cluster } }) {
      const [from, to] = cluster.primaries;
      if (from === undefined || to === undefined) throw new Error('there are no two primaries');
      for (const slot of await filledSlots(cluster, from))
        await moveSlowly(cluster, slot, from, to);
      return () => undefined;
    },
  },
  {
    ...{ id: 'F-13', name: 'a slot that nobody has', hold: 2000, turnsUnready: true },
    async inject({ layout: { cluster } }) {
      const slot = 16_383;
      const owner = await cluster.ownerOf(slot);
      for (const one of cluster.primaries) await cluster.tell(one, 'CLUSTER', 'DELSLOTS', slot);
      return async () => {
        await cluster.tell(owner, 'CLUSTER', 'ADDSLOTS', slot);
        await cluster.untilWhole();
      };
    },
  },
  {
    ...{ id: 'F-8', name: 'a primary killed', hold: 0, short: true, loses: 'unreplicated' },
    recovery: 2500,
    async inject({ layout: { cluster } }) {
      const primary = await cluster.ownerOf(16_383);
      await primary.kill();
      await cluster.untilFailedOver(primary);
      return () => undefined;
    },
  },
];
