// What can happen to one Redis.

import type { Redis } from 'ioredis';
import type { RedisProcess } from '../topologies/redis-process.ts';
import type { Single } from '../topologies/single.ts';
import { type Fault, type Heal, repeatedly } from './fault.ts';

/** Sets one parameter, and puts back what it was. */
async function configure(redis: RedisProcess, name: string, value: string): Promise<Heal> {
  const [, before] = (await redis.tell('CONFIG', 'GET', name)) as readonly string[];
  await redis.tell('CONFIG', 'SET', name, value);
  return () => redis.tell('CONFIG', 'SET', name, before ?? '');
}

/** For what would lock its own cause out. */
async function keepingALine(
  redis: RedisProcess,
  inject: (line: Redis) => Promise<Heal>,
): Promise<Heal> {
  const line = redis.connect();
  const heal = await inject(line);
  return async () => {
    await heal();
    line.disconnect();
  };
}

const ENDLESS = 'while true do end';
/** Little enough that it is used up at once. */
const NO_MEMORY = '1mb';

export const REDIS_FAULTS: readonly Fault<Single>[] = [
  {
    ...{ id: 'F-3', name: 'frozen for 2 s', hold: 2000, short: true, turnsUnready: true },
    async inject({ layout: { redis } }) {
      redis.pause();
      return redis.resume;
    },
  },
  {
    ...{ id: 'F-3', name: 'frozen for 30 s', hold: 30_000, turnsUnready: true },
    async inject({ layout: { redis } }) {
      redis.pause();
      return redis.resume;
    },
  },
  {
    ...{ id: 'F-1', name: 'killed and started again', hold: 2000, short: true, turnsUnready: true },
    async inject({ layout: { redis } }) {
      await redis.kill();
      return redis.start;
    },
  },
  {
    ...{ id: 'F-1', name: 'killed, away for 10 s', hold: 10_000, turnsUnready: true },
    async inject({ layout: { redis } }) {
      await redis.kill();
      return redis.start;
    },
  },
  {
    ...{ id: 'F-1', name: 'killed every second', hold: 10_000, turnsUnready: true },
    async inject({ layout: { redis }, pause }) {
      return repeatedly(1000, async () => {
        await redis.kill();
        await pause(1000);
        await redis.start();
      });
    },
  },
  {
    ...{ id: 'F-18', name: 'emptied', hold: 1000, short: true, loses: 'everything' },
    async inject({ layout: { redis } }) {
      await redis.tell('FLUSHALL');
      return () => undefined;
    },
  },
  {
    ...{ id: 'F-2', name: 'killed, started again empty', hold: 1500, loses: 'everything' },
    async inject({ layout: { redis } }) {
      await redis.tell('FLUSHALL');
      await redis.kill();
      return redis.start;
    },
  },
  {
    ...{ id: 'F-10', name: 'out of memory', hold: 2500, short: true },
    inject: ({ layout: { redis } }) => configure(redis, 'maxmemory', NO_MEMORY),
  },
  {
    ...{ id: 'F-7', name: 'read-only', hold: 2000, short: true, turnsUnready: true },
    promotes: true,
    async inject({ layout: { redis } }) {
      // Of a primary that does not exist: it keeps what it has, and refuses to write.
      await redis.tell('REPLICAOF', '127.0.0.1', 1);
      return () => redis.tell('REPLICAOF', 'NO', 'ONE');
    },
  },
  {
    ...{ id: 'F-14', name: 'busy with a script', hold: 2500, short: true, turnsUnready: true },
    async inject({ layout: { redis } }) {
      await redis.tell('CONFIG', 'SET', 'busy-reply-threshold', 200);
      const script = redis.tell('EVAL', ENDLESS, 0).catch(() => undefined);
      return async () => {
        await redis.tell('SCRIPT', 'KILL');
        await script;
      };
    },
  },
  {
    ...{ id: 'F-15', name: 'scripts forgotten', hold: 2000, short: true, unavailableShare: 0 },
    inject: async ({ layout: { redis } }) => repeatedly(100, () => redis.tell('SCRIPT', 'FLUSH')),
  },
  {
    ...{ id: 'F-19', name: 'connections killed', hold: 3000, short: true, unavailableShare: 0.5 },
    inject: async ({ layout: { redis } }) =>
      repeatedly(100, () => redis.tell('CLIENT', 'KILL', 'TYPE', 'normal')),
  },
  {
    ...{ id: 'F-16', name: 'another password', hold: 2000, short: true, turnsUnready: true },
    inject: ({ layout: { redis } }) =>
      keepingALine(redis, async (line) => {
        await line.config('SET', 'requirepass', 'another');
        await line.call('CLIENT', 'KILL', 'TYPE', 'normal');
        return () => line.config('SET', 'requirepass', '');
      }),
  },
  {
    ...{ id: 'F-16', name: 'commands forbidden', hold: 2000, turnsUnready: true },
    async inject({ layout: { redis } }) {
      await redis.tell('ACL', 'SETUSER', 'default', '-@write');
      return () => redis.tell('ACL', 'SETUSER', 'default', '+@all');
    },
  },
  {
    ...{ id: 'F-16', name: 'no connection left', hold: 2000 },
    inject: ({ layout: { redis } }) =>
      keepingALine(redis, async (line) => {
        const before = (await redis.tell('CONFIG', 'GET', 'maxclients')) as readonly string[];
        await line.config('SET', 'maxclients', '1');
        await line.call('CLIENT', 'KILL', 'TYPE', 'normal');
        return () => line.config('SET', 'maxclients', before[1] ?? '');
      }),
  },
];
