import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startOnFreePort } from '../../cmd/asteroid/free-port.ts';
import { createSilentLog } from '../../internal/app/silent-log.ts';
import { createAdminApp } from '../../internal/http/admin.ts';
import { listen } from '../../internal/http/listen.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const HOST = '127.0.0.1';

async function take(port: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(Number(port), HOST, resolve));
  ends.push(() => server.close());
  return server;
}

/** As the program does it. */
async function start(port: string): Promise<string> {
  const app = createAdminApp({
    ready: async () => [],
    draining: () => false,
    isOutdated: () => false,
    log: createSilentLog(),
  });
  const listener = await listen(app, { address: { kind: 'tcp', host: HOST, port: Number(port) } });
  ends.push(() => listener.drain(0));
  return port;
}

describe('a free port', () => {
  it('is another one where somebody took it before it was listened on', async () => {
    const tried: string[] = [];

    const port = await startOnFreePort(HOST, async (free) => {
      tried.push(free);
      if (tried.length <= 2) await take(free);
      return start(free);
    });

    expect(tried).toHaveLength(3);
    expect(port).toBe(tried[2]);
    expect(Number(port)).toBeGreaterThan(0);
  });

  it('is not looked for without end', async () => {
    let tried = 0;

    const starting = startOnFreePort(HOST, async (free) => {
      tried += 1;
      await take(free);
      return start(free);
    });

    await expect(starting).rejects.toThrow('another program listens there already');
    expect(tried).toBe(5);
  });

  it('is looked for once where something else is wrong', async () => {
    let tried = 0;

    const starting = startOnFreePort(HOST, async () => {
      tried += 1;
      throw new Error('no such file');
    });

    await expect(starting).rejects.toThrow('no such file');
    expect(tried).toBe(1);
  });
});
