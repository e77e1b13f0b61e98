import { describe, expect, it } from 'vitest';
import { readHeaders } from '../../internal/http/exchange.ts';
import type { ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import { HOST, PATHS, startHttp } from '../support/http-app.ts';
import { ask, sendRaw } from '../support/raw-http.ts';

const answering = (response: ProtocolResponse) => ({
  endpoints: Object.fromEntries(PATHS.map(({ endpoint }) => [endpoint, async () => response])),
});

const TOKEN = ['POST /token HTTP/1.1', HOST];
const AUTHORIZE = ['GET /authorize HTTP/1.1', HOST];

describe('headers of answers (G-5, G-6, G-20, G-22)', () => {
  for (const { path, methods, endpoint, browser, person } of PATHS) {
    const isDocument = endpoint === 'discovery' || endpoint === 'jwks';
    const unkept = person ? 'no-store, private' : 'no-store';
    const caching = isDocument ? 'public, max-age=300' : unkept;

    it(`${path}: nothing is sniffed, referred to or named, and caches know what they may`, async () => {
      const { target } = await startHttp();

      const { headers } = await ask(target, [`${methods[0]} ${path} HTTP/1.1`, HOST]);

      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['content-length']).toMatch(/^\d+$/);
      for (const name of ['server', 'x-powered-by', 'etag', 'set-cookie', 'transfer-encoding']) {
        expect(headers[name]).toBeUndefined();
      }
      expect(headers['cache-control']).toBe(caching);
      expect(headers['pragma']).toBe(isDocument ? undefined : 'no-cache');
      const varies = headers['vary'] === 'x-authenticated-user, x-asteroid-upstream-secret';
      expect(varies).toBe(browser);
    });
  }

  it('errors of documents that may be cached are not cached', async () => {
    const { target } = await startHttp({
      endpoints: {
        jwks: async () => {
          throw new Error('bug');
        },
      },
    });

    const { headers } = await ask(target, ['GET /jwks.json HTTP/1.1', HOST]);

    expect(headers['cache-control']).toBe('no-store');
  });

  it('a repeated request header is listed as repeated and has no value', () => {
    const raw = ['A', '1', 'b', '2', 'a', '3', 'A', '4', '__proto__', 'x', 'Constructor', 'y'];

    const { headers, repeatedHeaders } = readHeaders(raw);

    expect(headers['a']).toBeUndefined();
    expect(headers['b']).toBe('2');
    expect(headers['constructor']).toBe('y');
    expect(headers['tostring']).toBeUndefined();
    expect(headers['toString']).toBeUndefined();
    expect(repeatedHeaders).toEqual(['a']);
  });

  it('an endpoint sees repeated headers as repeated', async () => {
    const { target, asked } = await startHttp();

    await ask(target, [...TOKEN, 'DPoP: a', 'dpop: b', 'Accept: x']);

    expect(asked[0]?.request.headers['dpop']).toBeUndefined();
    expect(asked[0]?.request.headers['accept']).toBe('x');
    expect(asked[0]?.request.repeatedHeaders).toEqual(['dpop']);
  });

  for (const name of ['Authorization', 'Content-Type', 'Sec-Fetch-Site', 'Content-Encoding']) {
    it(`two ${name} lines are 400: Node alone would take the first`, async () => {
      const { target, asked } = await startHttp();

      const { status } = await ask(target, [...TOKEN, `${name}: a`, `${name.toLowerCase()}: b`]);

      expect(status).toBe(400);
      expect(asked).toEqual([]);
    });
  }
});

describe('answers by kind', () => {
  it('JSON is one object, with the headers that the endpoint adds', async () => {
    const { target } = await startHttp(
      answering({
        kind: 'json',
        status: 401,
        body: { error: 'invalid_token', text: 'ë🎉' },
        headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      }),
    );

    const { status, headers, body } = await ask(target, ['GET /userinfo HTTP/1.1', HOST]);

    expect(status).toBe(401);
    expect(headers['content-type']).toBe('application/json');
    expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(JSON.parse(body)).toEqual({ error: 'invalid_token', text: 'ë🎉' });
  });

  it('a JWT has its media type and is not stored', async () => {
    const { target } = await startHttp(
      answering({ kind: 'text', status: 200, mediaType: 'application/jwt', body: 'a.b.c' }),
    );

    const { headers, body } = await ask(target, ['GET /userinfo HTTP/1.1', HOST]);

    expect(headers['content-type']).toBe('application/jwt');
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toBe('a.b.c');
  });

  it('an empty 200 has no body and says so', async () => {
    const { target } = await startHttp(answering({ kind: 'empty', status: 200 }));

    const { headers, body } = await ask(target, ['POST /revoke HTTP/1.1', HOST]);

    expect(headers['content-length']).toBe('0');
    expect(body).toBe('');
  });

  for (const location of [
    'https://rp.example/cb?a=b/../c&code=x',
    'HTTPS://RP.example:443/./cb#code=x',
    'com.example.app:/callback?code=x',
    'http://[::1]:3000/cb?code=x%20y%0d%0aSet-Cookie:x',
  ]) {
    it(`a redirect to ${location} is 303 with exactly this string (AZ-16)`, async () => {
      const { target } = await startHttp(answering({ kind: 'redirect', location }));

      const { status, headers, body } = await ask(target, AUTHORIZE);

      expect(status).toBe(303);
      expect(headers['location']).toBe(location);
      expect(headers['content-length']).toBe('0');
      expect(body).toBe('');
    });
  }

  for (const location of [
    'https://rp.example/cb?state=a\r\nSet-Cookie: x=1',
    'https://rp.example/cb?state=a\nb',
    'https://rp.example/cb?state=\u2028',
    'https://rp.example/cb?state=é',
    'https://rp.example/cb?state=a b',
    'https://rp.example/cb?state=\0',
    '',
  ]) {
    it(`a redirect to ${JSON.stringify(location)} is a fault of ours and never sent (G-17)`, async () => {
      const { target, logged } = await startHttp(answering({ kind: 'redirect', location }));

      const { status, headers } = await ask(target, AUTHORIZE);

      expect(status).toBe(500);
      expect(headers['location']).toBeUndefined();
      expect(headers['set-cookie']).toBeUndefined();
      expect(logged().some(({ msg }) => msg === 'request failed')).toBe(true);
    });
  }

  it('a header that cannot be sent is a fault of ours, and nothing of it goes out', async () => {
    const { target } = await startHttp(
      answering({ kind: 'json', status: 200, body: {}, headers: { 'X-A': 'a\r\nSet-Cookie: b' } }),
    );

    const { status, headers } = await ask(target, TOKEN);

    expect(status).toBe(500);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['x-a']).toBeUndefined();
  });

  it('a body that cannot be printed is a fault of ours', async () => {
    const body: Record<string, unknown> = {};
    body['self'] = body;
    const { target } = await startHttp(answering({ kind: 'json', status: 200, body }));

    expect((await ask(target, TOKEN)).status).toBe(500);
  });

  it('a document that changes is printed again', async () => {
    let body = { version: 1 };
    const { target } = await startHttp({
      endpoints: { jwks: async () => ({ kind: 'json', status: 200, body, maxAge: 300 }) },
    });
    const read = async () => (await ask(target, ['GET /jwks.json HTTP/1.1', HOST])).body;

    const first = [await read(), await read()];
    body = { version: 2 };

    expect(first).toEqual(['{"version":1}', '{"version":1}']);
    expect(await read()).toBe('{"version":2}');
  });
});

describe('sizes of headers (G-12, T16)', () => {
  it('a header block over 16 KiB is 431, and the connection ends', async () => {
    const { target, asked } = await startHttp();

    const { answers, closed } = await sendRaw(
      target,
      `GET /jwks.json HTTP/1.1\r\n${HOST}\r\nX-A: ${'a'.repeat(17_000)}\r\n\r\n`,
    );

    expect(answers.map(({ status, body }) => [status, body])).toEqual([[431, '']]);
    expect(closed).toBe(true);
    expect(asked).toEqual([]);
  });

  it('a URL over 16 KiB is 431', async () => {
    const { target } = await startHttp();

    const { answers } = await sendRaw(
      target,
      `GET /authorize?state=${'a'.repeat(17_000)} HTTP/1.1\r\n${HOST}\r\n\r\n`,
    );

    expect(answers.map(({ status }) => status)).toEqual([431]);
  });

  it('a state of 8 KiB fits', async () => {
    const { target, asked } = await startHttp();

    await ask(target, [`GET /authorize?state=${'a'.repeat(8192)} HTTP/1.1`, HOST]);

    expect(asked[0]?.request.params.get('state')?.[0]?.length).toBe(8192);
  });

  it('no header is left out however many there are: the last is seen like the first', async () => {
    const { target, identified } = await startHttp();
    const fillers = Array.from({ length: 2500 }, () => 'a:');

    await ask(target, [
      'GET /authorize HTTP/1.1',
      HOST,
      'X-Authenticated-User: admin',
      ...fillers,
      'X-Authenticated-User: alice',
    ]);

    expect(identified[0]?.rawHeaders.filter((text) => text === 'X-Authenticated-User').length).toBe(
      2,
    );
  });
});
