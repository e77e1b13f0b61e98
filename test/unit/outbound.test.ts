import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { anyAddress, createAddressRule } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import type { OutboundRequest } from '../../internal/outbound/outbound.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The port of a server that counts its requests. */
async function serve(answer: RequestListener): Promise<{ port: number; requests: () => number }> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    requests: () => requests,
  };
}

const LIMITS = { timeout: 2, maxBytes: 1024 };
const ask = (url: string, more: Partial<OutboundRequest> = {}, rule = anyAddress) =>
  createOutbound(rule)({ url, ...LIMITS, ...more });

describe('outbound requests', () => {
  it('answer status, headers and body of a GET', async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(201, { 'X-A': 'b' }).end('text');
    });

    const answer = await ask(`http://127.0.0.1:${port}/`);

    expect(answer).toMatchObject({ status: 201, headers: { 'x-a': 'b' } });
    expect(Buffer.from(answer.body).toString()).toBe('text');
  });

  it('send the body of a POST with its length', async () => {
    const { port } = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () =>
        response.end(`${request.headers['content-length']} ${Buffer.concat(chunks)}`),
      );
    });

    const { body } = await ask(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'a=é' });

    expect(Buffer.from(body).toString()).toBe('4 a=é');
  });

  it('follow no redirect', async () => {
    const target = await serve((_, response) => response.end());
    const { port } = await serve((_, response) => {
      response.writeHead(302, { Location: `http://127.0.0.1:${target.port}/` }).end();
    });

    const { status } = await ask(`http://127.0.0.1:${port}/`);

    expect([status, target.requests()]).toEqual([302, 0]);
  });

  it('end when the answer is too long, whatever its headers say', async () => {
    const { port } = await serve((_, response) => response.end('x'.repeat(2000)));

    await expect(ask(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ failure: 'too_large' });
    expect((await ask(`http://127.0.0.1:${port}/`, { maxBytes: 2000 })).status).toBe(200);
  });

  it('end when nothing is answered, and when the body never ends', async () => {
    const silent = await serve(() => undefined);
    const endless = await serve((_, response) => response.write('x'));

    for (const { port } of [silent, endless]) {
      await expect(ask(`http://127.0.0.1:${port}/`, { timeout: 0.1 })).rejects.toMatchObject({
        failure: 'timeout',
      });
    }
  });

  it('fail where nobody listens, and when the answer breaks off', async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': '10' }).write('x');
      response.destroy();
    });

    for (const url of ['http://127.0.0.1:1/', `http://127.0.0.1:${port}/`]) {
      await expect(ask(url)).rejects.toMatchObject({ failure: 'unreachable' });
    }
  });

  it('end with their signal', async () => {
    const { port } = await serve(() => undefined);
    const controller = new AbortController();
    const asked = ask(`http://127.0.0.1:${port}/`, { signal: controller.signal });
    controller.abort();

    await expect(asked).rejects.toMatchObject({ failure: 'unreachable' });
  });

  it('are made to http and https alone', async () => {
    for (const url of ['file:///etc/passwd', 'ftp://a.example/', 'not a URL']) {
      await expect(ask(url)).rejects.toMatchObject({ failure: 'url_unusable' });
    }
  });
});

describe('outbound requests over connections that are used again', () => {
  /** The second request on any connection ends it unanswered, as a close that crosses it would. */
  async function serveOnce() {
    const seen = new WeakSet<object>();
    const methods: string[] = [];
    const { port } = await serve((request, response) => {
      methods.push(request.method ?? '');
      if (seen.has(request.socket)) request.socket.destroy();
      else response.end('text');
      seen.add(request.socket);
    });
    return { url: `http://127.0.0.1:${port}/`, methods };
  }

  it('share one, and without that have one each', async () => {
    const sockets: object[] = [];
    const { port } = await serve(({ socket }, response) => {
      sockets.push(socket);
      response.end();
    });
    for (const keepAlive of [true, false]) {
      const outbound = createOutbound(anyAddress, { keepAlive });
      for (let time = 0; time < 4; time += 1) {
        await outbound({ url: `http://127.0.0.1:${port}/`, ...LIMITS });
        await new Promise(setImmediate);
      }
    }

    expect(new Set(sockets.slice(0, 4)).size).toBe(1);
    expect(new Set(sockets.slice(4)).size).toBe(4);
  });

  it('are made once more on one of their own when the old one was closed', async () => {
    const { url, methods } = await serveOnce();
    const outbound = createOutbound(anyAddress, { keepAlive: true });
    await outbound({ url, ...LIMITS });
    await new Promise(setImmediate);

    expect((await outbound({ url, ...LIMITS })).status).toBe(200);
    expect(methods).toEqual(['GET', 'GET', 'GET']);
  });

  it('are not made twice when they change something', async () => {
    const { url, methods } = await serveOnce();
    const outbound = createOutbound(anyAddress, { keepAlive: true });
    await outbound({ url, ...LIMITS });
    await new Promise(setImmediate);
    const asked = outbound({ url, ...LIMITS, method: 'POST', body: 'a=b' });

    await expect(asked).rejects.toMatchObject({ failure: 'unreachable' });
    expect(methods).toEqual(['GET', 'POST']);
  });

  it('end with a connection that is new and closed', async () => {
    const { port, requests } = await serve(({ socket }) => socket.destroy());
    const outbound = createOutbound(anyAddress, { keepAlive: true });

    const asked = outbound({ url: `http://127.0.0.1:${port}/`, ...LIMITS });

    await expect(asked).rejects.toMatchObject({ failure: 'unreachable' });
    expect(requests()).toBe(1);
  });
});

describe('outbound requests to URLs that others wrote', () => {
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1']) {
    it(`connect to nobody at ${host}`, async () => {
      const { port, requests } = await serve((_, response) => response.end());

      const asked = ask(`http://${host}:${port}/`, {}, createAddressRule([]));

      await expect(asked).rejects.toMatchObject({ failure: 'address_forbidden' });
      expect(requests()).toBe(0);
    });
  }

  it('connect where the operator allows it', async () => {
    const { port } = await serve((_, response) => response.end());
    const rule = createAddressRule(['127.0.0.0/8', '::1']);

    expect((await ask(`http://127.0.0.1:${port}/`, {}, rule)).status).toBe(200);
    expect((await ask(`http://localhost:${port}/`, {}, rule)).status).toBe(200);
  });
});

describe('the rule for addresses', () => {
  const mayReach = createAddressRule([]);

  for (const address of [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.53',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'not an address',
  ]) {
    it(`keeps away from ${address}`, () => {
      expect(mayReach(address)).toBe(false);
    });
  }

  for (const address of ['93.184.215.14', '172.32.0.1', '::ffff:93.184.215.14', '2606:2800::1']) {
    it(`lets through ${address}`, () => {
      expect(mayReach(address)).toBe(true);
    });
  }

  it('lets through what is allowed, and nothing beside it', () => {
    const rule = createAddressRule(['10.1.0.0/16', 'fd00::/8', '192.168.1.7']);

    const reached = ['10.1.255.1', '::ffff:10.1.0.9', 'fd12::1', '192.168.1.7'].map(rule);
    const kept = ['10.2.0.1', 'fc00::1', '192.168.1.8'].map(rule);

    expect([...reached, ...kept]).toEqual([true, true, true, true, false, false, false]);
  });

  it('is made of networks only', () => {
    expect(() => createAddressRule(['10.0.0.0/99'])).toThrow();
    expect(() => createAddressRule(['localhost'])).toThrow();
  });
});
