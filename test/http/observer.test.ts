import { describe, expect, it } from 'vitest';
import { HOST, startHttp, type TestHttpOptions } from '../support/http-app.ts';
import { ask, sendRaw } from '../support/raw-http.ts';
import { startAdmin } from '../unit/admin.fixture.ts';

async function startRecording(options: TestHttpOptions = {}) {
  const admin = startAdmin();
  const canary = admin.recorder.start()?.canary ?? '';
  const http = await startHttp({ ...options, deps: { admin, ...options.deps } });
  const mark = `asteroid_canary=${canary}.p1`;
  const seen = () => admin.recorder.read()?.sightings ?? [];
  return { ...http, ...admin, canary, mark, seen };
}

describe('a request of the doctor (O2)', () => {
  for (const [method, path] of [
    ['GET', '/authorize'],
    ['POST', '/authorize'],
    ['POST', '/consent'],
    ['POST', '/token'],
    ['GET', '/jwks.json'],
    ['DELETE', '/authorize'],
    ['GET', '/unknown'],
    ['GET', '/authorize%2f'],
  ] as const) {
    it(`at ${method} ${path} is 204 and asks no endpoint, so that nothing is stored or issued`, async () => {
      const { target, asked, events, mark, seen } = await startRecording();

      const answer = await ask(target, [`${method} ${path}?client_id=app&${mark} HTTP/1.1`, HOST]);

      expect(answer.status).toBe(204);
      expect(answer.headers['cache-control']).toContain('no-store');
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(asked).toEqual([]);
      expect(events).toEqual([]);
      expect(seen()).toHaveLength(1);
    });
  }

  it('is written down with what would refuse it', async () => {
    const { target, mark, seen } = await startRecording();

    await ask(target, [`GET /unknown?${mark} HTTP/1.1`, HOST]);
    await ask(target, [`GET /authorize?${mark} HTTP/1.1`, 'Host: evil.example']);
    await ask(target, [`GET /authorize?${mark} HTTP/1.1`, HOST, 'Host: evil.example']);
    await ask(target, [`DELETE /authorize?${mark} HTTP/1.1`, HOST]);
    await ask(target, [`GET /authorize?${mark} HTTP/1.1`, HOST]);

    expect(seen().map(({ route, refused, identity }) => [route, refused, identity])).toEqual([
      [undefined, 'path_unknown', 'not_read'],
      ['authorize', 'host_foreign', 'not_read'],
      ['authorize', 'header_repeated', 'not_read'],
      ['authorize', 'method_not_allowed', 'not_read'],
      ['authorize', undefined, 'identified'],
    ]);
  });

  it('is written down with what the upstream says, without the alarm of a forged one', async () => {
    const { target, mark, seen, events } = await startRecording({
      identify: () => ({ kind: 'refused', status: 403, reason: 'upstream_secret', header: 'X' }),
    });

    await ask(target, [`GET /authorize?${mark} HTTP/1.1`, HOST]);

    expect(seen()[0]).toMatchObject({ identity: 'refused', identityRefused: 'upstream_secret' });
    expect(events).toEqual([]);
  });

  it('is recognised by a header as well', async () => {
    const { target, canary, asked, seen } = await startRecording();

    const answer = await ask(target, [
      'GET /authorize HTTP/1.1',
      HOST,
      `X-Authenticated-Email: ${canary}.p9@doctor.invalid`,
    ]);

    expect(answer.status).toBe(204);
    expect(asked).toEqual([]);
    expect(seen()[0]?.probe).toBe('p9');
  });

  it('ends its connection: nothing that follows is answered, and what carries the canary is noted', async () => {
    const { target, mark, canary, asked, seen } = await startRecording();
    const inner = `GET /authorize?asteroid_canary=${canary}.inner HTTP/1.1\r\n${HOST}\r\n\r\n`;
    const honest = `GET /authorize HTTP/1.1\r\n${HOST}\r\n\r\n`;

    const { answers, closed } = await sendRaw(
      target,
      `GET /jwks.json?${mark} HTTP/1.1\r\n${HOST}\r\n\r\n${inner}${honest}`,
      { answers: 3 },
    );

    expect(answers).toHaveLength(1);
    expect(closed).toBe(true);
    expect(asked).toEqual([]);
    expect(seen().map(({ probe, refused }) => [probe, refused])).toEqual([
      ['p1', undefined],
      ['inner', 'not_answered'],
    ]);
  });

  it('is a request like any other with another canary, without one, and after the recording', async () => {
    const { target, canary, asked, seen, advance } = await startRecording();
    const wrong = canary.replace(/^./, (first) => (first === '0' ? '1' : '0'));
    const request = async (value: string) =>
      (await ask(target, [`GET /authorize?asteroid_canary=${value}.p1 HTTP/1.1`, HOST])).status;

    expect(await request(wrong)).toBe(303);
    expect(await request('')).toBe(303);
    expect(seen()).toEqual([]);
    advance(120);
    expect(await request(canary)).toBe(303);
    expect(asked).toHaveLength(3);
  });

  it('leaves a line in the log that has no value of it', async () => {
    const { target, mark, canary, logged, logText } = await startRecording();

    await ask(target, [`GET /authorize?${mark} HTTP/1.1`, HOST, 'Cookie: session=of-alice']);

    expect(logged().at(-1)).toMatchObject({ msg: 'request', status: 204, reason: 'observed' });
    expect(logText()).not.toContain(canary);
    expect(logText()).not.toContain('of-alice');
  });
});

describe('what is remembered for the operator (O17)', () => {
  it('is each request of a path that reads an identity, with the check that it failed', async () => {
    let kind: 'identified' | 'anonymous' | 'refused' = 'anonymous';
    const { target, identityLog } = await startRecording({
      identify: () =>
        kind === 'refused'
          ? { kind, status: 400, reason: 'header_alias', header: 'X' }
          : { kind: 'anonymous' },
    });
    await ask(target, ['GET /authorize HTTP/1.1', HOST]);
    kind = 'refused';
    await ask(target, ['GET /authorize HTTP/1.1', HOST]);
    await ask(target, ['GET /authorize HTTP/1.1', 'Host: evil.example']);
    await ask(target, ['GET /jwks.json HTTP/1.1', HOST]);
    await ask(target, ['GET /unknown HTTP/1.1', HOST]);

    const reports = identityLog.read();

    expect(reports.map(({ route, outcome, failed }) => [route, outcome, failed])).toEqual([
      ['authorize', 'refused', 'host_foreign'],
      ['authorize', 'refused', 'header_alias'],
      ['authorize', 'anonymous', undefined],
    ]);
    expect(reports[0]?.peer).toBe('127.0.0.1');
  });

  it('names the request as its answer does', async () => {
    const { target, identityLog } = await startRecording();

    const { headers } = await ask(target, ['GET /authorize HTTP/1.1', HOST]);

    expect(identityLog.read()[0]).toMatchObject({
      request_id: headers['x-request-id'],
      outcome: 'identified',
    });
  });

  it('blames the upstream for nothing that an endpoint refuses', async () => {
    const { target, identityLog } = await startRecording({
      endpoints: {
        authorize: async () => {
          throw new Error('of ours');
        },
      },
    });

    await ask(target, ['GET /authorize HTTP/1.1', HOST]);

    expect(identityLog.read()[0]).toMatchObject({ outcome: 'identified', failed: undefined });
  });
});
