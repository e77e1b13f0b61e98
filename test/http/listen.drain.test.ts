import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../internal/oidc/endpoint.ts';
import { FORM, HOST, startHttp } from '../support/http-app.ts';
import { ask, openRaw, type RawConnection } from '../support/raw-http.ts';

const TOKEN = `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 3\r\n\r\na=b`;
const JWKS = `GET /jwks.json HTTP/1.1\r\n${HOST}\r\n\r\n`;

const quick: Endpoint = async () => {
  await pause(5);
  return { kind: 'json', status: 200, body: { done: true } };
};

/** Takes as long as the test says. */
function holding() {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const token: Endpoint = async () => {
    await held;
    return { kind: 'json', status: 200, body: { done: true } };
  };
  return { endpoints: { token }, release: () => release() };
}

/** Nothing of this process happens meanwhile, as when it is not given a processor. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Asks again and again on one connection; resolves with what the first refusal or end was. */
async function keepAsking(connection: RawConnection): Promise<'told to go' | 'lost'> {
  try {
    for (;;) {
      connection.write(TOKEN);
      const { status, headers } = await connection.next();
      if (status !== 200) return 'lost';
      if (headers['connection'] === 'close') return 'told to go';
    }
  } catch {
    return 'lost';
  }
}

describe('drain', () => {
  it('loses no request of a hundred connections that keep asking', async () => {
    const { target, listener, asked } = await startHttp({
      endpoints: { token: quick },
      logLevel: 'silent',
    });
    const connections = await Promise.all(Array.from({ length: 100 }, () => openRaw(target)));
    for (const connection of connections) connection.write(TOKEN);
    await Promise.all(connections.map((connection) => connection.next()));
    const clients = connections.map(keepAsking);
    await expect.poll(() => asked.length, { timeout: 15_000 }).toBeGreaterThan(1000);

    await listener.drain(5000);

    const ends = await Promise.all(clients);
    expect(ends.filter((end) => end === 'lost')).toEqual([]);
  });

  it('answers a request under way, says that the connection ends, and ends', async () => {
    const { endpoints, release } = holding();
    const { target, listener, asked } = await startHttp({ endpoints });
    const connection = await openRaw(target);
    connection.write(TOKEN);
    await expect.poll(() => asked.length).toBe(1);

    const drained = listener.drain(60_000);
    release();
    const { status, headers, body } = await connection.next();
    await drained;

    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ done: true });
    expect(headers['connection']).toBe('close');
    await connection.closed;
  });

  it('answers who connected in its last moment before, and accepts nobody afterwards', async () => {
    const { endpoints, release } = holding();
    const { target, listener } = await startHttp({ endpoints });
    const connection = await openRaw(target);

    const drained = listener.drain(60_000);
    connection.write(TOKEN);

    await expect.poll(() => openRaw(target).catch(String)).toContain('ECONNREFUSED');
    release();
    expect((await connection.next()).status).toBe(200);
    await drained;
  });

  it('answers a request that was on its way on an idle connection', async () => {
    const { target, listener } = await startHttp();
    const connection = await openRaw(target);
    connection.write(JWKS);
    await connection.next();

    const drained = listener.drain(60_000);
    connection.write(JWKS);
    const { status, headers } = await connection.next();
    await drained;

    expect(status).toBe(200);
    expect(headers['connection']).toBe('close');
  });

  it('answers a request that arrived while the process itself stood still', async () => {
    const { target, listener } = await startHttp();
    const connection = await openRaw(target);
    connection.write(JWKS);
    await connection.next();

    const drained = listener.drain(60_000);
    connection.write(JWKS);
    standStill(1200);
    const { status } = await connection.next();
    await drained;

    expect(status).toBe(200);
  });

  it('answers who connected while the process itself stood still', async () => {
    const { target, listener } = await startHttp();
    const opening = openRaw(target);
    await new Promise((resolve) => process.nextTick(resolve)); // when it asks the kernel

    const drained = listener.drain(60_000);
    standStill(400);
    const connection = await opening;
    connection.write(JWKS);
    const { status } = await connection.next();
    await drained;

    expect(status).toBe(200);
  });

  it('answers a request of which only a part had arrived when idle connections were ended', async () => {
    const { target, listener } = await startHttp();
    const used = await openRaw(target);
    used.write(JWKS);
    await used.next();
    const idle = await openRaw(target);
    const unused = await openRaw(target);

    const drained = listener.drain(60_000);
    for (const connection of [used, unused]) connection.write(JWKS.slice(0, 20));
    await idle.closed;
    for (const connection of [used, unused]) connection.write(JWKS.slice(20));
    const answers = await Promise.all([used.next(), unused.next()]);
    await drained;

    for (const { status, headers } of answers) {
      expect({ status, connection: headers['connection'] }).toEqual({
        status: 200,
        connection: 'close',
      });
    }
  });

  it('ends idle connections, used or not, long before the grace is over', async () => {
    const { target, listener } = await startHttp();
    const used = await openRaw(target);
    used.write(JWKS);
    await used.next();
    const unused = await openRaw(target);

    // Waits no longer than a test may take.
    await listener.drain(3_600_000);

    await Promise.all([used.closed, unused.closed]);
  });

  it('cuts what is still under way when the grace is over', async () => {
    const { target, listener, asked } = await startHttp(holding());
    const connection = await openRaw(target);
    connection.write(TOKEN);
    await expect.poll(() => asked.length).toBe(1);

    await listener.drain(200);

    await expect(connection.next()).rejects.toThrow();
  });

  it('asked a second time, cuts at once', async () => {
    const { target, listener, asked } = await startHttp(holding());
    const connection = await openRaw(target);
    connection.write(TOKEN);
    await expect.poll(() => asked.length).toBe(1);

    const first = listener.drain(3_600_000);
    await Promise.all([first, listener.drain(3_600_000)]);

    await expect(connection.next()).rejects.toThrow();
  });

  it('frees the port', async () => {
    const { listener } = await startHttp();
    const port = listener.port ?? 0;

    await listener.drain(0);
    const { target } = await startHttp({ address: { kind: 'tcp', host: '127.0.0.1', port } });

    expect((await ask(target, ['GET /jwks.json HTTP/1.1', HOST])).status).toBe(200);
  });
});

describe('retire', () => {
  it('ends connections by their next answer, and goes on accepting', async () => {
    const { endpoints, release } = holding();
    const { target, listener, asked } = await startHttp({ endpoints });
    const used = await openRaw(target);
    used.write(JWKS);
    expect((await used.next()).headers['connection']).toBe('keep-alive');
    const busy = await openRaw(target);
    busy.write(TOKEN);
    await expect.poll(() => asked.length).toBe(2);

    listener.retire();
    release();
    used.write(JWKS);
    const answers = [await used.next(), await busy.next()];
    const later = await openRaw(target);
    later.write(JWKS);
    answers.push(await later.next());

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.map(({ headers }) => headers['connection'])).toEqual([
      'close',
      'close',
      'close',
    ]);
    await Promise.all([used.closed, busy.closed, later.closed]);
  });

  it('answers what was sent before, ends the connection with the last of it, and carries out no more', async () => {
    const { endpoints, release } = holding();
    const { target, listener, asked } = await startHttp({ endpoints });
    const connection = await openRaw(target);
    connection.write(TOKEN + TOKEN);
    await expect.poll(() => asked.length).toBe(2);

    listener.retire();
    connection.write(TOKEN);
    release();
    const answers = [await connection.next(), await connection.next()];
    await connection.closed;

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.map(({ headers }) => headers['connection'])).toEqual(['keep-alive', 'close']);
    expect(asked).toHaveLength(2);
  });
});
