import { describe, expect, it } from 'vitest';
import type { Identification } from '../../internal/upstream/upstream.ts';
import { FORM, HOST, PATHS, startHttp } from '../support/http-app.ts';
import { ask, openRaw } from '../support/raw-http.ts';

const refused = (
  status: 400 | 401 | 403,
  reason: string,
  header = 'X-Authenticated-User',
): Identification => ({ kind: 'refused', status, reason, header });

const READING = new Set([
  ...['authorize', 'consent', 'account', 'device', 'review', 'endSession', 'signOut'],
]);
const READERS = PATHS.filter(({ endpoint }) => READING.has(endpoint));
const OTHERS = PATHS.filter((path) => !READERS.includes(path));

describe('identity', () => {
  for (const { path, methods } of READERS) {
    for (const method of methods) {
      it(`of ${method} ${path} is what the upstream says`, async () => {
        const { target, asked } = await startHttp();

        await ask(target, [`${method} ${path} HTTP/1.1`, HOST]);

        expect(asked[0]?.request.identity?.subject).toBe('alice');
      });
    }
  }

  for (const { path, methods } of OTHERS) {
    it(`is not read at ${path}: its headers change nothing there (T27)`, async () => {
      const { target, asked, identified, logged } = await startHttp();

      await ask(target, [
        `${methods[0]} ${path} HTTP/1.1`,
        HOST,
        'X-Authenticated-User: admin',
        'X-Authenticated-User: root',
      ]);

      expect(identified).toEqual([]);
      expect(asked[0]?.request.identity).toBeUndefined();
      expect(logged().map(({ msg }) => msg)).toContain('identity header ignored');
    });
  }

  it('is nobody when the upstream names nobody', async () => {
    const { target, asked } = await startHttp({ identify: () => ({ kind: 'anonymous' }) });

    await ask(target, ['GET /authorize HTTP/1.1', HOST]);

    expect(asked).toHaveLength(1);
    expect(asked[0]?.request.identity).toBeUndefined();
  });

  it('is decided from raw headers, duplicates and case included, and from the peer (T05)', async () => {
    const { target, identified } = await startHttp();

    await ask(target, [
      'GET /authorize HTTP/1.1',
      HOST,
      'X-Authenticated-User: admin',
      'x-authenticated-USER: alice',
      'X-Forwarded-For: 10.0.0.1',
    ]);

    expect(identified[0]?.rawHeaders).toEqual([
      'Host',
      'op.example',
      'X-Authenticated-User',
      'admin',
      'x-authenticated-USER',
      'alice',
      'X-Forwarded-For',
      '10.0.0.1',
    ]);
    expect(identified[0]?.peer).toEqual({
      address: '127.0.0.1',
      unixSocket: false,
      certificate: undefined,
    });
  });
});

describe('identity refused', () => {
  for (const status of [400, 401, 403] as const) {
    it(`with ${status} is a page, and the endpoint is not asked`, async () => {
      const { target, asked } = await startHttp({
        identify: () => refused(status, 'untrusted_peer'),
      });

      const { headers, ...answer } = await ask(target, [
        'GET /authorize?redirect_uri=https%3A%2F%2Frp.example HTTP/1.1',
        HOST,
      ]);

      expect(answer.status).toBe(status);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['location']).toBeUndefined();
      expect(headers['cache-control']).toBe('no-store, private');
      expect(headers['www-authenticate']).toBe(
        status === 401 ? 'Upstream realm="https://op.example"' : undefined,
      );
      expect(asked).toEqual([]);
    });
  }

  it('is on record with the peer, the name of the header and the reason, never with a value', async () => {
    const { target, events, logText } = await startHttp({
      identify: () => refused(403, 'untrusted_peer'),
    });

    await ask(target, ['GET /authorize HTTP/1.1', HOST, 'X-Authenticated-User: mallory']);

    expect(events).toEqual([
      {
        type: 'identity.refused',
        reason: 'untrusted_peer',
        header: 'X-Authenticated-User',
        peer: '127.0.0.1',
        requestId: expect.any(String),
      },
    ]);
    expect(logText()).not.toContain('mallory');
  });

  it('comes before the body is read: whoever is not proven sends nothing', async () => {
    const { target } = await startHttp({ identify: () => refused(403, 'untrusted_peer') });
    const connection = await openRaw(target);

    connection.write(
      `POST /authorize HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 1000\r\n\r\nclient_id=`,
    );
    const { status } = await connection.next();
    await connection.closed;

    expect(status).toBe(403);
  });

  it('comes after the path, the Host and the method', async () => {
    const { target, identified } = await startHttp({
      identify: () => refused(403, 'untrusted_peer'),
    });

    await ask(target, ['GET /authorize/ HTTP/1.1', HOST]);
    await ask(target, ['GET /authorize HTTP/1.1', 'Host: evil.example']);
    await ask(target, ['DELETE /authorize HTTP/1.1', HOST]);
    await ask(target, ['GET /authorize HTTP/1.1', HOST, 'Content-Length: 1'], 'a');

    expect(identified).toEqual([]);
  });
});
