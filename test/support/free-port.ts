// Ports for servers that cannot choose one themselves, or have to come back where they were. The system may give an
// ephemeral one to somebody else before the server has it, and a client that asks for a server that is away may be
// given its very port and be connected with itself: these lie below, and no two files that run beside each other
// choose from the same.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what Linux (32768), macOS and Windows (49152) give to connections, and above what browsers block. */
const FIRST = 12_000;
const PER_WORKER = 1_000;
const WORKERS = 20;

const worker = Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS;
let turn = randomInt(PER_WORKER);

/** A port of loopback that nobody listens on, and that no other test chooses meanwhile. */
export async function findFreePort(): Promise<number> {
  for (let tried = 0; tried < PER_WORKER; tried += 1) {
    const port = FIRST + worker * PER_WORKER + turn;
    turn = (turn + 1) % PER_WORKER;
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
}

/** All different. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await findFreePort());
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
