// The name of a store in the configuration → the store, loaded only then: who keeps everything in
// memory pays neither the 48 ms nor the 24 MB of a Redis client.

import type { MemoryStoreOptions } from './memory/room.ts';
import type { RedisStoreOptions } from './redis/connection/options.ts';
import type { KeyShelf } from './shelf.ts';
import type { Store } from './store.ts';
import type { EventStream } from './stream.ts';

type OptionsOf = { readonly memory: MemoryStoreOptions; readonly redis: RedisStoreOptions };

export type StoreDriver = keyof OptionsOf;

/** Adding a store: its options above, and its line here. */
const STORES: {
  readonly [Driver in StoreDriver]: (options: OptionsOf[Driver]) => Promise<Store>;
} = {
  memory: async (options) => (await import('./memory/memory.ts')).createMemoryStore(options),
  redis: async (options) => (await import('./redis/redis.ts')).openRedisStore(options),
};

export type StoreOptions<Driver extends StoreDriver = StoreDriver> = {
  readonly driver: Driver;
  readonly options: OptionsOf[Driver];
};

/** Resolves also while Redis is away: the server starts, is not ready, and goes on trying. */
export const openStore = <Driver extends StoreDriver>({
  driver,
  options,
}: StoreOptions<Driver>): Promise<Store> => STORES[driver](options);

/** Where keys live that replicas share; resolves also while Redis is away. Memory has no such place. */
export const openKeyShelf = async (options: RedisStoreOptions): Promise<KeyShelf> =>
  (await import('./redis/shelf.ts')).openRedisShelf(options);

/** Where audit records go that outlive a process; resolves also while Redis is away. */
export const openEventStream = async (
  options: RedisStoreOptions,
  maxLength: number,
): Promise<EventStream> => (await import('./redis/stream.ts')).openRedisStream(options, maxLength);
