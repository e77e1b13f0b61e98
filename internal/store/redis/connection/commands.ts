// The commands that verbs are made of, each sent to the Redis that keeps its key.

import { type Argument, asText, asTexts } from './call.ts';
import type { Connection } from './connection.ts';

export type Commands = Pick<Connection, 'at'> & {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'PX', milliseconds: number): Promise<unknown>;
  /** All of one slot. */
  del(key: string, ...others: readonly string[]): Promise<number>;
  exists(key: string): Promise<number>;
  zrem(key: string, ...members: readonly string[]): Promise<number>;
  /** By rank; the last is -1. */
  zrange(key: string, from: number, to: number): Promise<readonly string[]>;
  zadd(key: string, only: 'XX', score: number | string, member: string): Promise<unknown>;
  /** In the order of their names, where all have one score; from the one after `after` on. */
  zrangebylex(key: string, after: string | undefined, limit: number): Promise<readonly string[]>;
};

export function createCommands({ at }: Pick<Connection, 'at'>): Commands {
  const ask = <Answer>(
    name: string,
    args: readonly [key: string, ...Argument[]],
    read: (reply: unknown) => Answer,
  ) => at(args[0], ({ call }) => call(name, args, read));
  return {
    at,
    get: (key) => ask('get', [key], asText),
    set: (key, value, unit, milliseconds) => ask('set', [key, value, unit, milliseconds], String),
    del: (key, ...others) => ask('del', [key, ...others], Number),
    exists: (key) => ask('exists', [key], Number),
    zrem: (key, ...members) => ask('zrem', [key, ...members], Number),
    zrange: (key, from, to) => ask('zrange', [key, from, to], asTexts),
    zrangebylex: (key, after, limit) =>
      ask(
        'zrangebylex',
        [key, after === undefined ? '-' : `(${after}`, '+', 'LIMIT', 0, limit],
        asTexts,
      ),
    zadd: (key, only, score, member) => ask('zadd', [key, only, score, member], Number),
  };
}
