// The producer as a proxy: everything reaches the app, and everything of the app comes back, as it comes.

import { request as ask } from 'node:http';
import { describe, expect, it } from 'vitest';
import { linesNamed, stand } from '../support/producer.ts';
import { openRaw } from '../support/raw-http.ts';

describe('a request through the producer', () => {
  it('keeps its method, target, header lines and body', async () => {
    const { app, producer } = await stand('oauth2-proxy', { as: 'alice' });
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const body = method === 'GET' ? null : 'a body';
      await fetch(`${producer.url}/a%2Fb/../c?x=%20&y`, { method, body, headers: { 'X-A': 'b' } });

      const arrived = app.arrived.at(-1);
      expect(arrived).toMatchObject({ method, url: '/c?x=%20&y', body: body ?? '' });
      expect(linesNamed(arrived ?? { rawHeaders: [] }, 'X-A')).toEqual(['b']);
    }
  });

  it('reaches the app byte for byte, duplicates and case kept', async () => {
    const { app, port } = await stand('oauth2-proxy', { as: 'alice' });
    const connection = await openRaw({ port });
    connection.write(
      `GET /a/./b/%2e%2e//c?${encodeURIComponent('ü')} HTTP/1.1\r\nHost: localhost:${port}\r\nx-MIXED: 1\r\nx-MIXED: 2\r\nX-Bytes: \xe4\r\n\r\n`,
    );
    expect((await connection.next()).status).toBe(200);
    connection.destroy();

    expect(app.arrived[0]?.url).toBe('/a/./b/%2e%2e//c?%C3%BC');
    expect(app.arrived[0]?.rawHeaders.slice(0, 8)).toEqual([
      ...['Host', `localhost:${port}`, 'x-MIXED', '1', 'x-MIXED', '2', 'X-Bytes', '\xe4'],
    ]);
  });

  it('has the Host that the product would leave in it', async () => {
    const kept = await stand('oauth2-proxy', { as: 'alice' });
    const changed = await stand('pomerium', { as: 'alice' });
    await fetch(kept.producer.url);
    await fetch(changed.producer.url);

    expect(linesNamed(kept.app.arrived[0] ?? { rawHeaders: [] }, 'Host')).toEqual([
      `localhost:${kept.port}`,
    ]);
    expect(linesNamed(changed.app.arrived[0] ?? { rawHeaders: [] }, 'Host')).toEqual([
      `127.0.0.1:${changed.app.port}`,
    ]);
  });

  it('streams its body while it is sent, and says nothing of an end that is not there yet', async () => {
    const { app, producer } = await stand('oauth2-proxy', { as: 'alice' });
    const heard: string[] = [];
    let hear = (): void => {};
    app.answers((request, response) => {
      request.on('data', (chunk) => {
        heard.push(String(chunk));
        hear();
      });
      request.on('end', () => response.end('all of it'));
    });
    const uploading = ask(`${producer.url}/upload`, { method: 'POST' });
    const answered = new Promise<number | undefined>((resolve) =>
      uploading.on('response', ({ statusCode }) => resolve(statusCode)),
    );
    for (const part of ['one', 'two']) {
      const arrives = new Promise<void>((resolve) => {
        hear = resolve;
      });
      uploading.write(part);
      await arrives;
    }
    expect(heard).toEqual(['one', 'two']);
    uploading.end();

    expect(await answered).toBe(200);
  });
});

describe('an answer through the producer', () => {
  it('keeps its status, reason, header lines and body', async () => {
    const { app, port } = await stand('oauth2-proxy', { as: 'alice' });
    app.answers((_, response) => {
      response.writeHead(418, 'Short And Stout', [
        ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-CASE', 'Kept'],
        ...[
          'Content-Length',
          '8',
          'Connection',
          'X-Hop',
          'X-Hop',
          'gone',
          'Keep-Alive',
          'timeout=5',
        ],
      ]);
      response.end('a teapot');
    });
    const connection = await openRaw({ port });
    connection.write(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    const { status, lines, body } = await connection.next();
    connection.destroy();

    expect([status, body]).toEqual([418, 'a teapot']);
    expect(lines).toContain('X-CASE: Kept');
    expect(lines.filter((line) => line.startsWith('Set-Cookie'))).toEqual([
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
    ]);
    expect(lines.some((line) => line.startsWith('X-Hop'))).toBe(false);
  });

  it('keeps the bytes of its header lines', async () => {
    const { app, port } = await stand('oauth2-proxy', { as: 'alice' });
    app.answers(({ socket }) =>
      socket.end(
        Buffer.from(
          'HTTP/1.1 299 \xdcbrig\r\nX-Latin: \xe4\r\nX-Utf8: \xc3\xa4\r\nContent-Length: 2\r\n\r\nok',
          'latin1',
        ),
      ),
    );
    const connection = await openRaw({ port });
    connection.write(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    const { headers, body } = await connection.next();
    connection.destroy();

    expect([headers['x-latin'], headers['x-utf8'], body]).toEqual(['\xe4', '\xc3\xa4', 'ok']);
  });

  it('brings server-sent events as they happen, and the head before the first', async () => {
    const { app, producer } = await stand('oauth2-proxy', { as: 'alice' });
    let send = (_: string): void => {};
    let isLeft = false;
    app.answers((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      send = (event) => response.write(`data: ${event}\n\n`);
      response.on('close', () => {
        isLeft = true;
      });
    });
    const leave = new AbortController();
    const answer = await fetch(`${producer.url}/events`, { signal: leave.signal });
    const events = answer.body?.getReader();
    for (const event of ['one', 'two']) {
      send(event);
      const { value } = (await events?.read()) ?? {};
      expect(Buffer.from(value ?? []).toString()).toBe(`data: ${event}\n\n`);
    }

    leave.abort();
    await expect.poll(() => isLeft).toBe(true);
  });

  it('to HEAD says how long it would be, and is empty', async () => {
    const { app, producer } = await stand('oauth2-proxy', { as: 'alice' });
    app.answers((_, response) => response.writeHead(200, { 'Content-Length': '7' }).end());

    const answer = await fetch(producer.url, { method: 'HEAD' });

    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '7']);
  });

  it('without a body stays without one', async () => {
    const { app, producer } = await stand('oauth2-proxy', { as: 'alice' });
    for (const status of [204, 304]) {
      app.answers((_, response) => response.writeHead(status, { ETag: '"a"' }).end());

      const answer = await fetch(producer.url);
      expect([answer.status, answer.headers.get('etag'), await answer.text()]).toEqual([
        ...[status, '"a"', ''],
      ]);
    }
  });

  it('that breaks off in the middle breaks off for the client too', async () => {
    const { app, producer } = await stand('oauth2-proxy', { as: 'alice' });
    app.answers((_, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half', () => response.destroy());
    });

    const answer = await fetch(`${producer.url}/half`);

    await expect(answer.text()).rejects.toThrow();
  });

  it('may come before the request is all there', async () => {
    const { app, port } = await stand('oauth2-proxy', { as: 'alice' });
    app.answers((_, response) => {
      response.writeHead(413, { Connection: 'close' }).end('too much');
    });
    const connection = await openRaw({ port });
    connection.write(
      `POST / HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1000)}`,
    );

    expect((await connection.next()).status).toBe(413);
    connection.destroy();
  });
});

describe('an app that does not answer', () => {
  it('is a page for people that says what to start, and a line for programs', async () => {
    const { app, producer } = await stand('oauth2-proxy', { as: 'alice' });
    await app.stop();

    const page = await fetch(producer.url, { headers: { Accept: 'text/html' } });
    const line = await fetch(producer.url, { headers: { Accept: 'application/json' } });

    expect([page.status, line.status]).toEqual([502, 502]);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await page.text();
    for (const word of [app.url, 'ECONNREFUSED', 'Start your application']) {
      expect(text).toContain(word);
    }
    expect(await line.text()).toBe(
      `nothing answers at ${app.url} (ECONNREFUSED): start your application there, or name where it is with --to\n`,
    );
  });

  it('is one that speaks no HTTP, or upgrades what nobody asked it to', async () => {
    for (const answer of [
      'hello\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ]) {
      const { app, producer } = await stand('oauth2-proxy', { as: 'alice' });
      app.answers((request) => request.socket.end(answer));

      expect((await fetch(producer.url)).status).toBe(502);
    }
  });

  it('is one with a status line that nobody could pass on, and the next request has its answer', async () => {
    const { app, producer } = await stand('oauth2-proxy', { as: 'alice' });
    let line = '';
    app.answers(({ socket }) => socket.end(Buffer.from(`${line}\r\n\r\n`, 'latin1')));
    const statusTo = async (answered: string): Promise<number> => {
      line = answered;
      return (await fetch(producer.url)).status;
    };

    expect(await statusTo('HTTP/1.1 200 O\x01K')).toBe(502);
    expect(await statusTo('HTTP/1.1 099 Early')).toBe(502);
    expect(await statusTo('HTTP/1.1 000 Nothing')).toBe(502);
    expect(await statusTo('HTTP/1.1 299 \xdcbrig')).toBe(299);
  });

  it('is one that hangs up without a word, too', async () => {
    const { app, producer } = await stand('oauth2-proxy', { as: 'alice' });
    app.answers((request) => request.socket.destroy());

    expect((await fetch(producer.url)).status).toBe(502);
  });
});

describe('a WebSocket through the producer', () => {
  const upgrade = (port: number, ...lines: readonly string[]): string =>
    [
      'GET /socket HTTP/1.1',
      `Host: localhost:${port}`,
      'Connection: keep-alive, Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...lines,
      '\r\n',
    ].join('\r\n');

  it('is opened by whoever is signed in, says who it is, and carries bytes both ways', async () => {
    const { app, port } = await stand('authelia', { as: 'alice' });
    const connection = await openRaw({ port });

    connection.write(`${upgrade(port, 'Remote-User: mallory', 'Remote_User: mallory')}early`);
    const { status, headers, lines } = await connection.next({ head: true });

    expect(status).toBe(101);
    expect(headers).toMatchObject({
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    });
    expect(lines.filter((line) => /^connection/i.test(line))).toHaveLength(1);
    expect(linesNamed(app.arrived[0] ?? { rawHeaders: [] }, 'Remote-User')).toEqual(['alice']);
    expect(app.arrived[0]?.rawHeaders.join(' ')).not.toContain('mallory');
    connection.destroy();
  });

  it('carries messages, and ends at both ends', async () => {
    const { port } = await stand('authelia', { as: 'alice' });
    const echoed = await talk(port, `${upgrade(port)}early`, ['early', 'hello', 'again']);

    expect(echoed).toBe('earlyhelloagain');
  });

  it('is refused to nobody, to a foreign host, and where no app is', async () => {
    const { app, port } = await stand('authelia');
    const statusOf = async (text: string) => {
      const connection = await openRaw({ port });
      connection.write(text);
      const { status } = await connection.next();
      await connection.closed;
      return status;
    };

    expect(await statusOf(upgrade(port))).toBe(401);
    expect(await statusOf(upgrade(port).replace(/Host: .*/, 'Host: evil.example'))).toBe(421);
    expect(await statusOf(upgrade(port).replace('/socket', '/.asteroid/sign-in'))).toBe(400);
    expect(app.arrived).toEqual([]);
    await app.stop();
    expect(await statusOf(upgrade(port, 'X-Asteroid-As: alice'))).toBe(502);
  });

  it('that the app refuses is refused in the words of the app', async () => {
    const { port, producer, app } = await stand('authelia', { as: 'alice' });
    await app.stop();
    const plain = await import('node:http').then(({ createServer }) =>
      createServer((_, response) => response.writeHead(404).end('no socket here')),
    );
    await new Promise<void>((resolve) => plain.listen(app.port, '127.0.0.1', resolve));
    const connection = await openRaw({ port: Number(new URL(producer.url).port) });
    connection.write(upgrade(port));
    const answer = await connection.next();

    expect([answer.status, answer.body]).toEqual([404, 'no socket here']);
    await connection.closed;
    plain.close();
  });

  /** Everything that came back after the head, once so much did. */
  async function talk(port: number, head: string, messages: readonly string[]): Promise<string> {
    const { connect } = await import('node:net');
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    socket.write(head);
    await expect.poll(() => text).toContain('\r\n\r\n');
    const start = text.indexOf('\r\n\r\n') + 4;
    for (const [index, message] of messages.entries()) {
      if (index > 0) socket.write(message); // the first came with the head
      const all = messages.slice(0, index + 1).join('');
      await expect.poll(() => text.slice(start)).toBe(all);
    }
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.end();
    await closed;
    return text.slice(start);
  }
});
