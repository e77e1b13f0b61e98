import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FORM, HOST, startHttp } from '../support/http-app.ts';
import { ask, openRaw, type RawConnection } from '../support/raw-http.ts';

/** Short enough to wait for, and long enough for whoever is not slow on a machine that is. */
const TIMEOUTS = { headers: 1000, request: 1500, keepAlive: 1000 };

/** One byte at a time, for as long as the server listens. */
async function drip(connection: RawConnection, text: string): Promise<void> {
  let over = false;
  void connection.closed.then(() => {
    over = true;
  });
  for (const byte of text) {
    if (over) return;
    connection.write(byte);
    await pause(40);
  }
}

describe('slow clients (G-24)', () => {
  it('one that sends its headers byte by byte is answered 408 and cut', async () => {
    const { target, asked } = await startHttp({ timeouts: TIMEOUTS });
    const connection = await openRaw(target);

    const dripping = drip(
      connection,
      `GET /jwks.json HTTP/1.1\r\n${HOST}\r\nX-A: ${'a'.repeat(200)}`,
    );
    const { status, headers, body } = await connection.next();
    await connection.closed;
    await dripping;

    expect(status).toBe(408);
    expect(headers['connection']).toBe('close');
    expect(body).toBe('');
    expect(asked).toEqual([]);
  });

  it('one that sends its body byte by byte is answered 408 and cut', async () => {
    const { target, asked, logged } = await startHttp({ timeouts: TIMEOUTS });
    const connection = await openRaw(target);

    connection.write(`POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 1000\r\n\r\n`);
    const dripping = drip(connection, 'a'.repeat(100));
    const { status } = await connection.next();
    await connection.closed;
    await dripping;

    expect(status).toBe(408);
    expect(asked).toEqual([]);
    await expect.poll(() => logged().at(-1)).toMatchObject({ reason: 'client_gone' });
  });

  it('one that says nothing at all is cut', async () => {
    const { target } = await startHttp({ timeouts: TIMEOUTS });
    const connection = await openRaw(target);

    await connection.closed;

    expect((await ask(target, ['GET /jwks.json HTTP/1.1', HOST])).status).toBe(200);
  });

  it('one that is idle between requests is cut after the time it was told', async () => {
    const { target } = await startHttp({ timeouts: TIMEOUTS });
    const connection = await openRaw(target);
    connection.write(`GET /jwks.json HTTP/1.1\r\n${HOST}\r\n\r\n`);
    const { headers } = await connection.next();
    const answeredAt = performance.now();

    await connection.closed;

    expect(headers['keep-alive']).toBe('timeout=1');
    expect(performance.now() - answeredAt).toBeGreaterThan(900);
  });

  it('many of them do not keep a new one waiting', async () => {
    const { target } = await startHttp();
    const idle = await Promise.all(Array.from({ length: 500 }, () => openRaw(target)));
    for (const connection of idle) connection.write('GET /jwks.json HTTP/1.1\r\n');
    let isAnyOver = false;
    for (const { closed } of idle) {
      void closed.then(() => {
        isAnyOver = true;
      });
    }

    const { status } = await ask(target, ['GET /jwks.json HTTP/1.1', HOST]);

    expect(status).toBe(200);
    expect(isAnyOver).toBe(false);
    for (const connection of idle) connection.destroy();
  });

  it('one whose endpoint takes long is not cut: the limits are for the request', async () => {
    const { target } = await startHttp({
      timeouts: TIMEOUTS,
      endpoints: {
        token: async () => {
          await pause(2500);
          return { kind: 'json', status: 200, body: {} };
        },
      },
    });

    expect((await ask(target, ['POST /token HTTP/1.1', HOST])).status).toBe(200);
  });
});

describe('memory (G-12)', () => {
  it('does not grow with bodies that are refused', async () => {
    const { target } = await startHttp();
    const chunk = `10000\r\n${'b'.repeat(0x10000)}\r\n`;
    const before = process.memoryUsage().arrayBuffers;

    for (let round = 0; round < 20; round += 1) {
      const connection = await openRaw(target);
      connection.write(
        `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      connection.write(chunk.repeat(16));
      expect((await connection.next()).status).toBe(413);
      connection.destroy();
    }

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });
});
