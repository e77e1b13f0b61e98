import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { exchange } from '../../internal/doctor/raw.ts';
import { createAuthority } from '../support/certificates.ts';
import { findFreePort } from '../support/free-port.ts';
import { startSilentServer } from '../support/silent-server.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
});

async function listenOn(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Answers each message with the next of these texts, and ends after the last. */
async function serve(answers: readonly string[]) {
  const received: string[] = [];
  const server = createServer((socket) => {
    const waiting = [...answers];
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        received.push(bytes.toString('latin1'));
        const text = waiting.shift();
        if (text === undefined) return;
        if (waiting.length === 0) socket.end(text);
        else socket.write(text);
      });
  });
  return { host: '127.0.0.1', port: await listenOn(server), received };
}

describe('what the doctor sends and hears (O2)', () => {
  it('is exactly the bytes, each character one of them', async () => {
    const { received, ...target } = await serve(['HTTP/1.1 200 OK\r\n\r\n']);

    await exchange(target, ['GET / HTTP/1.1\nX: a\rb\u00a0\r\n\r\n'], 2000);

    expect(received).toEqual(['GET / HTTP/1.1\nX: a\rb\u00a0\r\n\r\n']);
  });

  it('is the status and the headers of the first answer', async () => {
    const head = 'HTTP/1.1 302 Found\r\nCache-Control: no-store\r\nLocation:  /a:b \r\n\r\nbody';
    const target = await serve([head]);

    const { status, headers, problem } = await exchange(target, ['a'], 2000);

    expect([status, problem]).toEqual([302, undefined]);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('location')).toBe('/a:b');
  });

  it('is a second message once the first was answered', async () => {
    const { received, ...target } = await serve([
      'HTTP/1.1 101 Switching\r\n\r\n',
      'HTTP/1.1 200 OK\r\n\r\n',
    ]);

    const { status } = await exchange(target, ['first', 'second'], 2000);

    expect(received).toEqual(['first', 'second']);
    expect(status).toBe(101);
  });

  it('ends in time when nobody answers, and without one', async () => {
    const { port, close } = await startSilentServer();
    onTestFinished(close);

    const { status } = await exchange({ host: '127.0.0.1', port }, ['a'], 100);

    expect(status).toBeUndefined();
  });

  it('ends when more comes than any answer has', async () => {
    const target = await serve([
      `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(300_000)}`,
      'never asked for',
    ]);

    expect((await exchange(target, ['a'], 20_000)).status).toBe(200);
  });

  it('tells why nobody could be reached', async () => {
    const port = await findFreePort();

    const answer = await exchange({ host: '127.0.0.1', port }, ['a'], 2000);

    expect([answer.status, answer.problem]).toEqual([undefined, 'ECONNREFUSED']);
  });

  it('goes over TLS to whom the certificates vouch for, and to nobody else', async () => {
    const authority = createAuthority('doctor');
    const { cert, key } = authority.issue({ dns: ['sso.example'] });
    const server = createTlsServer({ cert, key }, (socket) => {
      socket
        .on('error', () => undefined)
        .on('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
    });
    server.on('tlsClientError', () => undefined);
    const port = await listenOn(server);
    const to = (servername: string, ca?: string) =>
      exchange({ host: '127.0.0.1', port, tls: { servername, ...(ca && { ca }) } }, ['a'], 2000);

    expect((await to('sso.example', authority.cert)).status).toBe(204);
    expect((await to('sso.example')).status).toBeUndefined();
    expect((await to('sso.example')).problem).toBeDefined();
    expect((await to('other.example', authority.cert)).problem).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
  });
});
