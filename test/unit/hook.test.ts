import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { HookQuestion } from '../../internal/hook/hook.ts';
import { createTokenHook, type HookEvent } from '../../internal/hook/http.ts';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import { RESERVED_CLAIMS } from '../../internal/protocol/claims.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createTestClock } from '../support/clock.ts';
import { START } from '../support/keys.ts';

const SECRET = Buffer.from('a secret of the hook and of nobody else');
const QUESTION: HookQuestion = {
  clientId: 'conf',
  grantType: 'authorization_code',
  subject: 'alice',
  scope: ['openid', 'email'],
  resource: ['https://api1.example'],
  actor: 'gateway',
  authorizationId: 'authorization-1',
  requestId: 'request-1',
  claims: { email: 'ålice@example.test', groups: ['a'] },
};

type Asked = { readonly request: IncomingMessage; readonly body: string };
type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A service on loopback, and the hook that asks it. */
async function start(
  answer: Answer,
  { onFailure = 'refuse', timeout = 1, keepAlive = false, secret = () => SECRET } = {},
) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ request, body: Buffer.concat(chunks).toString() });
      answer(response, request);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const events: HookEvent[] = [];
  const clock = createTestClock(START);
  const hook = createTokenHook(
    {
      url: `http://127.0.0.1:${port}/tokens?a=b`,
      secret,
      timeout,
      onFailure: onFailure === 'continue' ? 'continue' : 'refuse',
    },
    {
      issuer: 'https://op.example',
      now: clock,
      outbound: createOutbound(anyAddress, { keepAlive }),
      report: (event) => events.push(event),
    },
  );
  return { hook, asked, events, clock, port };
}

const json =
  (body: unknown, status = 200, type = 'application/json'): Answer =>
  (response) =>
    response
      .writeHead(status, { 'content-type': type })
      .end(typeof body === 'string' ? body : JSON.stringify(body));

const ALLOWED = { kind: 'allowed', idTokenClaims: {}, accessTokenClaims: {} };

describe('token hook: the question', () => {
  it('is one POST of JSON that says who gets what', async () => {
    const { hook, asked } = await start(json({ allow: true }));

    expect(await hook(QUESTION)).toEqual(ALLOWED);

    expect(asked).toHaveLength(1);
    expect(asked[0]?.request).toMatchObject({ method: 'POST', url: '/tokens?a=b' });
    expect(asked[0]?.request.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
    });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      issuer: 'https://op.example',
      client_id: 'conf',
      grant_type: 'authorization_code',
      subject: 'alice',
      scope: 'openid email',
      resource: ['https://api1.example'],
      actor: 'gateway',
      authorization_id: 'authorization-1',
      request_id: 'request-1',
      claims: { email: 'ålice@example.test', groups: ['a'] },
    });
  });

  it('leaves out what is not known', async () => {
    const { hook, asked } = await start(json({ allow: true }));

    await hook({ ...QUESTION, claims: undefined, authorizationId: undefined });

    const body = JSON.parse(asked[0]?.body ?? '');
    expect(body).not.toHaveProperty('claims');
    expect(body).not.toHaveProperty('authorization_id');
  });

  it('is signed over its time and its bytes, by the secret of the moment', async () => {
    const secrets = [SECRET, Buffer.from('another secret, after somebody rotated it')];
    const { hook, asked, clock } = await start(json({ allow: true }), {
      secret: () => secrets[asked.length] ?? SECRET,
    });

    await hook(QUESTION);
    clock.advance(7);
    await hook(QUESTION);

    for (const [index, time] of [START, START + 7].entries()) {
      const { request, body = '' } = asked[index] ?? {};
      const mac = createHmac('sha256', secrets[index] ?? '').update(`${time}.${body}`);
      expect(request?.headers['asteroid-signature']).toBe(`t=${time},v1=${mac.digest('hex')}`);
    }
  });
});

describe('token hook: the answer', () => {
  it('adds claims to either token', async () => {
    const { hook } = await start(
      json({
        allow: true,
        id_token_claims: { department: 'x', nested: { deep: [1, { a: null, b: true }] } },
        access_token_claims: { roles: ['admin'] },
      }),
    );

    expect(await hook(QUESTION)).toEqual({
      kind: 'allowed',
      idTokenClaims: { department: 'x', nested: { deep: [1, { b: true }] } },
      accessTokenClaims: { roles: ['admin'] },
    });
  });

  it('never sets a claim that is ours to say, and that is reported by name (UP-11)', async () => {
    const forged = Object.fromEntries([...RESERVED_CLAIMS].map((name) => [name, 'mallory']));
    const body = JSON.stringify({ allow: true, id_token_claims: { ...forged, mine: 1 } });
    const { hook, events } = await start(
      json(body.replace('"mine":1', '"mine":1,"__proto__":{"admin":true}')),
    );

    const answer = await hook(QUESTION);

    expect(answer).toEqual({ ...ALLOWED, idTokenClaims: { mine: 1 } });
    expect(events).toEqual([
      { type: 'token_hook.reserved_claims', claims: expect.arrayContaining(['sub', 'iss', 'cnf']) },
    ]);
    expect(JSON.stringify(events)).not.toContain('mallory');
  });

  it('leaves out what is nested deeper than 16 levels', async () => {
    const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
    const { hook } = await start(
      json({ allow: true, id_token_claims: { kept: deep(10), dropped: deep(40) } }),
    );

    const answer = await hook(QUESTION);

    expect(answer).toMatchObject({ idTokenClaims: { kept: deep(10) } });
    expect(JSON.stringify(answer).match(/"a"/g)?.length ?? 0).toBeLessThan(10 + 17);
  });

  it('refuses, and why goes to the log only, cut to a line', async () => {
    const { hook, events } = await start(json({ allow: false, reason: 'x'.repeat(5000) }));

    expect(await hook(QUESTION)).toEqual({ kind: 'refused' });
    expect(events).toEqual([{ type: 'token_hook.refused', said: 'x'.repeat(200) }]);
  });

  for (const more of [
    { reason: 7 },
    { note: 'x' },
    { id_token_claims: 'x' },
    { id_token_claims: {} },
  ])
    it(`refuses also with ${JSON.stringify(more)}, and where failures are gone over`, async () => {
      const { hook } = await start(json({ allow: false, ...more }), { onFailure: 'continue' });

      expect(await hook(QUESTION)).toEqual({ kind: 'refused' });
    });
});

const FAILURES: readonly (readonly [string, Answer])[] = [
  ['a status of 500', json({ allow: true }, 500)],
  ['a status of 404', json({ allow: true }, 404)],
  ['a status of 403', json({ allow: true }, 403)],
  ['a status of 201', json({ allow: true }, 201)],
  ['another media type', json({ allow: true }, 200, 'text/plain')],
  ['no JSON', json('<html>')],
  ['no object', json('true')],
  ['null', json('null')],
  ['nothing', json('')],
  ['no verdict', json({ id_token_claims: {} })],
  ['a verdict in text', json({ allow: 'true' })],
  ['a verdict that is a number', json({ allow: 1 })],
  ['a misspelled member', json({ allow: true, id_token_claim: { a: 1 } })],
  ['claims in a list', json({ allow: true, id_token_claims: [1] })],
  ['claims that are null', json({ allow: true, access_token_claims: null })],
  ['more than 8 KiB', json({ allow: true, id_token_claims: { a: 'x'.repeat(8192) } })],
  ['eight thousand open brackets', json('['.repeat(8000))],
  [
    'a compressed answer',
    (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(JSON.stringify({ allow: true })),
  ],
  [
    'bytes that are no UTF-8',
    (response) => json(Buffer.from([0xff]) as never)(response, {} as never),
  ],
  ['a connection that ends', (response) => response.destroy()],
  ['no answer in time', () => undefined],
];

describe('token hook: what is no answer', () => {
  for (const [given, answer] of FAILURES)
    it(`${given} is a failure: 503 where tokens need the hook, no claims where they do not`, async () => {
      const closed = await start(answer, { timeout: 0.2 });
      await expect(closed.hook(QUESTION)).rejects.toThrow(Unavailable);
      expect(closed.events).toMatchObject([{ type: 'token_hook.failed', continued: false }]);

      const open = await start(answer, { timeout: 0.2, onFailure: 'continue' });
      expect(await open.hook(QUESTION)).toEqual(ALLOWED);
      expect(open.events).toMatchObject([{ type: 'token_hook.failed', continued: true }]);
    });

  it('a redirect is a failure, and where it leads is not asked', async () => {
    const target = await start(json({ allow: true }));
    const { hook } = await start((response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${target.port}/` }).end(),
    );

    await expect(hook(QUESTION)).rejects.toThrow(Unavailable);
    expect(target.asked).toHaveLength(0);
  });

  it('nobody at the address is a failure', async () => {
    const { hook } = await start(json({ allow: true }));
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));

    await expect(hook(QUESTION)).rejects.toMatchObject({ dependency: 'hook' });
  });

  it('takes no longer than it may, both attempts together', async () => {
    const { hook } = await start(() => undefined, { timeout: 0.3 });
    const started = performance.now();

    await expect(hook(QUESTION)).rejects.toThrow(Unavailable);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('a failure says nothing of the answer, of the question or of the secret', async () => {
    const { hook, events } = await start(json('{"allow":tru-secret-of-the-answer'));

    await hook(QUESTION).catch(() => undefined);

    const [event] = events;
    const text = event?.type === 'token_hook.failed' ? `${event.error.stack}` : '';
    expect(text).toContain('is not JSON');
    for (const word of ['secret-of-the-answer', 'alice', SECRET.toString()])
      expect(text).not.toContain(word);
  });
});

describe('token hook: connections', () => {
  it('asks once more where the connection broke, and then no more', async () => {
    let broken = 1;
    const { hook, asked } = await start((response, request) => {
      if (broken > 0) {
        broken -= 1;
        response.destroy();
      } else json({ allow: true })(response, request);
    });

    expect(await hook(QUESTION)).toEqual(ALLOWED);
    expect(asked).toHaveLength(2);
    broken = 5;
    await expect(hook(QUESTION)).rejects.toThrow(Unavailable);
    expect(asked).toHaveLength(4);
  });

  it('does not ask again after an answer, however wrong it is', async () => {
    const { hook, asked } = await start(json({ allow: true }, 500));

    await expect(hook(QUESTION)).rejects.toThrow(Unavailable);
    expect(asked).toHaveLength(1);
  });

  it('does not ask again for an answer that is too long', async () => {
    const { hook, asked } = await start(json('x'.repeat(100_000)));

    await expect(hook(QUESTION)).rejects.toThrow(Unavailable);
    expect(asked).toHaveLength(1);
  });
});
