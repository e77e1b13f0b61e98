// A redis-server that can be killed and come back with what it wrote down, as on a machine of its own.

import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { findFreePort, type RedisServer, startRedis } from '../../support/redis-server.ts';
import { onCleanUp, temporaryFolder } from '../cleanup.ts';

export type RedisProcess = {
  readonly port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Freezes it, and lets it go on. */
  pause(): void;
  resume(): void;
  /** One command, on a connection of its own. */
  tell(...command: readonly Word[]): Promise<unknown>;
  /** … as somebody who has to say `user:password`. */
  tellAs(who: string, ...command: readonly Word[]): Promise<unknown>;
};

type Word = string | number;

/** Everything is on the disk before it is acknowledged: what is lost then was lost by somebody else. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

export async function startRedisProcess(args: readonly string[] = DURABLE): Promise<RedisProcess> {
  const port = await findFreePort();
  const folder = temporaryFolder();
  let server: RedisServer | undefined;
  const start = async (): Promise<void> => {
    server = await startRedis(['--dir', folder, ...args], port);
    while (String(await tell(port, ['PING']).catch(String)) !== 'PONG') await pause(20);
  };
  onCleanUp(() => server?.kill());
  await start();
  return {
    port,
    start,
    kill: async () => server?.kill(),
    pause: () => server?.pause(),
    resume: () => server?.resume(),
    tell: (...command) => tell(port, command),
    tellAs: (who, ...command) => tell(port, command, who),
  };
}

/** Throws what Redis answers, or that it does not. */
export async function tell(
  port: number,
  [name = '', ...args]: readonly Word[],
  who = '',
): Promise<unknown> {
  const [username = '', password = ''] = who.split(':');
  const redis = new Redis({
    ...(who === '' ? {} : { username, password }),
    ...{ port, host: '127.0.0.1', lazyConnect: true, connectTimeout: 2000 },
    ...{ maxRetriesPerRequest: 0, retryStrategy: () => null, enableReadyCheck: false },
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await redis.call(String(name), ...args);
  } finally {
    redis.disconnect();
  }
}
