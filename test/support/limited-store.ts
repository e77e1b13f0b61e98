import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Store } from '../../internal/store/store.ts';
import type { RedisServer } from './redis-server.ts';

export type LimitedTerms = {
  readonly server: RedisServer;
  /** May do everything. */
  readonly admin: Redis;
  readonly issuer: string;
  /** How the names of keys that it may touch begin, past the issuer: `a:`, `pending`, … */
  readonly kinds: readonly string[];
  readonly maxClients?: number;
};

/** A store that Redis lets touch some keys and no others; with those that it needs to be up. */
export async function openLimited({
  server,
  admin,
  kinds,
  ...terms
}: LimitedTerms): Promise<Store> {
  const [user, password] = [`limited-${randomUUID()}`, randomUUID()];
  const keys = [...kinds, 'probe', 'memory:'].map((kind) => `~asteroid:????????:${kind}*`);
  await admin.acl('SETUSER', user, 'reset', 'on', `>${password}`, '+@all', ...keys);
  const url = `redis://${user}:${password}@127.0.0.1:${server.port}`;
  const store = await openRedisStore({ url, maxPending: 10, ...terms });
  // One that is not up refuses everything, and its refusals would prove nothing.
  await store.ping();
  return store;
}

/** Every key but those that only say since when Redis remembers. */
export const listEntries = async (admin: Redis): Promise<readonly string[]> =>
  (await admin.keys('*')).filter((key) => !key.includes(':memory:'));
