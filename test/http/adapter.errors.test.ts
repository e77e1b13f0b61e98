import { describe, expect, it } from 'vitest';
import {
  insufficientScope,
  invalidClient,
  invalidGrant,
  OAuthError,
  Unavailable,
} from '../../internal/protocol/errors.ts';
import { HOST, PATHS, startHttp } from '../support/http-app.ts';
import { ask, openRaw } from '../support/raw-http.ts';

const throwing = (error: () => unknown) => ({
  endpoints: Object.fromEntries(
    PATHS.map(({ endpoint }) => [
      endpoint,
      async () => {
        throw error();
      },
    ]),
  ),
});

const TOKEN = ['POST /token HTTP/1.1', HOST];
const AUTHORIZE = ['GET /authorize HTTP/1.1', HOST];

describe('an endpoint that refuses', () => {
  it('becomes its code and description in JSON, and its reason stays here', async () => {
    const { target, logged } = await startHttp(
      throwing(() => invalidGrant({ reason: 'code_replayed' })),
    );

    const { status, headers, body } = await ask(target, TOKEN);

    expect(status).toBe(400);
    expect(headers['content-type']).toBe('application/json');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['pragma']).toBe('no-cache');
    expect(JSON.parse(body)).toEqual({
      error: 'invalid_grant',
      error_description: 'the grant is invalid, expired, revoked or already used',
    });
    expect(logged().at(-1)).toMatchObject({ msg: 'request', status: 400, reason: 'code_replayed' });
  });

  it('with invalid_client is 401 with a challenge (RFC 6749 §5.2)', async () => {
    const { target } = await startHttp(throwing(() => invalidClient()));

    const { status, headers } = await ask(target, TOKEN);

    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Basic realm="https://op.example"');
  });

  it('has the status of its code', async () => {
    const { target } = await startHttp(throwing(() => insufficientScope()));

    expect((await ask(target, TOKEN)).status).toBe(403);
  });

  it('becomes a page where a person is looking, without a redirect', async () => {
    const { target } = await startHttp(
      throwing(() => new OAuthError('invalid_request', 'the client is unknown')),
    );

    const { status, headers, body } = await ask(target, AUTHORIZE);

    expect(status).toBe(400);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['location']).toBeUndefined();
    expect(body).toContain('the client is unknown');
    expect(body).toContain(headers['x-request-id']);
  });
});

describe('something that does not answer (N5)', () => {
  const down = () =>
    new Unavailable('store', 'redeem', new Error('connect ECONNREFUSED redis.internal:6379'));

  it('is 503 temporarily_unavailable with Retry-After from 1 to 5 seconds', async () => {
    const { target } = await startHttp(throwing(down));

    const { status, headers, body } = await ask(target, TOKEN);

    expect(status).toBe(503);
    expect(headers['retry-after']).toMatch(/^[1-5]$/);
    expect(JSON.parse(body).error).toBe('temporarily_unavailable');
    expect(body).not.toContain('redis');
  });

  it('is a page with Retry-After where a person is looking', async () => {
    const { target } = await startHttp(throwing(down));

    const { status, headers, body } = await ask(target, AUTHORIZE);

    expect(status).toBe(503);
    expect(headers['retry-after']).toMatch(/^[1-5]$/);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).not.toContain('redis');
  });

  it('is said by an endpoint as an OAuth error with Retry-After, too', async () => {
    const { target } = await startHttp(
      throwing(() => new OAuthError('temporarily_unavailable', 'too many requests wait')),
    );

    const { status, headers } = await ask(target, AUTHORIZE);

    expect(status).toBe(503);
    expect(headers['retry-after']).toMatch(/^[1-5]$/);
  });

  it('is a warning in the log with its cause', async () => {
    const { target, logged } = await startHttp(throwing(down));

    await ask(target, TOKEN);

    expect(logged()).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: 'dependency unavailable',
        route: 'token',
        detail: 'store did not answer: redeem',
        cause: 'connect ECONNREFUSED redis.internal:6379',
      }),
    );
  });
});

describe('a fault of ours (G-22)', () => {
  const bug = () => new TypeError('cannot read /etc/secret of undefined');

  for (const { path, methods, person } of PATHS) {
    it(`at ${path} is 500 without a word about it, and the log has the stack`, async () => {
      const { target, logged } = await startHttp(throwing(bug));

      const { status, body } = await ask(target, [`${methods[0]} ${path} HTTP/1.1`, HOST]);

      expect(status).toBe(500);
      expect(body).not.toMatch(/secret|TypeError|\.ts|node_modules/);
      if (!person) {
        expect(JSON.parse(body)).toEqual({
          error: 'server_error',
          error_description: 'something went wrong here',
        });
      }
      const line = logged().find(({ msg }) => msg === 'request failed');
      expect(line).toMatchObject({ level: 'error' });
      expect(line?.['error']).toMatch(/TypeError: cannot read[\s\S]*adapter\.errors\.test\.ts/);
    });
  }

  for (const [name, thrown] of [
    ['undefined', undefined],
    ['a string', 'text'],
    ['an object', { status: 418, code: 'invalid_grant' }],
  ] as const) {
    it(`is 500 also when ${name} is thrown`, async () => {
      const { target } = await startHttp(throwing(() => thrown));

      expect((await ask(target, TOKEN)).status).toBe(500);
    });
  }

  it('does not touch the requests beside it (DO-8)', async () => {
    const { target } = await startHttp({
      endpoints: {
        token: async () => {
          throw new Error('bug');
        },
      },
    });

    const statuses = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const lines = index % 2 === 0 ? TOKEN : ['GET /userinfo HTTP/1.1', HOST];
        return (await ask(target, lines)).status;
      }),
    );

    expect(statuses).toEqual(Array.from({ length: 20 }, (_, index) => (index % 2 ? 200 : 500)));
  });
});

describe('request ids (G-22)', () => {
  it('are on every answer, each another one', async () => {
    const { target } = await startHttp();
    const lines = ['GET', 'DELETE', 'OPTIONS'].flatMap((method) =>
      [...PATHS.map(({ path }) => path), '/nothing'].map((path) => `${method} ${path} HTTP/1.1`),
    );

    const ids = await Promise.all(
      lines.map(async (line) => (await ask(target, [line, HOST])).headers['x-request-id']),
    );

    expect(new Set(ids).size).toBe(lines.length);
    expect(ids.every((id) => /^[\w-]{22}$/.test(id ?? ''))).toBe(true);
  });

  it('are never taken from the client', async () => {
    const { target, asked } = await startHttp();

    const { headers } = await ask(target, [...TOKEN, 'X-Request-Id: mine', 'Request-Id: mine']);

    expect(headers['x-request-id']).not.toBe('mine');
    expect(asked[0]?.request.requestId).toBe(headers['x-request-id']);
  });
});

describe('a client that goes away (DO-8)', () => {
  it('in the middle of its body leaves nothing waiting', async () => {
    const { target, asked, logged } = await startHttp();
    const connection = await openRaw(target);

    connection.write(
      `POST /token HTTP/1.1\r\n${HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na=`,
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    connection.destroy();
    await expect.poll(() => logged().at(-1)).toMatchObject({ reason: 'client_gone' });

    expect(asked).toEqual([]);
  });

  it('before its answer is ready does no harm', async () => {
    let release: (() => void) | undefined;
    const { target, logged } = await startHttp({
      endpoints: {
        token: async () => {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          return { kind: 'json', status: 200, body: {} };
        },
      },
    });
    const connection = await openRaw(target);

    connection.write(`${TOKEN.join('\r\n')}\r\n\r\n`);
    await expect.poll(() => release).toBeDefined();
    connection.destroy();
    // Answered after them: the end of that connection was read.
    for (let count = 0; count < 2; count += 1) {
      expect((await ask(target, ['GET /jwks.json HTTP/1.1', HOST])).status).toBe(200);
    }
    release?.();
    const gone = () => logged().filter(({ reason }) => reason === 'client_gone');
    await expect.poll(() => gone().length).toBe(1);

    expect(gone()[0]).toMatchObject({ level: 'info' });
    expect(gone()[0]?.['status']).toBeUndefined();
  });
});
