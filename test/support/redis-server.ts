import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findFreePort } from './free-port.ts';

export type RedisServer = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly process: ChildProcess;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
  /** Freezes it: its sockets stay open and nothing answers (SIGSTOP). */
  pause(): void;
  resume(): void;
  /** Ends it as a crash does (SIGKILL). */
  kill(): Promise<void>;
};

const NOT_FOUND =
  'redis-server is missing: install it (apt-get install redis-server, brew install redis) or name it in REDIS_SERVER';

/** A real redis-server on a free port (or on one that a server before it had), keeping nothing on disk. */
export async function startRedis(
  args: readonly string[] = [],
  port?: number,
): Promise<RedisServer> {
  const chosen = port ?? (await findFreePort());
  return spawnRedis(chosen, async (folder) => [
    ...['--port', String(chosen), '--bind', '127.0.0.1', '--dir', folder],
    ...['--save', '', '--appendonly', 'no', ...args],
  ]);
}

/** As `startRedis`, with every argument made from the folder it may write to; it has to answer on the port. */
export async function spawnRedis(
  chosen: number,
  toArguments: (folder: string) => Promise<readonly string[]>,
): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'asteroid-redis-'));
  const child = spawn(process.env['REDIS_SERVER'] ?? 'redis-server', await toArguments(folder), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
    process.off('exit', endWithUs);
    await rm(folder, { recursive: true, force: true });
  };
  await untilReady(child, chosen).catch(async (error: unknown) => {
    if (child.pid !== undefined) await end('SIGKILL');
    throw error;
  });
  return {
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    pid: child.pid ?? 0,
    process: child,
    stop: () => end('SIGTERM'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
  };
}

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', () => reject(new Error(NOT_FOUND)));
    child.once('close', () => reject(new Error(`redis-server ended: ${output.slice(-300)}`)));
  });
  const ready = (async () => {
    while (!(await answers(port))) await pause(10);
  })();
  await Promise.race([ready, failed]);
}

/** Whether anything of Redis comes back: +PONG, or the wish for a password. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('data', (data) => settle(/^(\+PONG|-NOAUTH)/.test(data.toString())));
    socket.once('error', () => settle(false));
    socket.once('close', () => resolve(false));
  });
}
