import { openStore } from '../../internal/store/open.ts';
import type { RedisStoreOptions } from '../../internal/store/redis/connection/options.ts';
import type { Store } from '../../internal/store/store.ts';
import { startCluster } from './redis-cluster.ts';
import { startSentinel } from './redis-sentinel.ts';
import { startRedis } from './redis-server.ts';

export type Stores = {
  /** Two that share one memory: two connections where there is a Redis, else one and the same. */
  readonly all: readonly [Store, Store];
  close(): Promise<void>;
};

export const MAX_PENDING = 5;
export const MAX_CLIENTS = 4;

/** Adding a store: its line here, and the whole contract runs against it. */
export const STORES: ReadonlyArray<readonly [name: string, open: () => Promise<Stores>]> = [
  [
    'memory',
    async () => {
      const options = { maxEntries: 100_000, maxPending: MAX_PENDING, maxClients: MAX_CLIENTS };
      const store = await openStore({ driver: 'memory', options });
      return { all: [store, store], close: () => store.close() };
    },
  ],
  ['Redis', () => openTwo(startSingle)],
  ['Redis Sentinel', () => openTwo(startBehindSentinels)],
  ['Redis Cluster', () => openTwo(startInCluster)],
];

type Started = {
  readonly where: Pick<RedisStoreOptions, 'url' | 'password' | 'sentinel' | 'cluster'>;
  stop(): Promise<void>;
};

async function openTwo(start: () => Promise<Started>): Promise<Stores> {
  const { where, stop } = await start();
  const options = {
    ...{ ...where, issuer: 'https://issuer.example' },
    ...{ maxPending: MAX_PENDING, maxClients: MAX_CLIENTS },
    // What it answers is held to the contract here, and not that it does so within a second.
    deadlineMs: 10_000,
  };
  const open = () => openStore({ driver: 'redis', options });
  const all = [await open(), await open()] as const;
  return {
    all,
    async close() {
      await Promise.all(all.map((store) => store.close()));
      await stop();
    },
  };
}

async function startSingle(): Promise<Started> {
  const redis = await startRedis();
  return { where: { url: redis.url }, stop: () => redis.stop() };
}

async function startBehindSentinels(): Promise<Started> {
  const redis = await startSentinel({ password: 'of-data', sentinelPassword: 'of-sentinels' });
  const { name, nodes } = redis;
  const sentinel = { name, nodes, password: 'of-sentinels' };
  return { where: { url: 'redis://', password: 'of-data', sentinel }, stop: () => redis.stop() };
}

async function startInCluster(): Promise<Started> {
  const redis = await startCluster();
  return { where: { url: 'redis://', cluster: { nodes: redis.nodes } }, stop: () => redis.stop() };
}
