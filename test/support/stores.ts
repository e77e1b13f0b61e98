import { openStore } from '../../internal/store/open.ts';
import type { Store } from '../../internal/store/store.ts';
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
  [
    'Redis',
    async () => {
      const redis = await startRedis();
      const options = {
        ...{ url: redis.url, issuer: 'https://issuer.example' },
        ...{ maxPending: MAX_PENDING, maxClients: MAX_CLIENTS },
      };
      const open = () => openStore({ driver: 'redis', options });
      const all = [await open(), await open()] as const;
      return {
        all,
        async close() {
          await Promise.all(all.map((store) => store.close()));
          await redis.stop();
        },
      };
    },
  ],
];
