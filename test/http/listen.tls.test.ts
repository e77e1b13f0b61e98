import type { ConnectionOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { readSans } from '../../internal/http/peer.ts';
import { type Certificate, createAuthority } from '../support/certificates.ts';
import { HOST, startHttp, type TestHttpOptions } from '../support/http-app.ts';
import { ask, openRaw } from '../support/raw-http.ts';

const SERVERS = createAuthority('servers');
const PROXIES = createAuthority('proxies');
const STRANGERS = createAuthority('proxies');
const NAMES = { dns: ['proxy.example'], uris: ['spiffe://mesh.example/proxy'] };

const toTls = ({ key, cert }: Certificate) => ({ key: Buffer.from(key), cert: Buffer.from(cert) });
const SERVER = toTls(SERVERS.issue({ dns: ['op.example'] }));
const AUTHORIZE = ['GET /authorize HTTP/1.1', HOST];

/** The peer that the upstream was told of. */
async function peerOf(client: ConnectionOptions, tls: TestHttpOptions['tls']) {
  const http = await startHttp({ ...(tls === undefined ? {} : { tls }) });
  const target = {
    port: http.target.port,
    tls: { ca: SERVERS.cert, servername: 'op.example', ...client },
  };
  const { status } = await ask(target, AUTHORIZE);
  return { status, name: http.listener.name, peer: http.identified[0]?.peer };
}

describe('TLS on a listener', () => {
  it('serves with the certificate it was given', async () => {
    const { status, name, peer } = await peerOf({}, SERVER);

    expect(status).toBe(303);
    expect(name).toMatch(/^https:/);
    expect(peer).toEqual({ address: '127.0.0.1', unixSocket: false, certificate: undefined });
  });

  for (const maxVersion of ['TLSv1', 'TLSv1.1'] as const) {
    it(`does not speak ${maxVersion}`, async () => {
      const old = { minVersion: 'TLSv1', maxVersion, ciphers: 'ALL:@SECLEVEL=0' } as const;

      await expect(peerOf(old, SERVER)).rejects.toThrow(/protocol version|unsupported protocol/);
    });
  }

  it('says that key and certificate do not belong together', async () => {
    const other = toTls(SERVERS.issue({ dns: ['op.example'] }));

    await expect(startHttp({ tls: { key: other.key, cert: SERVER.cert } })).rejects.toThrow(
      'the TLS key and certificate cannot be used: ',
    );
  });

  it('survives clients that speak no TLS', async () => {
    const { target } = await startHttp({ tls: SERVER });

    const plain = await openRaw(target);
    plain.write(`GET /jwks.json HTTP/1.1\r\n${HOST}\r\n\r\n`);
    await plain.closed;
    const tls = { ca: SERVERS.cert, servername: 'op.example' };

    expect((await ask({ ...target, tls }, AUTHORIZE)).status).toBe(303);
  });
});

describe('client certificates on a listener (mTLS)', () => {
  const tls = { ...SERVER, clientCa: Buffer.from(PROXIES.cert) };

  it('of the CA are known by their names', async () => {
    const { peer } = await peerOf(PROXIES.issue(NAMES), tls);

    expect(peer?.certificate).toEqual({
      dnsSans: ['proxy.example'],
      uriSans: ['spiffe://mesh.example/proxy'],
    });
  });

  it('of another CA of the same name count as none', async () => {
    const { status, peer } = await peerOf(STRANGERS.issue(NAMES), tls);

    expect(status).toBe(303);
    expect(peer?.certificate).toBeUndefined();
  });

  it('that have expired count as none', async () => {
    const { peer } = await peerOf(PROXIES.issue({ ...NAMES, lifetime: -60 }), tls);

    expect(peer?.certificate).toBeUndefined();
  });

  it('that are missing count as none, also on a resumed session', async () => {
    const first = await peerOf({}, tls);
    expect(first.peer?.certificate).toBeUndefined();

    const http = await startHttp({ tls });
    const base = { ca: SERVERS.cert, servername: 'op.example' };
    const session = await sessionOf(http.target.port, base);
    await ask({ port: http.target.port, tls: { ...base, session } }, AUTHORIZE);

    expect(http.identified.at(-1)?.peer.certificate).toBeUndefined();
  });

  it('without names have none', async () => {
    const { peer } = await peerOf(PROXIES.issue({}), tls);

    expect(peer?.certificate).toBeUndefined();
  });

  it('are not asked for where no CA is configured', async () => {
    const { peer } = await peerOf(PROXIES.issue(NAMES), SERVER);

    expect(peer?.certificate).toBeUndefined();
  });
});

describe('names in a certificate', () => {
  for (const { text, dns, uri } of [
    { text: 'DNS:a.example, URI:spiffe://b/c', dns: ['a.example'], uri: ['spiffe://b/c'] },
    { text: 'IP Address:127.0.0.1, DNS:a', dns: ['a'], uri: [] },
    { text: 'URI:"http://a, DNS:proxy.example"', dns: [], uri: [] },
    { text: 'DNS:"a\\", DNS:proxy.example"', dns: [], uri: [] },
    { text: 'DNS:a, URI:"x, y", DNS:b', dns: ['a', 'b'], uri: [] },
    { text: 'DirName:"/CN=x, DNS:proxy.example"', dns: [], uri: [] },
    { text: 'othername:<unsupported>, DNS:a', dns: ['a'], uri: [] },
    { text: 'DNS:a, nonsense', dns: [], uri: [] },
    { text: 'DNS:a"b", DNS:proxy.example', dns: [], uri: [] },
    { text: '', dns: [], uri: [] },
  ]) {
    it(`of ${JSON.stringify(text)} are ${JSON.stringify([...dns, ...uri])}`, () => {
      expect(readSans(text)).toEqual({ dnsSans: dns, uriSans: uri });
    });
  }
});

/** A session that a later connection can resume. */
async function sessionOf(port: number, options: ConnectionOptions): Promise<Buffer> {
  const { connect } = await import('node:tls');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ...options }, () => {
      socket.write(`GET /jwks.json HTTP/1.1\r\n${HOST}\r\n\r\n`);
    });
    socket.on('data', () => undefined);
    socket.once('error', reject);
    socket.once('session', (session) => {
      resolve(session);
      setTimeout(() => socket.destroy(), 20);
    });
  });
}
