import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as requestHttps } from 'node:https';
import { connect as connectNet, createServer, type NetConnectOpts, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { findFreePort } from '../support/free-port.ts';
import { HOST, startHttp, type TestHttp } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';
import { until } from '../support/until.ts';

const SERVERS = createAuthority('servers');
const PROXIES = createAuthority('proxies');
const NEXT = createAuthority('next proxies');
const NAMES = { dns: ['proxy.example'] };
const PROXY = PROXIES.issue(NAMES);

const first = SERVERS.issue({ dns: ['op.example'] });
const second = SERVERS.issue({ dns: ['op.example'] });
const trusting = (...cas: readonly { readonly cert: string }[]) => ({
  ...first,
  clientCa: cas.map(({ cert }) => cert).join('\n'),
});

const AUTHORIZE = ['GET /authorize HTTP/1.1', HOST];
const TLS = { ca: SERVERS.cert, servername: 'op.example' };

const agents: Agent[] = [];
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
});

/** Asks on one connection, as often as it is called. */
function keep(http: TestHttp, certificate: object) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  const sockets = new Set<unknown>();
  const get = () =>
    new Promise<string | undefined>((resolve, reject) => {
      const asking = requestHttps(
        {
          ...{ port: http.target.port, host: '127.0.0.1', path: '/authorize', agent },
          headers: { host: 'op.example' },
          ...TLS,
          ...certificate,
        },
        (response) => {
          response.resume().once('end', () => resolve(response.headers.connection));
        },
      );
      asking.once('socket', (socket) => sockets.add(socket)).once('error', reject);
      asking.end();
    });
  return { get, connections: () => sockets.size };
}

/** Passes on what a client says first, and the rest of its handshake when it is released. */
async function holdHandshake(to: NetConnectOpts) {
  const held: Buffer[] = [];
  let isHeld = true;
  let outside: Socket | undefined;
  const relay = createServer((inside) => {
    const out = connectNet(to);
    outside = out;
    let isFirst = true;
    inside.on('data', (bytes: Buffer) => {
      if (isFirst || !isHeld) out.write(bytes);
      else held.push(bytes);
      isFirst = false;
    });
    out.on('data', (bytes: Buffer) => inside.write(bytes));
    for (const [one, other] of [
      [inside, out],
      [out, inside],
    ] as const) {
      one.on('error', () => undefined).on('close', () => other.destroy());
    }
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const address = relay.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    port,
    isHolding: () => held.length > 0,
    release: () => {
      isHeld = false;
      for (const bytes of held) outside?.write(bytes);
      relay.close();
    },
  };
}

const lastPeer = (http: TestHttp) => http.identified.at(-1)?.peer.certificate;

/** The serial number of what the listener shows to whoever connects. */
async function shownBy(http: TestHttp, options: object = {}) {
  const socket: TLSSocket = connect({ port: http.target.port, ...TLS, ...options });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

describe('a certificate that is renewed while its listener listens', () => {
  it('is shown to whoever connects from then on, and open connections go on', async () => {
    const http = await startHttp({ tls: first });
    const { get, connections } = keep(http, {});
    await get();
    const before = await shownBy(http);

    http.listener.prepareTls(second)();

    expect(await shownBy(http)).not.toBe(before);
    expect(await get()).toBe('keep-alive');
    expect(connections()).toBe(1);
  });

  it('is not taken when it cannot be used, and nothing has changed', async () => {
    const http = await startHttp({ tls: first });
    const before = await shownBy(http);

    expect(() => http.listener.prepareTls({ ...first, key: second.key })).toThrow(
      'the TLS key and certificate cannot be used: ',
    );

    expect(await shownBy(http)).toBe(before);
  });

  it('is not shown before it is taken', async () => {
    const http = await startHttp({ tls: first });
    const before = await shownBy(http);

    http.listener.prepareTls(second);

    expect(await shownBy(http)).toBe(before);
  });

  it('is none of a listener without TLS', async () => {
    const http = await startHttp();

    expect(() => http.listener.prepareTls(first)).toThrow('without TLS');
  });
});

describe('a CA of proxies that is replaced', () => {
  it('proves nothing any more on a connection that is open, which ends', async () => {
    const http = await startHttp({ tls: trusting(PROXIES) });
    const { get } = keep(http, PROXY);
    await get();
    expect(lastPeer(http)).toMatchObject({ dnsSans: ['proxy.example'] });

    http.listener.prepareTls(trusting(NEXT))();

    expect(await get()).toBe('close');
    expect(http.identified).toHaveLength(2);
    expect(lastPeer(http)).toBeUndefined();
  });

  it('goes on proving where the new file has it too', async () => {
    const http = await startHttp({ tls: trusting(PROXIES) });
    const { get, connections } = keep(http, PROXY);
    await get();

    http.listener.prepareTls(trusting(NEXT, PROXIES))();

    expect(await get()).toBe('keep-alive');
    expect(lastPeer(http)).toMatchObject({ dnsSans: ['proxy.example'] });
    expect(connections()).toBe(1);
  });

  it('is not believed again in a session of before', async () => {
    const http = await startHttp({ tls: trusting(PROXIES) });
    const session = new Promise<Buffer>((resolve) => {
      const socket = connect({ port: http.target.port, ...TLS, ...PROXY, maxVersion: 'TLSv1.2' });
      socket.once('session', resolve);
    });
    const resumed = { ...TLS, ...PROXY, session: await session, maxVersion: 'TLSv1.2' as const };
    const port = http.target.port;
    await ask({ port, tls: resumed }, AUTHORIZE);
    expect(lastPeer(http)).toBeDefined();

    http.listener.prepareTls(trusting(NEXT))();
    await ask({ port, tls: resumed }, AUTHORIZE);

    expect(http.identified).toHaveLength(2);
    expect(lastPeer(http)).toBeUndefined();
  });

  for (const isReplaced of [true, false]) {
    it(`${isReplaced ? 'proves nothing' : 'proves who it is, as long as it is not replaced,'} in a handshake that began before`, async () => {
      const http = await startHttp({ tls: trusting(PROXIES) });
      const relay = await holdHandshake({ port: http.target.port });
      const socket = connect({ port: relay.port, ...TLS, ...PROXY });
      socket.on('error', () => undefined);
      socket.write(`${AUTHORIZE.join('\r\n')}\r\n\r\n`);
      await until(relay.isHolding);

      if (isReplaced) http.listener.prepareTls(trusting(NEXT))();
      relay.release();

      await until(() => socket.closed || http.identified.length > 0);
      socket.destroy();
      expect(http.identified.map(({ peer }) => peer.certificate?.dnsSans)).toEqual(
        isReplaced ? [] : [['proxy.example']],
      );
    });
  }

  it('proves nothing in one of which another connection of the same sender is not to be told apart', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'asteroid-renewal-'));
    const local = path.join(folder, 'tls.sock');
    const from = { localAddress: '127.0.0.1', localPort: await findFreePort() };
    const places = [
      { address: { kind: 'unix', path: local, mode: 0o600 }, one: { path: local }, two: {} },
      {
        address: { kind: 'tcp', host: '0.0.0.0', port: 0 },
        one: { ...from, host: '127.0.0.1' },
        two: { host: '127.0.0.2' },
      },
    ] as const;
    for (const { address, one, two } of places) {
      const http = await startHttp({ address, tls: trusting(PROXIES) });
      const to = { port: http.target.port, ...one };
      const ready = connect({ ...to, ...TLS, ...PROXY });
      await once(ready, 'secureConnect');
      const relay = await holdHandshake({ ...to, ...two });
      const socket = connect({ port: relay.port, ...TLS, ...PROXY });
      const ended = once(
        socket.on('error', () => undefined),
        'close',
      );
      socket.write(`${AUTHORIZE.join('\r\n')}\r\n\r\n`);
      await until(relay.isHolding);

      http.listener.prepareTls(trusting(NEXT))();
      relay.release();

      await Promise.race([ended, until(() => http.identified.length > 0)]);
      socket.destroy();
      ready.destroy();
      expect(http.identified, address.kind).toEqual([]);
    }
    rmSync(folder, { recursive: true });
  });

  it('lets those of the new one in', async () => {
    const http = await startHttp({ tls: trusting(PROXIES) });
    http.listener.prepareTls(trusting(NEXT))();

    await ask({ port: http.target.port, tls: { ...TLS, ...NEXT.issue(NAMES) } }, AUTHORIZE);

    expect(lastPeer(http)).toMatchObject({ dnsSans: ['proxy.example'] });
  });

  it('is asked for where nobody was asked before, and open connections end', async () => {
    const http = await startHttp({ tls: first });
    const { get } = keep(http, PROXY);
    await get();
    expect(lastPeer(http)).toBeUndefined();

    http.listener.prepareTls(trusting(PROXIES))();
    const ended = await get();
    await get();

    expect(ended).toBe('close');
    expect(lastPeer(http)).toMatchObject({ dnsSans: ['proxy.example'] });
  });

  it('is asked for no more where it is gone, and what it proved counts no more', async () => {
    const http = await startHttp({ tls: trusting(PROXIES) });
    const { get } = keep(http, PROXY);
    await get();

    http.listener.prepareTls(first)();
    await get();

    expect(http.identified).toHaveLength(2);
    expect(lastPeer(http)).toBeUndefined();
  });
});
