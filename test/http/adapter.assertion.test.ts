import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import type { Identification, Verdict } from '../../internal/upstream/upstream.ts';
import { FORM, HOST, startHttp } from '../support/http-app.ts';
import { ask, openRaw } from '../support/raw-http.ts';

const ALICE: Verdict = {
  kind: 'identified',
  identity: { subject: toSubject('alice'), claims: {} },
};

const REFUSED: Verdict = {
  kind: 'refused',
  status: 401,
  reason: 'assertion_invalid',
  header: 'X-Proxy-Assertion',
  detail: 'expired',
};

const asserting = (verify: () => Promise<Verdict>) => (): Identification => ({
  kind: 'asserted',
  verify,
});

const later =
  (verdict: Verdict, ms = 30) =>
  (): Promise<Verdict> =>
    new Promise((resolve) => setTimeout(resolve, ms, verdict));

const AUTHORIZE = ['GET /authorize HTTP/1.1', HOST] as const;

describe('an identity that takes time to verify', () => {
  it('is awaited, and the endpoint is asked with it', async () => {
    const { target, asked } = await startHttp({ identify: asserting(later(ALICE)) });

    expect((await ask(target, AUTHORIZE)).status).toBe(303);
    expect(asked[0]?.request.identity?.subject).toBe('alice');
  });

  it('is refused as one that does not: a page, a record with the detail, no endpoint asked', async () => {
    const { target, asked, events } = await startHttp({ identify: asserting(later(REFUSED)) });
    const { status, headers, body } = await ask(target, AUTHORIZE);

    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Upstream realm="https://op.example"');
    expect(body).not.toContain('expired');
    expect(asked).toEqual([]);
    expect(events).toEqual([
      {
        type: 'identity.refused',
        reason: 'assertion_invalid',
        header: 'X-Proxy-Assertion',
        detail: 'expired',
        peer: '127.0.0.1',
        requestId: expect.any(String),
      },
    ]);
  });

  it('is a 503 page with Retry-After when the keys cannot be had', async () => {
    const down = () => Promise.reject(new Unavailable('keys', 'fetch the keys'));
    const { target, asked, events } = await startHttp({ identify: asserting(down) });
    const { status, headers } = await ask(target, AUTHORIZE);

    expect(status).toBe(503);
    expect(headers['retry-after']).toMatch(/^[1-5]$/);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect([asked, events]).toEqual([[], []]);
  });

  it('is not verified for what is refused anyway (T12)', async () => {
    let verified = 0;
    const verify = async (): Promise<Verdict> => {
      verified += 1;
      return ALICE;
    };
    const { target, asked } = await startHttp({ identify: asserting(verify) });
    const post = ['POST /consent HTTP/1.1', HOST, FORM, 'Content-Length: 3'];

    expect((await ask(target, [...post, 'Origin: https://evil.example'], 'a=b')).status).toBe(403);
    expect((await ask(target, [...AUTHORIZE, 'Content-Length: 1'], 'a')).status).toBe(400);
    expect((await ask(target, [...post, 'Transfer-Encoding: chunked'], 'a=b')).status).toBe(400);
    expect([asked, verified]).toEqual([[], 0]);
    expect((await ask(target, post, 'a=b')).status).toBe(303);
    expect([asked.length, verified]).toEqual([1, 1]);
  });

  it('leaves the rest of a refused form unread, and nothing in it is a request (T12)', async () => {
    const { target, asked } = await startHttp({ identify: asserting(later(REFUSED)) });
    const connection = await openRaw(target);
    connection.write(
      `POST /authorize HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 1000\r\n\r\nclient_id=`,
    );
    const { status } = await connection.next();
    connection.write(`GET /jwks.json HTTP/1.1\r\n${HOST}\r\n\r\n`);
    await connection.closed;

    expect(status).toBe(401);
    expect(asked).toEqual([]);
  });

  it('answers requests on one connection in their order', async () => {
    const verdicts = [later(ALICE, 60), later(REFUSED, 1)];
    const { target } = await startHttp({
      identify: () => ({ kind: 'asserted', verify: verdicts.shift() ?? later(ALICE) }),
    });
    const connection = await openRaw(target);
    connection.write(`${AUTHORIZE.join('\r\n')}\r\n\r\n`.repeat(2));

    expect([(await connection.next()).status, (await connection.next()).status]).toEqual([
      303, 401,
    ]);
    connection.destroy();
  });

  it('of a client that went away meanwhile ends the request', async () => {
    const { target, asked, identified, logged } = await startHttp({
      identify: asserting(later(ALICE, 80)),
    });
    const connection = await openRaw(target);
    connection.write(
      `POST /authorize HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 1000\r\n\r\nclient_id=`,
    );
    await expect.poll(() => identified.length).toBe(1);
    connection.destroy();

    await expect
      .poll(() => logged().find(({ msg }) => msg === 'request')?.['reason'])
      .toBe('client_gone');
    expect(asked).toEqual([]);
  });
});

describe('an assertion in Authorization', () => {
  it('is not noted on routes where clients authenticate with that header', async () => {
    const upstream = {
      headerNames: ['authorization'],
      identify: (): Identification => ({ kind: 'anonymous' }),
    };
    const { target, logged } = await startHttp({ deps: { upstream: () => upstream } });

    await ask(target, ['GET /userinfo HTTP/1.1', HOST, 'Authorization: Bearer token']);
    const { headers } = await ask(target, AUTHORIZE);

    expect(logged().map(({ msg }) => msg)).not.toContain('identity header ignored');
    expect(headers['vary']).toContain('authorization');
  });
});
