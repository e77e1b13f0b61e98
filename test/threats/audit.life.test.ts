// Sinks while a program lives: exchanged at a reload, flooded, and left behind at its end.

import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openRedisStream } from '../../internal/store/redis/stream.ts';
import { makeFolder, spawnProgram, startProgram } from '../support/program.ts';
import { startRedis } from '../support/redis-server.ts';
import { startSilentServer } from '../support/silent-server.ts';
import { until } from '../support/until.ts';
import { ask, authorize, HOST, honest, user } from './threats.fixture.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Line = { readonly id: string; readonly type: string; readonly request_id?: string };
const linesOf = async (file: string): Promise<readonly Line[]> =>
  (await readFile(file, 'utf8').catch(() => ''))
    .split('\n')
    .slice(0, -1) // a line counts when it has its end
    .map((line) => JSON.parse(line));

/** Takes whatever comes, and answers nobody. */
async function startDead(): Promise<string> {
  const server = await startSilentServer();
  cleanups.push(() => server.close());
  return `http://127.0.0.1:${server.port}/`;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const spoof = [authorize(), HOST, user('mallory')];

it('a reload exchanges sinks, and no event is lost or in two of them', async () => {
  const program = await startProgram({
    config: { audit: { sinks: [{ type: 'file', path: 'a.log' }] } },
  });
  const { folder } = program;
  const config = JSON.parse(await readFile(folder.configFile, 'utf8'));
  const sent: (string | undefined)[] = [];
  let isOver = false;
  const flood = (async () => {
    while (!isOver) sent.push((await ask(program.public, spoof)).headers['x-request-id']);
  })();

  const taken = () => program.logged().filter(({ msg }) => msg === 'reloaded').length;
  for (const [index, name] of ['b', 'c', 'a', 'b'].entries()) {
    const before = sent.length;
    await until(() => sent.length > before + 5);
    const sinks = [{ type: 'file', path: `${name}.log` }];
    await folder.write('asteroid.yaml', JSON.stringify({ ...config, audit: { sinks } }));
    await until(() => taken() === index + 1);
  }
  isOver = true;
  await flood;
  await program.stop();

  const files = await Promise.all(
    ['a', 'b', 'c'].map((name) => linesOf(folder.file(`${name}.log`))),
  );
  const ids = files.flat().map(({ request_id }) => request_id);
  expect(files.every((lines) => lines.some(({ type }) => type === 'identity.refused'))).toBe(true);
  expect(ids.filter((id) => id !== undefined).sort()).toEqual([...sent].sort());
  const reloads = files.flat().filter(({ type }) => type === 'configuration.reloaded');
  expect(reloads).toHaveLength(4);
});

it('a sink that is the same after a reload keeps what waits for it', async () => {
  const url = await startDead();
  const webhook = { type: 'webhook', url, secret_files: ['hook'], allow_private: ['127.0.0.0/8'] };
  const program = await startProgram({
    files: { hook: 'what-only-the-receiver-knows-0123456789' },
    config: { audit: { sinks: [webhook, { type: 'file', path: 'a.log' }] } },
  });
  const { folder } = program;
  const config = JSON.parse(await readFile(folder.configFile, 'utf8'));
  await ask(program.public, spoof);
  const sinks = [webhook, { type: 'file', path: 'b.log' }];
  await folder.write('asteroid.yaml', JSON.stringify({ ...config, audit: { sinks } }));
  await program.reload();
  await until(async () => (await linesOf(folder.file('b.log'))).length > 0);

  expect(program.logged().filter(({ msg }) => msg === 'audit_sink.gave_up')).toEqual([]);
});

it('what waits for a webhook is signed as its own configuration says, though the next one has other secrets', async () => {
  const received: string[] = [];
  let status = 503;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { headers } = request;
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = 'what-only-the-receiver-knows-0123456789';
    const expected = `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
    if (headers['webhook-signature'] === expected) received.push(body);
    response.writeHead(headers['webhook-signature'] === expected ? status : 401).end();
  });
  const url = await listen(server);
  const webhook = { type: 'webhook', url, secret_files: ['hook'], allow_private: ['127.0.0.0/8'] };
  const program = await startProgram({
    files: { hook: 'what-only-the-receiver-knows-0123456789' },
    config: { audit: { sinks: [webhook] } },
  });
  const { folder } = program;
  const config = JSON.parse(await readFile(folder.configFile, 'utf8'));
  await ask(program.public, spoof);
  await until(() => received.length > 0);
  await folder.write('other', 'what-another-receiver-knows-0123456789');
  const sinks = [{ ...webhook, secret_files: ['other'] }];
  await folder.write('asteroid.yaml', JSON.stringify({ ...config, audit: { sinks } }));
  await program.reload();
  received.splice(0);
  status = 204;
  await until(() => received.some((body) => body.includes('identity.refused')));

  expect(program.logged().filter(({ msg }) => msg === 'audit_sink.gave_up')).toEqual([]);
}, 60_000);

it('SIGTERM waits no longer than shutdown.grace for a sink, and says and counts what it never took', async () => {
  const url = await startDead();
  const folder = await makeFolder({
    files: { hook: 'what-only-the-receiver-knows-0123456789' },
    config: {
      shutdown: { grace: '1s', delay: '0s' },
      audit: {
        sinks: [
          {
            type: 'webhook',
            url,
            secret_files: ['hook'],
            allow_private: ['127.0.0.0/8'],
            timeout: '60s',
          },
          { type: 'file', path: 'audit.log' },
        ],
      },
    },
  });
  const child = spawnProgram(['serve', '--config', folder.configFile]);
  const at = await child.at('public');
  for (let count = 0; count < 20; count += 1) await ask(at, spoof);
  child.process.kill('SIGTERM');

  expect(await child.exit).toBe(0);
  const lines = await linesOf(folder.file('audit.log'));
  expect(lines.filter(({ type }) => type === 'identity.refused')).toHaveLength(20);
  expect(child.logged().find(({ msg }) => msg === 'audit_sink.gave_up')).toMatchObject({
    sink: 'webhook (audit.sinks[0])',
    lost: lines.length,
  });
});

it('ten thousand events go to a file and a stream beside a dead webhook, and every request is answered', async () => {
  const redis = await startRedis();
  cleanups.push(() => redis.stop());
  const url = await startDead();
  const program = await startProgram({
    files: { hook: 'what-only-the-receiver-knows-0123456789' },
    config: {
      log: { level: 'error' },
      // All processors belong to this test and to the issuer together: what is slow is not refused here.
      limits: { requests: 20_000, queue: '60s' },
      audit: {
        sinks: [
          { type: 'file', path: 'audit.log' },
          { type: 'redis', url: redis.url },
          {
            ...{ type: 'webhook', url, secret_files: ['hook'], max_waiting: 100 },
            allow_private: ['127.0.0.0/8'],
          },
        ],
      },
    },
  });
  const metrics = async () =>
    (await ask(program.at('admin'), ['GET /metrics HTTP/1.1', HOST])).body;
  const lost = async () =>
    Number(/lost_total\{sink="webhook \(audit.sinks\[2\]\)"\} (\d+)/.exec(await metrics())?.[1]);
  expect(await lost()).toBe(0);
  const body = Array.from({ length: 100 }, () => `${spoof.join('\r\n')}\r\n\r\n`).join('');
  const { openRaw } = await import('../support/raw-http.ts');
  const statuses = new Map<number, number>();
  const before = process.memoryUsage().heapUsed;
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      const connection = await openRaw(program.public);
      for (let round = 0; round < 10; round += 1) {
        connection.write(body);
        for (let count = 0; count < 100; count += 1) {
          const { status } = await connection.next();
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }
      connection.destroy();
    }),
  );
  expect((await ask(program.public, honest())).status).toBe(303);
  const lines = await until(
    () => linesOf(program.folder.file('audit.log')),
    (all) => all.at(-1)?.type === 'authorization.granted',
  );

  expect([...statuses]).toEqual([[403, 10_000]]);
  const written = lines.map(({ id }) => id);
  expect(written.length).toBeGreaterThan(10_000);
  expect(new Set(written).size).toBe(written.length);
  const stream = await openRedisStream(
    { issuer: 'https://sso.example', url: redis.url, maxPending: 1 },
    1,
  );
  cleanups.push(() => stream.close());
  const counts = async () => {
    let entries = 0;
    let at: string | undefined;
    for (;;) {
      const page = await stream.readBack(at, 5000);
      entries += page.length;
      at = page.at(-1)?.id;
      if (page.length < 5000) return entries;
    }
  };
  await until(counts, (count) => count === written.length);
  await until(lost, (count) => count === written.length - 100);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(300 * 1024 * 1024);
}, 120_000);
