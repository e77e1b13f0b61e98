import { describe, expect, it } from 'vitest';
import { createShedding } from '../../internal/http/shedding.ts';
import type { Endpoint, ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import type { Issuer } from '../../internal/oidc/issuer.ts';
import { createLog } from '../../internal/telemetry/log.ts';
import { FORM, HOST, startHttp, type TestHttp } from '../support/http-app.ts';
import { ask, openRaw, type RawConnection, sendRaw } from '../support/raw-http.ts';

const DONE: ProtocolResponse = { kind: 'json', status: 200, body: { done: true } };

/** An endpoint that answers when it is told to. */
function hold() {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const endpoint: Endpoint = () =>
    new Promise((resolve) => {
      if (isOpen) resolve(DONE);
      else waiting.push(() => resolve(DONE));
    });
  return {
    endpoint,
    waiting,
    letGo: (): void => {
      isOpen = true;
      for (const answer of waiting.splice(0)) answer();
    },
  };
}

const token = (body = 'a=b'): string =>
  `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const get = (path: string, ...lines: readonly string[]): string =>
  `${[`GET ${path} HTTP/1.1`, HOST, ...lines].join('\r\n')}\r\n\r\n`;

/** So many requests that wait for their answer, each on a connection of its own. */
async function fill(
  { target }: TestHttp,
  { waiting }: ReturnType<typeof hold>,
  count: number,
): Promise<readonly RawConnection[]> {
  const connections = await Promise.all(Array.from({ length: count }, () => openRaw(target)));
  for (const connection of connections) connection.write(token());
  await expect.poll(() => waiting.length).toBe(count);
  return connections;
}

async function startFull() {
  const held = hold();
  const http = await startHttp({ limits: { requests: 8 }, endpoints: { token: held.endpoint } });
  const connections = await fill(http, held, 8);
  return { http, held, connections, target: http.target };
}

describe('requests past the bound of those that wait (N7)', () => {
  it('are refused at once with Retry-After, and those before them are answered', async () => {
    const { held, connections, target } = await startFull();

    const { status, headers, body } = await ask(target, ['GET /userinfo HTTP/1.1', HOST]);
    held.letGo();
    const answers = await Promise.all(connections.map((connection) => connection.next()));

    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(5);
    expect(headers['cache-control']).toBe('no-store');
    expect(JSON.parse(body)).toMatchObject({ error: 'temporarily_unavailable' });
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 8 }, () => 200));
  });

  it('are accepted again once there is room', async () => {
    const { held, connections, target } = await startFull();
    expect((await sendRaw(target, token())).answers[0]?.status).toBe(503);
    held.letGo();
    await Promise.all(connections.map((connection) => connection.next()));

    expect((await sendRaw(target, token())).answers[0]?.status).toBe(200);
  });

  it('get a page where a person is looking, and no identity is read', async () => {
    const { http, target } = await startFull();
    const { status, headers, body } = await ask(target, ['GET /authorize HTTP/1.1', HOST]);

    expect(status).toBe(503);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['retry-after']).toMatch(/^[1-5]$/);
    expect(headers['set-cookie']).toBeUndefined();
    expect(body).toContain('temporarily_unavailable');
    expect(http.identified).toEqual([]);
  });

  it('can be read as refused by a page of another origin', async () => {
    const { target } = await startFull();
    const origin = 'Origin: https://app.example';
    const preflight = [
      'OPTIONS /token HTTP/1.1',
      HOST,
      origin,
      'Access-Control-Request-Method: POST',
    ];

    expect((await ask(target, preflight)).status).toBe(204);
    const { status, headers } = await ask(target, ['GET /userinfo HTTP/1.1', HOST, origin]);
    expect(status).toBe(503);
    expect(headers['access-control-allow-origin']).toBeDefined();
  });

  it('are no metadata and no keys', async () => {
    const { target } = await startFull();

    for (const path of ['/.well-known/openid-configuration', '/jwks.json']) {
      expect((await ask(target, [`GET ${path} HTTP/1.1`, HOST])).status).toBe(200);
    }
  });

  it('are told what is wrong with them, where something is', async () => {
    const { target } = await startFull();

    expect((await ask(target, ['GET /nothing HTTP/1.1', HOST])).status).toBe(404);
    expect((await ask(target, ['GET /token HTTP/1.1', HOST])).status).toBe(405);
  });

  it('are one line in the log, whatever their number', async () => {
    const { http, target } = await startFull();
    for (let n = 0; n < 20; n += 1) await ask(target, ['GET /userinfo HTTP/1.1', HOST]);

    expect(http.logged()).toMatchObject([
      { level: 'warn', msg: 'overloaded: requests are refused', cause: 'requests', held: 8 },
    ]);
  });
});

describe('the connection of a refused request', () => {
  it('goes on where its body came along, in step', async () => {
    const { held, connections, target } = await startFull();
    const connection = await openRaw(target);
    // The body would be a request of its own, if anybody took it for one.
    connection.write(token(get('/jwks.json')) + get('/.well-known/openid-configuration'));
    const [refused, next] = [await connection.next(), await connection.next()];
    held.letGo();
    await Promise.all(connections.map((each) => each.next()));
    connection.write(token());

    expect(refused.status).toBe(503);
    expect(refused.headers['connection']).not.toBe('close');
    expect(next.body).toContain('discovery');
    expect((await connection.next()).status).toBe(200);
    connection.destroy();
  });

  it('ends where the body is still to come, and nothing in it is answered', async () => {
    const { http, target } = await startFull();
    const connection = await openRaw(target);
    connection.write(
      `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 5000\r\n\r\na=`,
    );
    const { status, headers } = await connection.next();
    connection.write(get('/jwks.json'));
    await connection.closed;

    expect(status).toBe(503);
    expect(headers['connection']).toBe('close');
    expect(http.asked.filter(({ endpoint }) => endpoint === 'jwks')).toEqual([]);
    await expect(connection.next()).rejects.toThrow();
  });
});

describe('a request that waited while another configuration came into force', () => {
  /** Waits until it is told to begin; then the issuer is `replaced`. */
  async function startReplaced(replaced: Issuer) {
    const waiting: ((begins: boolean) => void)[] = [];
    let current = issuerOf('before');
    const http = await startHttp({
      deps: {
        issuer: () => current,
        shedding: {
          ...createShedding(
            () => ({ requests: 8, queueMs: 50 }),
            createLog({ level: 'silent', format: 'json' }),
          ),
          admit: () => new Promise((resolve) => waiting.push(resolve)),
        },
      },
    });
    const connection = await openRaw(http.target);
    connection.write(token());
    await expect.poll(() => waiting.length).toBe(1);
    current = replaced;
    waiting[0]?.(true);
    const answer = await connection.next();
    connection.destroy();
    return answer;
  }

  it('is answered by that one: whom it removed gets nothing more', async () => {
    const { status, body } = await startReplaced(issuerOf('after'));

    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ by: 'after' });
  });

  it('is not answered where that one has no such endpoint', async () => {
    expect((await startReplaced({ ...issuerOf('after'), ...NO_TOKENS })).status).toBe(404);
  });
});

const NO_TOKENS = { token: undefined as never };

/** Whose token endpoint says which one it is. */
const issuerOf = (by: string): Issuer => {
  const endpoint: Endpoint = async () => ({ kind: 'json', status: 200, body: { by } });
  return { token: endpoint } as Issuer;
};

describe('clients that would keep others out', () => {
  it('cannot by bodies that never come: those take no room', async () => {
    const { target } = await startHttp({ limits: { requests: 4 } });
    const slow = await Promise.all(Array.from({ length: 20 }, () => openRaw(target)));
    for (const each of slow) {
      each.write(`POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 100\r\n\r\na=`);
      await ask(target, ['GET /jwks.json HTTP/1.1', HOST]);
    }

    for (let n = 0; n < 20; n += 1) {
      expect((await sendRaw(target, token())).answers[0]?.status).toBe(200);
    }
    for (const each of slow) each.destroy();
  });

  it('whose bodies come all at once are held to the bound after all', async () => {
    const held = hold();
    const http = await startHttp({ limits: { requests: 4 }, endpoints: { token: held.endpoint } });
    const all = await Promise.all(Array.from({ length: 10 }, () => openRaw(http.target)));
    for (const each of all) {
      each.write(`POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 3\r\n\r\na`);
    }
    // Answered after them: their headers were read, and none of them was refused for those.
    await ask(http.target, ['GET /jwks.json HTTP/1.1', HOST]);
    for (const each of all) each.write('=b');
    await expect.poll(() => held.waiting.length).toBe(4);
    held.letGo();
    const statuses = (await Promise.all(all.map((each) => each.next()))).map(
      ({ status }) => status,
    );

    expect(statuses.toSorted()).toEqual([200, 200, 200, 200, 503, 503, 503, 503, 503, 503]);
    expect(http.logged().filter(({ status }) => status === 503)).toEqual([]);
    for (const each of all) each.destroy();
  });

  it('cannot by one connection that sends ahead of its answers', async () => {
    const held = hold();
    const http = await startHttp({
      limits: { requests: 800 },
      endpoints: { token: held.endpoint },
    });
    const greedy = await openRaw(http.target);
    greedy.write(token().repeat(10_000));
    await expect.poll(() => held.waiting.length).toBeGreaterThan(0);
    const another = await openRaw(http.target);
    another.write(token());
    await expect.poll(() => http.asked.length).toBe(held.waiting.length);

    // An eighth of the room, however much of it arrives at once.
    expect(held.waiting.length).toBeLessThanOrEqual(101);
    held.letGo();
    expect((await another.next()).status).toBe(200);
    greedy.destroy();
  });
});

describe('connections', () => {
  it('past the bound are closed without an answer, and each that ends makes room', async () => {
    const http = await startHttp({ deps: { maxConnections: 3 } });
    const all = await Promise.all(Array.from({ length: 3 }, () => openRaw(http.target)));
    for (const each of all) {
      each.write(get('/jwks.json'));
      expect((await each.next()).status).toBe(200);
    }
    const fourth = await openRaw(http.target);
    fourth.write(get('/jwks.json'));
    await expect(fourth.next()).rejects.toThrow();
    expect(http.logged().filter(({ cause }) => cause === 'connections')).toHaveLength(1);

    all[0]?.write(get('/jwks.json'));
    expect((await all[0]?.next())?.status).toBe(200);
    all[1]?.destroy();

    await expect
      .poll(async () => (await sendRaw(http.target, get('/jwks.json'))).answers[0]?.status)
      .toBe(200);
    for (const each of all) each.destroy();
  });
});
