import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import type { Outbound } from '../../internal/outbound/outbound.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { createHttpBackend, type HttpBackendOptions } from '../../internal/userinfo/http.ts';

const ALICE = toSubject('alice');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let origin: string;
let answer: Handler;
let requests: IncomingMessage[];

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const openBackend = (
  options: Partial<HttpBackendOptions> = {},
  outbound: Outbound = createOutbound(anyAddress, { keepAlive: true }),
) =>
  createHttpBackend(
    { url: `${origin}/users/{sub}`, timeout: 5, staleIfError: 0, ...options },
    { now: () => 1_800_000_000, outbound, onProblem: () => {} },
  );

const json =
  (body: unknown, status = 200, type = 'application/json'): Handler =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));

const raw =
  (body: string | Buffer, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);

/** The whole refusal: what went wrong is in the cause, and never a value of somebody's claims. */
const unavailable = (why: unknown) => ({
  name: 'Unavailable',
  dependency: 'userinfo',
  message: 'userinfo did not answer: ask the http backend',
  cause: { message: why },
});

describe('userinfo http: what is asked', () => {
  beforeEach(() => {
    answer = json({ name: 'Alice' });
  });

  it('asks by GET for JSON, without credentials or cookies unless configured', async () => {
    await openBackend().find(ALICE, {});

    const [request] = requests;
    expect(request).toMatchObject({ method: 'GET', url: '/users/alice' });
    expect(request?.headers).toMatchObject({ accept: 'application/json' });
    expect(request?.headers).not.toHaveProperty('authorization');
    expect(request?.headers).not.toHaveProperty('cookie');
    expect(request?.headers).not.toHaveProperty('accept-encoding');
  });

  it('asks for one name below the template, whatever the subject is', async () => {
    await openBackend().find(toSubject('../admin?x=/#y'), {});

    expect(requests[0]?.url).toBe('/users/..%2Fadmin%3Fx%3D%2F%23y');
  });

  it('does not ask for a subject that the path cannot name, and does not know it', async () => {
    expect(await openBackend().find(toSubject('..'), {})).toBeUndefined();
    expect(requests).toEqual([]);
  });

  it('sends a bearer token as it is at the time of the request (RFC 6750 §2.1)', async () => {
    let token = 'first';
    const backend = openBackend({ authentication: { kind: 'bearer', token: () => token }, ttl: 0 });

    await backend.find(ALICE, {});
    token = 'second';
    await backend.find(ALICE, {});

    const sent = requests.map(({ headers }) => headers.authorization);
    expect(sent).toEqual(['Bearer first', 'Bearer second']);
  });

  it('sends user name and password as UTF-8 (RFC 7617 §2.1)', async () => {
    const password = async () => 'pä:ss';
    await openBackend({ authentication: { kind: 'basic', username: 'asteroid', password } }).find(
      ALICE,
      {},
    );

    const [scheme, pair = ''] = requests[0]?.headers.authorization?.split(' ') ?? [];
    expect(scheme).toBe('Basic');
    expect(Buffer.from(pair, 'base64').toString()).toBe('asteroid:pä:ss');
  });

  it('refuses a user name with a colon, which would become part of the password', () => {
    const authentication = { kind: 'basic', username: 'a:b', password: () => 'x' } as const;

    expect(() => openBackend({ authentication })).toThrow('colon');
  });

  it('is unavailable, asks nothing and repeats nothing when the token has a line break', async () => {
    const token = () => 'hunter2\r\nx-admin: 1';
    const refusal = openBackend({ authentication: { kind: 'bearer', token } }).find(ALICE, {});

    await expect(refusal).rejects.toMatchObject(
      unavailable('the bearer token is not printable ASCII'),
    );
    await expect(refusal).rejects.toSatisfy((error) => !describeError(error).includes('hunter2'));
    expect(requests).toEqual([]);
  });

  it('is unavailable when the secret cannot be read', async () => {
    const token = () => Promise.reject(new Error('EACCES'));
    const refusal = openBackend({ authentication: { kind: 'bearer', token } }).find(ALICE, {});

    await expect(refusal).rejects.toMatchObject(unavailable('EACCES'));
  });
});

/** Everything a log could print of an error. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack}${describeError(error.cause)}`;
}

describe('userinfo http: answers that count', () => {
  for (const { name, handler, expected } of [
    { name: 'an object', handler: json({ name: 'Alice' }), expected: { name: 'Alice' } },
    { name: 'an object about nothing', handler: json({}), expected: {} },
    { name: 'the right sub, without it', handler: json({ sub: 'alice' }), expected: {} },
    {
      name: 'another JSON media type with a parameter',
      handler: json({ name: 'Alice' }, 200, 'Application/SCIM+json; charset=utf-8'),
      expected: { name: 'Alice' },
    },
    {
      name: 'every standard claim in its type, and others as they are',
      handler: json({
        email: 'a@x',
        email_verified: true,
        updated_at: 7,
        address: { country: 'NL' },
        groups: ['staff'],
        badge: { floors: [1, 2] },
      }),
      expected: {
        email: 'a@x',
        email_verified: true,
        updated_at: 7,
        address: { country: 'NL' },
        groups: ['staff'],
        badge: { floors: [1, 2] },
      },
    },
    {
      name: 'null and empty values as absent',
      handler: json({ name: null, email: '', groups: [], address: { region: null } }),
      expected: {},
    },
    {
      name: 'an answer just within 64 KiB',
      handler: raw(`{"name":"Alice"}${' '.repeat(64 * 1024 - 16)}`),
      expected: { name: 'Alice' },
    },
  ]) {
    it(`takes ${name}`, async () => {
      answer = handler;

      expect(await openBackend().find(ALICE, {})).toEqual(expected);
    });
  }

  for (const status of [404, 410]) {
    it(`does not know a subject answered with ${status}, whatever the body says`, async () => {
      answer = json({ name: 'Alice' }, status);

      expect(await openBackend().find(ALICE, {})).toBeUndefined();
    });
  }

  it('uses its connections again', async () => {
    answer = json({ name: 'Alice' });
    const backend = openBackend({ ttl: 0 });

    for (let question = 0; question < 20; question += 1) await backend.find(ALICE, {});

    expect(requests).toHaveLength(20);
    // A question right behind an answer may find its connection not yet free.
    expect(new Set(requests.map(({ socket }) => socket)).size).toBeLessThanOrEqual(2);
  });
});

describe('userinfo http: answers that are an outage, never an unknown End-User (N5)', () => {
  for (const { name, handler, why } of [
    { name: '500', handler: json({}, 500), why: 'answered with status 500' },
    { name: '401', handler: json({}, 401), why: 'answered with status 401' },
    { name: '403', handler: json({}, 403), why: 'answered with status 403' },
    { name: '429', handler: json({}, 429), why: 'answered with status 429' },
    { name: '201', handler: json({}, 201), why: 'answered with status 201' },
    {
      name: '204',
      handler: (_: unknown, response: ServerResponse) => response.writeHead(204).end(),
      why: 'answered with status 204',
    },
    {
      name: 'a sign-in page',
      handler: raw('<html>', { 'content-type': 'text/html' }),
      why: 'the answer is not of a JSON media type',
    },
    {
      name: 'JSON as text/plain',
      handler: json({}, 200, 'text/plain'),
      why: 'the answer is not of a JSON media type',
    },
    {
      name: 'a type that begins like JSON',
      handler: json({}, 200, 'application/jsonp'),
      why: 'the answer is not of a JSON media type',
    },
    { name: 'garbage', handler: raw('{"name": "secret'), why: 'the answer is not JSON' },
    { name: 'nothing', handler: raw(''), why: 'the answer is not JSON' },
    {
      name: 'bytes that are not UTF-8',
      handler: raw(Buffer.from('{"name":"\xff"}', 'latin1')),
      why: 'the answer is not UTF-8',
    },
    { name: 'a list', handler: json([]), why: 'claims of a wrong type: the whole answer' },
    { name: 'null', handler: json(null), why: 'claims of a wrong type: the whole answer' },
    {
      name: 'groups as one text',
      handler: json({ groups: 'nonadmins' }),
      why: 'claims of a wrong type: groups',
    },
    {
      name: 'email_verified as a text, and updated_at as a date',
      handler: json({ email_verified: 'true', updated_at: '2026-01-01' }),
      why: 'claims of a wrong type: updated_at, email_verified',
    },
    {
      name: 'another sub',
      handler: json({ sub: 'bob', name: 'Bob' }),
      why: 'the answer is about another subject',
    },
    {
      name: 'a sub of another case',
      handler: json({ sub: 'Alice' }),
      why: 'the answer is about another subject',
    },
    {
      name: 'a sub that is null',
      handler: json({ sub: null }),
      why: 'claims of a wrong type: sub',
    },
    {
      name: 'one byte more than 64 KiB',
      handler: raw(`{"name":"Alice"}${' '.repeat(64 * 1024 - 15)}`),
      why: 'is longer than 65536 bytes',
    },
    {
      name: 'a small answer that unfolds to 1 MiB',
      handler: raw(gzipSync(Buffer.alloc(1024 * 1024, 32)), { 'content-encoding': 'gzip' }),
      why: 'the answer is compressed',
    },
    {
      name: 'compressed JSON, which was not asked for',
      handler: raw(gzipSync('{"name":"Alice"}'), { 'content-encoding': 'gzip' }),
      why: 'the answer is compressed',
    },
    {
      name: 'a closed connection',
      handler: (_: unknown, response: ServerResponse) => response.destroy(),
      why: 'could not be reached',
    },
    {
      name: 'half of the body announced',
      handler: (_: unknown, response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{');
        setTimeout(() => response.destroy(), 20);
      },
      why: 'could not be reached',
    },
  ]) {
    it(`is unavailable after ${name}`, async () => {
      answer = handler;

      await expect(openBackend().find(ALICE, {})).rejects.toMatchObject(unavailable(why));
    });
  }

  it('never repeats the body of an answer in an error', async () => {
    answer = raw('{"email": "alice@private.test" oops');

    await expect(openBackend().find(ALICE, {})).rejects.toSatisfy(
      (error) => !describeError(error).includes('private'),
    );
  });

  it('is unavailable when nobody listens', async () => {
    const refusal = openBackend({ url: 'http://127.0.0.1:9/{sub}' }).find(ALICE, {});

    await expect(refusal).rejects.toMatchObject(unavailable(expect.any(String)));
  });

  it('survives an answer nested 30,000 levels deep, without that claim', async () => {
    answer = raw(`{"name":"Alice","deep":${'['.repeat(30_000)}1${']'.repeat(30_000)}}`);

    expect(await openBackend().find(ALICE, {})).toEqual({ name: 'Alice' });
  });
});

describe('userinfo http: redirects (CA-10)', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    it(`does not follow a ${status}, which could carry the credential anywhere`, async () => {
      answer = (_request, response) =>
        response.writeHead(status, { location: `${origin}/elsewhere` }).end();
      const authentication = { kind: 'bearer', token: () => 'secret' } as const;

      await expect(openBackend({ authentication }).find(ALICE, {})).rejects.toMatchObject(
        unavailable(`answered with status ${status}`),
      );
      expect(requests.map(({ url }) => url)).toEqual(['/users/alice']);
    });
  }
});

describe('userinfo http: time limit (N5, CA-10)', () => {
  const late = unavailable('no answer in 0.2 s');

  async function expectLate(backend: ReturnType<typeof openBackend>): Promise<void> {
    await expect(backend.find(ALICE, {})).rejects.toMatchObject(late);
  }

  it('ends a request that is never answered, and its connection', async () => {
    answer = () => {};

    await expectLate(openBackend({ timeout: 0.2 }));

    await expect.poll(() => requests[0]?.socket.destroyed).toBe(true);
  });

  it('ends an answer that drips in for ever, and its connection', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    };

    await expectLate(openBackend({ timeout: 0.2 }));

    await expect.poll(() => requests[0]?.socket.destroyed).toBe(true);
  });

  it('closes the connection of an endless answer as soon as it is too long', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const flood = setInterval(() => response.write(' '.repeat(16 * 1024)), 5);
      response.on('close', () => clearInterval(flood));
    };

    await expect(openBackend().find(ALICE, {})).rejects.toMatchObject(
      unavailable('is longer than 65536 bytes'),
    );

    await expect.poll(() => requests[0]?.socket.destroyed).toBe(true);
  });

  it('holds even when the request ignores the signal, and when the secret never comes', async () => {
    const never = () => new Promise<never>(() => {});

    await expectLate(openBackend({ timeout: 0.2 }, never));
    await expectLate(
      openBackend({ timeout: 0.2, authentication: { kind: 'bearer', token: never } }),
    );
  });

  it('takes an answer that is slow but in time', async () => {
    answer = (request, response) =>
      setTimeout(() => json({ name: 'Alice' })(request, response), 100);

    expect(await openBackend().find(ALICE, {})).toEqual({ name: 'Alice' });
  });
});
