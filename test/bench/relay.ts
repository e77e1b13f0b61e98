// Stands between a server and its Redis, and counts what passes.

import { once } from 'node:events';
import net from 'node:net';
import { onCleanUp } from '../e2e/rig.ts';

export type Passed = {
  /** As the server sends them; what a script calls is not among them. */
  readonly commands: number;
  /** How often it has sent something after an answer: what it sends at once is one. */
  readonly roundTrips: number;
  /** Bytes. */
  readonly sent: number;
  readonly received: number;
};

const LINE_FEED = 10;

/** Counts the commands in what a client of Redis sends: arrays of texts with their lengths. */
function createCounter(counted: () => void): (chunk: Buffer) => void {
  let line = '';
  let skip = 0;
  const readLine = (): void => {
    if (line.startsWith('*')) counted();
    else if (line.startsWith('$')) skip = Number(line.slice(1)) + 2;
    line = '';
  };
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      const skipped = Math.min(skip, chunk.length - at);
      skip -= skipped;
      at += skipped;
      if (at === chunk.length) return;
      const end = chunk.indexOf(LINE_FEED, at);
      const next = end < 0 ? chunk.length : end + 1;
      line += chunk.toString('latin1', at, next);
      at = next;
      if (end >= 0) readLine();
    }
  };
}

/** @param port where Redis listens. */
export async function startRelay(
  port: number,
): Promise<{ readonly url: string; readonly passed: () => Passed }> {
  const passed = { commands: 0, roundTrips: 0, sent: 0, received: 0 };
  const relay = net.createServer({ noDelay: true }, (client) => {
    const redis = net.connect({ port, host: '127.0.0.1', noDelay: true });
    let isAsking = false;
    const count = createCounter(() => {
      passed.commands += 1;
    });
    client.on('data', (chunk) => {
      if (!isAsking) passed.roundTrips += 1;
      isAsking = true;
      passed.sent += chunk.length;
      count(chunk);
      redis.write(chunk);
    });
    redis.on('data', (chunk) => {
      isAsking = false;
      passed.received += chunk.length;
      client.write(chunk);
    });
    client.on('error', () => redis.destroy()).on('close', () => redis.destroy());
    redis.on('error', () => client.destroy()).on('close', () => client.destroy());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  onCleanUp(() => void relay.close());
  const address = relay.address();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return { url: `redis://127.0.0.1:${address.port}`, passed: () => ({ ...passed }) };
}
