// Ports for servers that cannot choose one themselves, or that have to come back where they were.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below those that systems give to outgoing connections (from 32768 on Linux) and to whoever listens on 0:
// from there a port may be somebody else's a moment later, or a client that asks for a server that is away
// may be given its very port, and be connected with itself.
const [FIRST, END] = [10_000, 32_000];

let next = randomInt(FIRST, END);

/** A port nobody listens on, another one each time. */
export async function findFreePort(): Promise<number> {
  for (let tried = FIRST; tried < END; tried += 1) {
    const port = next;
    next = next + 1 < END ? next + 1 : FIRST;
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (isListening) await new Promise((resolve) => server.close(resolve));
  return isListening;
}
