// What the parts that an issuer relies on look like from outside, when they fail.

import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attributeOf, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { startProgram } from '../support/program.ts';
import { openRaw, type RawTarget } from '../support/raw-http.ts';
import { startRedis } from '../support/redis-server.ts';
import { scrape } from '../support/scrape.ts';
import { startSilentServer } from '../support/silent-server.ts';
import { until } from '../support/until.ts';
import { ask, HOST, honest, redirected } from './threats.fixture.ts';

async function startService(status: () => number): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status(), { 'Content-Type': 'application/json' }).end('{"sub":"alice"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/users/{sub}`;
}

const http = (url: string) => ({ userinfo: { backends: [{ type: 'http', url }] } });

describe('how full it is', () => {
  it('is told of each limit of the memory store, and of the outbox', async () => {
    const memory = { max_entries: 5000, max_pending: 40, max_clients: 30 };
    const program = await startProgram({ config: { store: { driver: 'memory', memory } } });
    const before = await scrape(program.at('admin'));
    await ask(program.public, honest());
    const { value } = await scrape(program.at('admin'));

    const budget = 'entries';
    expect(before.value('asteroid_memory_store_entries', { budget })).toBe(0);
    expect(value('asteroid_memory_store_entries', { budget })).toBeGreaterThan(0);
    expect(value('asteroid_memory_store_capacity', { budget })).toBe(5000);
    expect(value('asteroid_memory_store_capacity', { budget: 'pending' })).toBe(40);
    expect(value('asteroid_memory_store_capacity', { budget: 'clients' })).toBe(30);
    expect(value('asteroid_outbox_deliveries')).toBe(0);
    expect(value('asteroid_outbox_capacity')).toBe(10_000);
  });

  it('is not told of Redis, which says that itself', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const store = { driver: 'redis', redis: { url: redis.url } };
    const program = await startProgram({ config: { store } });
    await ask(program.public, honest());
    const { value } = await scrape(program.at('admin'));

    expect(value('asteroid_memory_store_entries')).toBeUndefined();
    expect(value('asteroid_memory_store_capacity')).toBeUndefined();
    expect(value('asteroid_outbox_deliveries')).toBe(0);
  });
});

describe('a userinfo service', () => {
  it('is measured, and so is how often it had to be asked', async () => {
    const program = await startProgram({ config: http(await startService(() => 200)) });
    await ask(program.public, honest());
    await ask(program.public, honest());

    const { value } = await scrape(program.at('admin'));

    expect(value('asteroid_userinfo_cache_total', { backend: 'http', outcome: 'asked' })).toBe(1);
    expect(
      value('asteroid_userinfo_cache_total', { backend: 'http', outcome: 'fresh' }),
    ).toBeGreaterThan(0);
    expect(value('asteroid_outbound_requests_total', { purpose: 'userinfo', outcome: '2xx' })).toBe(
      1,
    );
    expect(value('asteroid_userinfo_errors_total')).toBeUndefined();
  });

  it('that fails is counted by what came back, as is each question without an answer', async () => {
    const program = await startProgram({ config: http(await startService(() => 500)) });
    const answer = await ask(program.public, honest());

    const { value } = await scrape(program.at('admin'));

    expect(redirected(answer)['error']).toBe('temporarily_unavailable');
    expect(value('asteroid_userinfo_errors_total', { backend: 'http' })).toBe(1);
    expect(value('asteroid_outbound_requests_total', { purpose: 'userinfo', outcome: '5xx' })).toBe(
      1,
    );
    expect(value('asteroid_userinfo_cache_total', { backend: 'http', outcome: 'refused' })).toBe(1);
  });

  it('that fails is in the log with why, though the client is sent a refusal', async () => {
    const program = await startProgram({ config: http(await startService(() => 500)) });
    const answer = await ask(program.public, honest());
    const lines = program.logText().split('\n');
    const told = lines.filter((line) => line.includes('dependency unavailable'));

    expect(redirected(answer)['error']).toBe('temporarily_unavailable');
    expect(told.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: 'warn',
        request_id: answer.headers['x-request-id'],
        route: 'authorize',
        detail: expect.stringContaining('ask the http backend'),
        cause: expect.stringContaining('500'),
      },
    ]);
  });

  it('that answers leaves no such line', async () => {
    const program = await startProgram({ config: http(await startService(() => 200)) });
    await ask(program.public, honest());

    expect(program.logText()).not.toContain('dependency unavailable');
  });

  it('that is not there is told from one that is slow', async () => {
    const program = await startProgram({ config: http('http://127.0.0.1:1/users/{sub}') });
    await ask(program.public, honest());
    const slow = await startProgram({
      config: {
        userinfo: { backends: [{ type: 'http', url: await startHole(), timeout: '100ms' }] },
      },
    });
    await ask(slow.public, honest());

    const outcome = async (target: RawTarget, of: string) =>
      (await scrape(target)).value('asteroid_outbound_requests_total', { outcome: of });

    expect(await outcome(program.at('admin'), 'unreachable')).toBe(1);
    expect(await outcome(slow.at('admin'), 'timeout')).toBe(1);
  });
});

/** Takes connections, and says nothing. */
async function startHole(): Promise<string> {
  const server = await startSilentServer();
  onTestFinished(() => server.close());
  return `http://127.0.0.1:${server.port}/users/{sub}`;
}

describe('a store', () => {
  it('that is gone is counted by verb, and not ready', async () => {
    const redis = await startRedis();
    const program = await startProgram({
      config: { store: { driver: 'redis', redis: { url: redis.url } } },
    });
    await ask(program.public, honest());
    const before = await scrape(program.at('admin'));
    await redis.stop();
    const answer = await ask(program.public, honest());
    const after = await scrape(program.at('admin'));

    expect(redirected(answer)['error']).toBe('temporarily_unavailable');
    expect(before.value('asteroid_ready', { dependency: 'store' })).toBe(1);
    expect(before.value('asteroid_store_errors_total')).toBeUndefined();
    expect(after.value('asteroid_ready', { dependency: 'store' })).toBe(0);
    expect(after.value('asteroid_store_errors_total', { error: 'unavailable' })).toBeGreaterThan(0);
  });
});

describe('requests', () => {
  it('that are refused for being too many are counted', async () => {
    const program = await startProgram({
      config: {
        limits: { requests: 1 },
        userinfo: { backends: [{ type: 'http', url: await startHole() }] },
      },
    });
    const first = await openRaw(program.public);
    first.write(`${honest().join('\r\n')}\r\n\r\n`);
    let refused = 0;
    while (refused === 0) refused = (await ask(program.public, honest())).status === 503 ? 1 : 0;

    const { value } = await scrape(program.at('admin'));

    expect(value('asteroid_overload_refusals_total', { cause: 'requests' })).toBeGreaterThan(0);
    expect(value('asteroid_http_requests_in_flight')).toBeGreaterThan(0);
    first.destroy();
  });

  it('whose sender is gone have no status', async () => {
    const program = await startProgram();
    const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100';
    const { port } = program.public as { readonly port: number };
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /token HTTP/1.1\r\n${HOST}\r\n${form}\r\n\r\ngrant`);
    const underWay = async () =>
      (await scrape(program.at('admin'))).value('asteroid_http_requests_in_flight');
    await until(underWay, (count) => count === 1);
    socket.destroy();
    const gone = async () =>
      (await scrape(program.at('admin'))).value('asteroid_http_requests_total', { status: 'gone' });

    expect(await until(gone)).toBe(1);
  });
});

describe('keys', () => {
  it('say when the next one signs, and what somebody has to look at', async () => {
    const program = await startProgram({
      config: { keys: { source: 'file', dir: 'keys', rotate_every: '30d' } },
    });
    await program.folder.write('keys/20990101T000000Z.ES256.pem', 'not a key');
    await program.reload();

    const { value } = await scrape(program.at('admin'));
    const next = value('asteroid_signing_key_next_rotation_timestamp_seconds', { alg: 'ES256' });

    expect(next).toBeGreaterThan(Date.now() / 1000 + 29 * 86_400);
    expect(value('asteroid_key_failures_total', { type: 'keys.reload_failed' })).toBeGreaterThan(0);
  });
});

it('on a Unix socket whoever may open it says which trace a request belongs to', {
  timeout: 120_000,
}, async () => {
  const receiver = await startOtlpReceiver();
  const program = await startProgram({
    config: {
      listen: { public: { socket: 'asteroid.sock' }, admin: { port: 0 } },
      tracing: { endpoint: receiver.url },
    },
  });
  const trace = '0af7651916cd43dd8448eb211c80319c';
  await ask(program.public, [
    'GET /jwks.json HTTP/1.1',
    HOST,
    `traceparent: 00-${trace}-b7ad6b7169203331-01`,
  ]);

  const span = await receiver.until(({ name }) => name === 'GET jwks');

  expect(span.traceId).toBe(trace);
  expect(attributeOf(span, 'http.response.status_code')).toBe(200);
});
