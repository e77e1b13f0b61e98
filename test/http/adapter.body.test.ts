import { describe, expect, it } from 'vitest';
import { FORM, HOST, startHttp } from '../support/http-app.ts';
import { ask, openRaw, sendRaw } from '../support/raw-http.ts';

const BODY = 'grant_type=client_credentials';
const LENGTH = `Content-Length: ${BODY.length}`;

const post = (path: string, ...lines: readonly string[]): readonly string[] => [
  `POST ${path} HTTP/1.1`,
  HOST,
  ...lines,
];

describe('form bodies: media type (G-13, RFC 6749 §3.2)', () => {
  for (const type of [
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=utf-8',
    'application/x-www-form-urlencoded;charset=UTF-8',
    'application/x-www-form-urlencoded; charset="utf-8"',
    'Application/X-WWW-Form-Urlencoded',
  ]) {
    it(`reads ${type}`, async () => {
      const { target, asked } = await startHttp();

      const { status } = await ask(target, post('/token', `Content-Type: ${type}`, LENGTH), BODY);

      expect(status).toBe(200);
      expect(asked[0]?.request.params.get('grant_type')).toEqual(['client_credentials']);
    });
  }

  for (const lines of [
    ['Content-Type: application/json'],
    ['Content-Type: multipart/form-data; boundary=x'],
    ['Content-Type: text/plain'],
    ['Content-Type:'],
    [],
    ['Content-Type: application/x-www-form-urlencoded;charset=utf-7'],
    ['Content-Type: application/x-www-form-urlencoded;charset=iso-8859-1'],
    ['Content-Type: application/x-www-form-urlencoded; charset=utf-8; charset=utf-7'],
    ['Content-Type: application/x-www-form-urlencodedx'],
    ['Content-Type: application/x-www-form-urlencoded, text/plain'],
    [FORM, FORM],
    [FORM, 'Content-Type: application/json'],
  ]) {
    it(`refuses a body under ${lines.join(' and ') || 'no Content-Type'} with invalid_request`, async () => {
      const { target, asked } = await startHttp();

      const { status, headers, body } = await ask(target, post('/token', ...lines, LENGTH), BODY);

      expect(status).toBe(400);
      expect(JSON.parse(body).error).toBe('invalid_request');
      expect(headers['cache-control']).toBe('no-store');
      expect(asked).toEqual([]);
    });
  }

  for (const coding of ['gzip', 'br', 'identity']) {
    it(`refuses a body encoded as ${coding} with 415, unread`, async () => {
      const { target, asked } = await startHttp();
      const lines = post('/token', FORM, LENGTH, `Content-Encoding: ${coding}`);

      const { status } = await ask(target, lines, BODY);

      expect(status).toBe(415);
      expect(asked).toEqual([]);
    });
  }

  for (const lines of [['Content-Length: 0'], [], ['Content-Length: 0', FORM]]) {
    it(`takes no body (${lines.join(', ') || 'no headers about it'}) for an empty form`, async () => {
      const { target, asked } = await startHttp();

      const { status } = await ask(target, post('/userinfo', ...lines));

      expect(status).toBe(200);
      expect(asked[0]?.request.params.size).toBe(0);
    });
  }
});

describe('form bodies: what is read', () => {
  it('never reads the query of a form route: credentials do not belong in URLs', async () => {
    const { target, asked } = await startHttp();

    await ask(target, post('/token?grant_type=refresh_token&client_secret=x', FORM, LENGTH), BODY);
    await ask(target, post('/token?grant_type=refresh_token', 'Content-Length: 0'));

    expect(asked.map(({ request }) => [...request.params])).toEqual([
      [['grant_type', ['client_credentials']]],
      [],
    ]);
  });

  it('reads the form of POST /authorize and not its query (AZ-1)', async () => {
    const { target, asked } = await startHttp();

    const { status } = await ask(
      target,
      post('/authorize?client_id=b', FORM, 'Content-Length: 11'),
      'client_id=a',
    );

    expect(status).toBe(303);
    expect([...(asked[0]?.request.params ?? [])]).toEqual([['client_id', ['a']]]);
  });

  it('reads no query at GET /userinfo: a token in a URL is no token', async () => {
    const { target, asked } = await startHttp();

    await ask(target, ['GET /userinfo?access_token=t HTTP/1.1', HOST]);

    expect(asked[0]?.request.params.size).toBe(0);
  });

  it('passes on what a body says in UTF-8, byte for byte', async () => {
    const { target, asked } = await startHttp();
    const text = Buffer.from('state=Zoë 🎉').toString('latin1');

    await ask(target, post('/token', FORM, `Content-Length: ${text.length}`), text);

    expect(asked[0]?.request.params.get('state')).toEqual(['Zoë 🎉']);
  });

  for (const { name, text } of [
    { name: 'bytes that are not UTF-8', text: 'state=\xff\xfe' },
    { name: 'an overlong slash', text: 'state=\xc0\xaf' },
    { name: 'half of a surrogate pair', text: 'state=\xed\xa0\x80' },
    { name: 'escapes that are not UTF-8', text: 'state=%ff' },
    { name: 'an escape that is none', text: 'state=%zz' },
    { name: 'an escaped NUL', text: 'state=%00' },
    { name: 'a raw NUL', text: 'state=\0' },
  ]) {
    it(`refuses ${name} with invalid_request (G-11)`, async () => {
      const { target, asked } = await startHttp();

      const { status, body } = await ask(
        target,
        post('/token', FORM, `Content-Length: ${text.length}`),
        text,
      );

      expect(status).toBe(400);
      expect(JSON.parse(body).error).toBe('invalid_request');
      expect(asked).toEqual([]);
    });
  }

  for (const query of ['state=\xe9', 'state=\xc3\xa9', 'state=%ff', 'state=%', 'state=%c0%af']) {
    it(`refuses the query ${JSON.stringify(query)} with a page (G-11)`, async () => {
      const { target, asked } = await startHttp();

      const { answers } = await sendRaw(
        target,
        `GET /authorize?${query} HTTP/1.1\r\n${HOST}\r\n\r\n`,
      );

      expect(answers[0]?.status).toBe(400);
      expect(answers[0]?.headers['location']).toBeUndefined();
      expect(asked).toEqual([]);
    });
  }

  it('passes on an escaped query in UTF-8, byte for byte', async () => {
    const { target, asked } = await startHttp();

    await ask(target, [`GET /authorize?state=${encodeURIComponent('Zoë 🎉\r\n')} HTTP/1.1`, HOST]);

    expect(asked[0]?.request.params.get('state')).toEqual(['Zoë 🎉\r\n']);
  });
});

const LIMIT = 65_536;

describe('form bodies: size (G-12)', () => {
  const ofSize = (size: number): string => `a=${'b'.repeat(size - 2)}`;

  it('reads a body of 64 KiB', async () => {
    const { target, asked } = await startHttp();

    const { status } = await ask(
      target,
      post('/token', FORM, `Content-Length: ${LIMIT}`),
      ofSize(LIMIT),
    );

    expect(status).toBe(200);
    expect(asked[0]?.request.params.get('a')?.[0]?.length).toBe(LIMIT - 2);
  });

  for (const length of [LIMIT + 1, 10_000_000_000]) {
    it(`refuses a body announced with ${length} bytes before reading any of it`, async () => {
      const { target, asked } = await startHttp();
      const connection = await openRaw(target);

      connection.write(`${post('/token', FORM, `Content-Length: ${length}`).join('\r\n')}\r\n\r\n`);
      const { status, headers, body } = await connection.next();
      await connection.closed;

      expect(status).toBe(413);
      expect(headers['connection']).toBe('close');
      expect(JSON.parse(body).error).toBe('invalid_request');
      expect(asked).toEqual([]);
    });
  }

  it('cuts an endless chunked body at the limit, and the client can read why', async () => {
    const { target, asked } = await startHttp();
    const connection = await openRaw(target);
    const chunk = `4000\r\n${'b'.repeat(0x4000)}\r\n`;

    connection.write(`${post('/token', FORM, 'Transfer-Encoding: chunked').join('\r\n')}\r\n\r\n`);
    const timer = setInterval(() => connection.write(chunk), 2);
    const { status } = await connection.next();
    await connection.closed;
    clearInterval(timer);

    expect(status).toBe(413);
    expect(asked).toEqual([]);
  });

  it('lets a client that sends everything before it reads come to the end of it', async () => {
    const { target } = await startHttp();
    const connection = await openRaw(target);
    const size = 4 * 1024 * 1024;

    connection.write(`${post('/token', FORM, `Content-Length: ${size}`).join('\r\n')}\r\n\r\n`);
    await connection.next();
    connection.write('b'.repeat(size));

    expect(await connection.closed).toBe('end');
  });

  it('keeps the connection after a body that was refused when it had been read', async () => {
    const { target } = await startHttp();
    const bad = 'state=%ff';

    const { answers, closed } = await sendRaw(
      target,
      `${post('/token', FORM, `Content-Length: ${bad.length}`).join('\r\n')}\r\n\r\n${bad}` +
        `GET /jwks.json HTTP/1.1\r\n${HOST}\r\n\r\n`,
      { answers: 2 },
    );

    expect(answers.map(({ status }) => status)).toEqual([400, 200]);
    expect(closed).toBe(false);
  });
});
