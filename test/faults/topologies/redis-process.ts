// A redis-server that can be killed and come back with what it wrote down, as on a machine of its own.

import type { Redis } from 'ioredis';
import { findFreePort } from '../../support/free-port.ts';
import { createClient, tell } from '../../support/redis-client.ts';
import { type RedisServer, startRedis } from '../../support/redis-server.ts';
import { untilTrue } from '../../support/until.ts';
import { onCleanUp, temporaryFolder } from '../cleanup.ts';

export type RedisProcess = {
  readonly port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Freezes it, and lets it go on. */
  pause(): void;
  resume(): void;
  /** One command, on a connection of its own. */
  tell(...command: readonly (string | number)[]): Promise<unknown>;
  /** A connection that stays, for when no other is let in. */
  connect(): Redis;
};

/** Everything is on the disk before it is acknowledged: what is lost then was lost by somebody else. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

export async function startRedisProcess(args: readonly string[] = DURABLE): Promise<RedisProcess> {
  const port = await findFreePort();
  const folder = temporaryFolder();
  let server: RedisServer | undefined;
  const start = async (): Promise<void> => {
    server = await startRedis(['--dir', folder, ...args], port);
    await untilTrue('it has read its file', async () => (await tell(port, {}, 'PING')) === 'PONG');
  };
  onCleanUp(() => server?.kill());
  await start();
  return {
    port,
    start,
    kill: async () => server?.kill(),
    pause: () => server?.pause(),
    resume: () => server?.resume(),
    tell: (...command) => tell(port, {}, ...command),
    connect: () => createClient(port),
  };
}
