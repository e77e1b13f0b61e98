import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createAuthority, createSelfSigned } from '../support/certificates.ts';
import { toClientCertificate } from '../support/client-certificates.ts';
import { FORM, HOST, PATHS, startHttp, type TestHttpOptions } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

const SERVERS = createAuthority('servers');
const CLIENTS = createAuthority('clients');
const server = SERVERS.issue({ dns: ['op.example'] });
const APP = CLIENTS.issue({ dns: ['app.example'] });
const OWN = createSelfSigned({ dns: ['app.example'] });

const own = { key: Buffer.from(server.key), cert: Buffer.from(server.cert) };
const WITH_CA = { ...own, clientCa: Buffer.from(CLIENTS.cert), asksForCertificates: true };
const WITHOUT = { ...own, asksForCertificates: true };

const start = (verifiesChains: boolean, more: TestHttpOptions = {}) =>
  startHttp({
    group: 'mtls',
    tls: WITH_CA,
    deps: { certificates: { verifiesChains } },
    ...more,
  });

const over = (port: number, certificate: object = {}) => ({
  port,
  tls: { ca: SERVERS.cert, servername: 'op.example', ...certificate },
});

const TOKEN = ['POST /token HTTP/1.1', HOST, FORM, 'Content-Length: 0'];

describe('certificates of clients at a listener (RFC 8705 §2)', () => {
  for (const { name, certificate, verifies, isVerified } of [
    { name: 'of the CA', certificate: APP, verifies: true, isVerified: true },
    { name: 'of the client itself', certificate: OWN, verifies: true, isVerified: false },
    {
      name: 'of a CA that is not one for clients',
      certificate: APP,
      verifies: false,
      isVerified: false,
    },
  ]) {
    it(`are handed to the endpoint: ${name}`, async () => {
      const http = await start(verifies);

      await ask(over(http.target.port, certificate), TOKEN);

      const { thumbprint, sans } = toClientCertificate(certificate.cert);
      expect(http.asked[0]?.request.certificate).toMatchObject({ thumbprint, sans, isVerified });
    });
  }

  it('are asked for also without a CA', async () => {
    const http = await start(false, { tls: WITHOUT });

    await ask(over(http.target.port, OWN), TOKEN);

    expect(http.asked[0]?.request.certificate?.isVerified).toBe(false);
  });

  it('are undefined where there is none', async () => {
    const http = await start(true);

    await ask(over(http.target.port), TOKEN);

    expect(http.asked).toHaveLength(1);
    expect(http.asked[0]?.request.certificate).toBeUndefined();
  });

  it('are not looked at where none are configured', async () => {
    const http = await startHttp({ tls: WITH_CA });

    await ask(over(http.target.port, APP), TOKEN);

    expect(http.asked[0]?.request.certificate).toBeUndefined();
  });

  it('are not those of a proxy that asks about the token of somebody else', async () => {
    const check = ['GET /check HTTP/1.1', HOST];
    const http = await start(true);
    const proxies = await startHttp({ tls: WITH_CA });

    expect((await ask(over(http.target.port, APP), check)).status).toBe(404);
    expect((await ask(over(proxies.target.port, APP), check)).status).toBe(200);
    expect([http.asked.length, proxies.asked.length]).toEqual([0, 1]);
  });

  it('stay with their connection, request after request', async () => {
    const http = await start(true);
    const socket = connect({
      host: '127.0.0.1',
      ...over(http.target.port, APP),
      ...over(0, APP).tls,
      port: http.target.port,
    });
    socket.write(`${TOKEN.join('\r\n')}\r\n\r\n`.repeat(2));
    await expect.poll(() => http.asked.length).toBe(2);
    socket.destroy();
    await ask(over(http.target.port, OWN), TOKEN);

    const [first, second, other] = http.asked.map(({ request }) => request.certificate);
    expect(second).toBe(first);
    expect(other?.thumbprint).not.toBe(first?.thumbprint);
  });
});

describe('the listener of certificates', () => {
  it('serves what programs call, and nothing else', async () => {
    const http = await start(true);

    for (const { path, methods, endpoint, browser, person } of PATHS) {
      for (const method of methods) {
        const before = http.asked.length;
        const body = method === 'POST' ? [FORM, 'Content-Length: 0'] : [];
        const lines = [`${method} ${path} HTTP/1.1`, HOST, ...body];
        const { status } = await ask(over(http.target.port, APP), lines);

        const isElsewhere = browser || person || endpoint === 'check';
        expect([path, status === 404]).toEqual([path, isElsewhere]);
        const asked = http.asked.slice(before).map((one) => one.endpoint);
        expect(asked).toEqual(isElsewhere ? [] : [endpoint]);
      }
    }
    expect(http.identified).toEqual([]);
  });

  it('gives nothing of a certificate to a preflight', async () => {
    const http = await start(true);
    const lines = [
      'OPTIONS /token HTTP/1.1',
      HOST,
      'Origin: https://app.example',
      'Access-Control-Request-Method: POST',
    ];

    expect((await ask(over(http.target.port, APP), lines)).status).toBe(204);
    expect(http.asked).toEqual([]);
  });
});
