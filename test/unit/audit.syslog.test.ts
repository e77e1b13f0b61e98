import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { SyslogAddress } from '../../internal/audit/options.ts';
import { createSyslogSink } from '../../internal/audit/sinks/syslog.ts';
import { createAuthority, FOR_SERVERS } from '../support/certificates.ts';
import { until } from '../support/until.ts';
import { createAccount, recordOf, recordsOf } from './audit.fixture.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const HEADER =
  /^<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) \S+ asteroid \d+ (\S+) - (\{.*\})$/;

/** What RFC 5424 makes of a message; throws for what is none. */
function parse(message: string) {
  const [, priority, , type, json] = HEADER.exec(message) ?? [];
  if (json === undefined) throw new Error(`no message of syslog: ${message}`);
  return { priority: Number(priority), type, id: JSON.parse(json).request_id };
}

/** Octet counting (RFC 6587 §3.4.1). */
function uncount(bytes: Buffer): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, blank));
    found.push(bytes.toString('utf8', blank + 1, blank + 1 + length));
    at = blank + 1 + length;
  }
  return found;
}

function collect(server: Server) {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const end = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  cleanups.push(end);
  return { take, end, bytes: () => Buffer.concat(chunks) };
}

const listen = async (server: Server, at: object): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(at, resolve));
  return (server.address() as AddressInfo).port;
};

const open = (address: SyslogAddress, account = createAccount()) => {
  const sink = createSyslogSink(
    { address, facility: 'local3', appName: 'asteroid' },
    account.terms,
  );
  cleanups.push(() => sink.close());
  return { sink, ...account };
};

describe('syslog', () => {
  it('gets datagrams, one a record', async () => {
    const received: string[] = [];
    const socket = createSocket('udp4', (message) => received.push(message.toString()));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    cleanups.push(() => socket.close());
    const { sink } = open({ transport: 'udp', host: '127.0.0.1', port: socket.address().port });

    for (const record of recordsOf(5)) sink.write(record);
    await until(() => received.length === 5);

    // local3, informational
    expect(received.map(parse)).toEqual(
      [0, 1, 2, 3, 4].map((index) => ({
        ...{ priority: 19 * 8 + 6, type: 'consent.given', id: `r${index}` },
      })),
    );
  });

  it('gets counted messages over TCP, and what came while it was gone', async () => {
    let server = createServer();
    const first = collect(server);
    server.on('connection', first.take);
    const port = await listen(server, { port: 0, host: '127.0.0.1' });
    const { sink, types, lost } = open({ transport: 'tcp', host: '127.0.0.1', port });
    sink.write(recordOf('before ü'));
    await until(() => first.bytes().length > 0);
    await first.end();

    sink.write(recordOf('meanwhile'));
    await until(() => types().includes('audit_sink.failed'));
    server = createServer();
    const second = collect(server);
    server.on('connection', second.take);
    await listen(server, { port, host: '127.0.0.1' });
    await until(() => types().includes('audit_sink.recovered'));
    await until(() => second.bytes().length > 0);

    expect(uncount(first.bytes()).map(parse)).toMatchObject([{ id: 'before ü' }]);
    expect(uncount(second.bytes()).map(parse)).toMatchObject([{ id: 'meanwhile' }]);
    expect(lost.count).toBe(0);
  });

  it('that reads nothing keeps nobody waiting: what is too much is lost and counted', async () => {
    const server = createServer((socket) => socket.pause());
    const { take } = collect(server);
    server.on('connection', (socket) => {
      take(socket);
      socket.pause();
    });
    const port = await listen(server, { port: 0, host: '127.0.0.1' });
    const account = createAccount(500);
    const { sink, events, lost } = open({ transport: 'tcp', host: '127.0.0.1', port }, account);
    let written = 0;
    while (lost.count === 0) {
      for (const record of recordsOf(200)) sink.write(record);
      written += 200;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const seen = events.filter(({ type }) => type === 'audit_sink.losing');
    await sink.flush(20);

    expect(written).toBeGreaterThan(500);
    expect(seen).toHaveLength(1);
    expect(events.at(-1)?.type).toBe('audit_sink.gave_up');
  });

  it('gets counted messages over TLS from whoever trusts its CA, and none from whoever does not', async () => {
    const authority = createAuthority('collectors');
    const own = authority.issue({ dns: ['collector.example'], purposes: [FOR_SERVERS] });
    const server = createTlsServer({ key: own.key, cert: own.cert });
    const { take, bytes } = collect(server);
    server.on('secureConnection', take).on('tlsClientError', () => undefined);
    const port = await listen(server, { port: 0, host: '127.0.0.1' });
    const servername = 'collector.example';
    const at = { transport: 'tls', host: '127.0.0.1', port } as const;
    const stranger = open({ ...at, tls: () => ({ servername }) });
    stranger.sink.write(recordOf('not seen'));
    await until(() => stranger.types().includes('audit_sink.failed'));
    const { sink } = open({ ...at, tls: () => ({ ca: authority.cert, servername }) });

    sink.write(recordOf('seen'));
    await until(() => bytes().length > 0);

    expect(uncount(bytes()).map(parse)).toMatchObject([{ id: 'seen' }]);
  });

  it('named by its address is proven as well, whatever the environment allows', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    cleanups.push(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
    const authority = createAuthority('collectors');
    const own = authority.issue({ ips: [[127, 0, 0, 1]], purposes: [FOR_SERVERS] });
    const server = createTlsServer({ key: own.key, cert: own.cert });
    const { take, bytes } = collect(server);
    server.on('secureConnection', take).on('tlsClientError', () => undefined);
    const port = await listen(server, { port: 0, host: '127.0.0.1' });
    const at = { transport: 'tls', host: '127.0.0.1', port } as const;
    for (const tls of [{}, { ca: authority.cert, servername: 'collector.example' }]) {
      const stranger = open({ ...at, tls: () => tls });
      stranger.sink.write(recordOf('not seen'));
      await until(() => stranger.types().includes('audit_sink.failed'));
    }
    const { sink } = open({ ...at, tls: () => ({ ca: authority.cert }) });

    sink.write(recordOf('seen'));
    await until(() => bytes().length > 0);

    expect(uncount(bytes()).map(parse)).toMatchObject([{ id: 'seen' }]);
  });

  it('gets lines through a Unix socket', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'asteroid-log-'));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    const server = createServer();
    const { take, bytes } = collect(server);
    server.on('connection', take);
    const socket = path.join(folder, 'log');
    await listen(server, { path: socket });
    const { sink } = open({ transport: 'unix', path: socket });

    for (const record of recordsOf(3)) sink.write(record);
    await until(() => bytes().toString().split('\n').length === 4);

    const lines = bytes().toString().trimEnd().split('\n');
    expect(lines.map(parse).map(({ id }) => id)).toEqual(['r0', 'r1', 'r2']);
  });
});
