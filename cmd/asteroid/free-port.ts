// A port for an issuer that has to know its own URL before it listens.

import { once } from 'node:events';
import { createServer } from 'node:net';

/** Between finding a port and listening on it somebody else may take it. */
const TRIES = 5;

/**
 * Starts with a free port, and once more with another where that was taken in between.
 *
 * @param host an address, or a name of one.
 */
export async function startOnFreePort<Started>(
  host: string,
  start: (port: string) => Promise<Started>,
  tries = TRIES,
): Promise<Started> {
  try {
    return await start(String(await findFreePort(host)));
  } catch (error) {
    if (tries === 1 || !isTaken(error)) throw error;
    return await startOnFreePort(host, start, tries - 1);
  }
}

async function findFreePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error(`no free port was found on ${host}`);
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'EADDRINUSE';
