import { afterEach, describe, expect, it } from 'vitest';
import { ControlRefusal, type ControlRoute } from '../../internal/admin/control.ts';
import { createOperations } from '../../internal/admin/operations.ts';
import { createAdminApp } from '../../internal/http/admin.ts';
import { type Listener, listen } from '../../internal/http/listen.ts';
import { buildTable } from '../../internal/http/routes.ts';
import type { JsonValue } from '../../internal/protocol/claims.ts';
import { createLog } from '../../internal/telemetry/log.ts';
import { ask } from '../support/raw-http.ts';
import { DECLARED, startAdmin } from '../unit/admin.fixture.ts';

const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.drain(0)));
});

const TOKEN = 'a-token-of-this-test-0123456789';
const HOST = 'Host: 127.0.0.1:8881';
const BEARER = `Authorization: Bearer ${TOKEN}`;

async function start({ isTestIssuer = true } = {}) {
  const done: string[] = [];
  const routes: readonly ControlRoute[] = [
    {
      method: 'PUT',
      path: '/dev/v1/things/{thing_id}',
      takesBody: true,
      answer: async ({ names, body }) => {
        done.push(names['thing_id'] ?? '');
        return { status: 201, body: { names, body: (body ?? 'no body') as JsonValue } };
      },
    },
    {
      method: 'DELETE',
      path: '/dev/v1/things/{thing_id}',
      takesBody: false,
      answer: async ({ names }) => {
        if (names['thing_id'] === 'gone') throw new ControlRefusal('not_found', 'look elsewhere');
        if (names['thing_id'] === 'broken') throw new Error('hush');
        done.push(names['thing_id'] ?? '');
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/dev/v1/things',
      takesBody: false,
      answer: async () => ({ status: 200, body: { things: [] } }),
    },
  ];
  let log = '';
  const destination = {
    write: (line: string) => {
      log += line;
    },
  };
  const issuerUrl = 'http://localhost:8880';
  const operator = {
    operations: createOperations(startAdmin()),
    issuerUrl,
    declared: () => DECLARED,
    table: buildTable(issuerUrl, 'all'),
    ...(isTestIssuer ? { control: { token: TOKEN, routes } } : {}),
  };
  const app = createAdminApp({
    ready: async () => [],
    draining: () => false,
    isOutdated: () => false,
    log: createLog({ level: 'info', format: 'json', destination }),
    operator,
  });
  const listener = await listen(app, { address: { kind: 'tcp', host: '127.0.0.1', port: 0 } });
  open.push(listener);
  const call = async (line: string, lines: readonly string[] = [HOST, BEARER], body = '') => {
    const framed = body === '' ? lines : [...lines, `Content-Length: ${Buffer.byteLength(body)}`];
    const answer = await ask({ port: listener.port ?? 0 }, [`${line} HTTP/1.1`, ...framed], body);
    return { ...answer, json: answer.body === '' ? undefined : JSON.parse(answer.body) };
  };
  return { call, done, log: () => log };
}

const JSON_TYPE = 'Content-Type: application/json';
const PUT = 'PUT /dev/v1/things/a';

describe('the token of a test issuer (O20)', () => {
  for (const [what, lines] of [
    ['none', []],
    ['another one', ['Authorization: Bearer another-token-0123456789']],
    ['one that begins like it', [`Authorization: Bearer ${TOKEN.slice(0, -1)}`]],
    ['one that goes on', [`Authorization: Bearer ${TOKEN}0`]],
    ['an empty one', ['Authorization: Bearer ']],
    ['another scheme', [`Authorization: Basic ${TOKEN}`]],
    ['it twice', [BEARER, BEARER]],
    ['it in a query', ['X: y']],
  ] as const) {
    it(`lets nobody in with ${what}`, async () => {
      const { call, done } = await start();
      const query = what === 'it in a query' ? `?access_token=${TOKEN}` : '';

      for (const line of [PUT, 'DELETE /dev/v1/things/a', 'GET /dev/v1/things', 'GET /dev/x']) {
        const { status, headers, json } = await call(`${line}${query}`, [HOST, ...lines]);

        expect([status, json.error]).toEqual([401, 'invalid_token']);
        expect(json.error_description).toContain('Authorization: Bearer');
        expect(headers['www-authenticate']).toMatch(/^Bearer realm="asteroid dev"/);
      }
      expect(done).toEqual([]);
    });
  }

  it('lets its bearer in, however the scheme is written', async () => {
    const { call, done } = await start();

    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const lines = [HOST, `Authorization: ${scheme} ${TOKEN}`];
      expect((await call('DELETE /dev/v1/things/a', lines)).status).toBe(204);
    }
    expect(done).toEqual(['a', 'a', 'a']);
  });

  it('is called wrong only where there was one (RFC 6750 §3.1)', async () => {
    const { call } = await start();

    const none = await call(PUT, [HOST]);
    const wrong = await call(PUT, [HOST, 'Authorization: Bearer x']);

    expect(none.headers['www-authenticate']).toBe('Bearer realm="asteroid dev"');
    expect(wrong.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('is in no line of the log', async () => {
    const { call, log } = await start();

    await call('DELETE /dev/v1/things/broken');

    expect(log()).toContain('admin request failed');
    expect(log()).not.toContain(TOKEN);
  });
});

describe('a page in a browser of the developer (T13, O20)', () => {
  it('cannot ask by a name that it pointed here, even with the token', async () => {
    const { call, done } = await start();

    for (const host of ['evil.example:8881', 'localhost.evil.example', 'x']) {
      const { status, json } = await call('DELETE /dev/v1/things/a', [`Host: ${host}`, BEARER]);
      expect([status, json.error]).toEqual([421, 'host_foreign']);
      expect(json.error_description).toContain('localhost');
    }
    expect((await call('DELETE /dev/v1/things/a', [HOST, HOST, BEARER])).status).toBe(421);
    expect(done).toEqual([]);
    for (const host of ['localhost:8881', '[::1]:8881', '127.0.0.1']) {
      expect((await call('DELETE /dev/v1/things/a', [`Host: ${host}`, BEARER])).status).toBe(204);
    }
  });

  for (const origin of ['https://evil.example', 'http://localhost:8881', 'null']) {
    it(`cannot ask from ${origin}, nor find out by a preflight whether it could`, async () => {
      const { call, done } = await start();
      const from = `Origin: ${origin}`;
      const wish = ['Access-Control-Request-Method: DELETE', 'Access-Control-Request-Headers: x'];

      const preflight = await call('OPTIONS /dev/v1/things/a', [HOST, from, ...wish]);
      const request = await call('DELETE /dev/v1/things/a', [HOST, BEARER, from]);
      const twice = await call('DELETE /dev/v1/things/a', [HOST, BEARER, from, from]);

      expect([preflight.status, request.status, twice.status]).toEqual([403, 403, 403]);
      for (const { headers, json } of [preflight, request, twice]) {
        expect(json).toMatchObject({ error: 'cross_site' });
        expect(Object.keys(headers).join()).not.toContain('access-control');
      }
      expect(done).toEqual([]);
    });
  }

  it('cannot send anything by a form, whose types are not JSON', async () => {
    const { call, done } = await start();
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];

    for (const type of types) {
      const lines = [HOST, BEARER, `Content-Type: ${type}`];
      const { status, json } = await call(PUT, lines, '{"a":1}');
      expect([status, json.error]).toEqual([400, 'invalid_request']);
    }
    expect(done).toEqual([]);
    expect((await call(PUT, [HOST, BEARER, JSON_TYPE], '{"a":1}')).status).toBe(201);
  });

  it('reads nothing that it could take for a script, a frame or a copy', async () => {
    const { call } = await start();

    const { headers } = await call('GET /dev/v1/things');

    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });
});

describe('a request to a test issuer (O20)', () => {
  it('has names in its path, which may be any text, and JSON', async () => {
    const { call } = await start();
    const name = 'https://rp.example/ü?a=b#c';

    const { status, json } = await call(
      `PUT /dev/v1/things/${encodeURIComponent(name)}`,
      [HOST, BEARER, 'Content-Type: application/json; charset=utf-8'],
      '{"a":[1,"\\u00fc"]}',
    );

    expect(status).toBe(201);
    expect(json).toEqual({ names: { thing_id: name }, body: { a: [1, 'ü'] } });
  });

  it('may have no body, and none where none is read', async () => {
    const { call } = await start();

    expect((await call(PUT)).json.body).toBe('no body');
    expect((await call('DELETE /dev/v1/things/a')).status).toBe(204);
    expect((await call('DELETE /dev/v1/things/a', [HOST, BEARER, JSON_TYPE], '{}')).status).toBe(
      400,
    );
  });

  for (const [what, status, lines, body] of [
    ['JSON that breaks off', 400, [JSON_TYPE], '{"a":'],
    ['more than 64 KiB', 413, [JSON_TYPE], JSON.stringify('a'.repeat(65_536))],
    ['a coding', 415, [JSON_TYPE, 'Content-Encoding: gzip'], '{}'],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      const { call, done } = await start();

      const found = await call(PUT, [HOST, BEARER, ...lines], body);

      expect(found.status).toBe(status);
      expect(found.json).toEqual({
        error: 'invalid_request',
        error_description: expect.stringMatching(/\S/),
      });
      expect(found.closed).toBe(status === 413);
      expect(done).toEqual([]);
    });
  }

  it('is refused with bytes that are no UTF-8', async () => {
    const { call, done } = await start();

    const lines = [HOST, BEARER, JSON_TYPE, 'Transfer-Encoding: chunked'];
    const found = await call(PUT, [...lines, '', '3', '"\xff"', '0']);

    expect([found.status, found.json.error]).toEqual([400, 'invalid_request']);
    expect(done).toEqual([]);
  });

  it('is told which methods a path has, and where to read what there is', async () => {
    const { call } = await start();

    const method = await call('PATCH /dev/v1/things/a');
    const nothing = await call('GET /dev/v1/thing');

    expect([method.status, method.headers['allow']]).toEqual([405, 'PUT, DELETE']);
    expect(nothing.status).toBe(404);
    expect(nothing.json.error_description).toContain('/dev/v1/openapi.json');
    for (const path of [
      '/dev/v1/things/',
      '/dev/v1/Things',
      '/dev/v1/things/a/b',
      '/dev',
      '/dev/',
    ]) {
      expect((await call(`GET ${path}`)).status).toBe(404);
    }
    expect((await call('GET /DEV/v1/things')).status).toBe(404);
  });

  it('is refused with what to do about it, and the log is told what only it may know', async () => {
    const { call, log } = await start();

    const refused = await call('DELETE /dev/v1/things/gone');
    const broken = await call('DELETE /dev/v1/things/broken');
    const bad = await call('DELETE /dev/v1/things/%ff');

    expect(refused.json).toEqual({ error: 'not_found', error_description: 'look elsewhere' });
    expect([refused.status, broken.status, bad.status]).toEqual([404, 500, 400]);
    expect(broken.json).toEqual({
      error: 'server_error',
      error_description: expect.stringContaining('log'),
    });
    expect(log()).toContain('hush');
    expect(bad.json.error).toBe('invalid_request');
  });
});

describe('an issuer that is no test issuer (T32, O20)', () => {
  it('has nothing to drive, whatever is sent', async () => {
    const { call } = await start({ isTestIssuer: false });

    for (const line of [PUT, 'GET /dev/v1/things', 'GET /dev/v1/openapi.json', 'GET /dev']) {
      const { status, json } = await call(line);
      expect([status, json]).toEqual([404, { error: 'not_found' }]);
    }
  });
});
