// The commands that verbs are made of, each sent to the Redis that keeps its key.

import type { Connection } from './connection.ts';

export type Commands = Pick<Connection, 'at'> & {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'PX', milliseconds: number): Promise<unknown>;
  /** All of one slot. */
  del(key: string, ...others: readonly string[]): Promise<number>;
  exists(key: string): Promise<number>;
  zrem(key: string, member: string): Promise<number>;
  zadd(key: string, only: 'XX', score: number | string, member: string): Promise<unknown>;
};

export const createCommands = ({ at }: Pick<Connection, 'at'>): Commands => ({
  at,
  get: (key) => at(key, ({ redis }) => redis.get(key)),
  set: (key, value, unit, milliseconds) =>
    at(key, ({ redis }) => redis.set(key, value, unit, milliseconds)),
  del: (key, ...others) => at(key, ({ redis }) => redis.del(key, ...others)),
  exists: (key) => at(key, ({ redis }) => redis.exists(key)),
  zrem: (key, member) => at(key, ({ redis }) => redis.zrem(key, member)),
  zadd: (key, only, score, member) => at(key, ({ redis }) => redis.zadd(key, only, score, member)),
});
