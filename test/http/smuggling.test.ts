import { describe, expect, it } from 'vitest';
import { FORM, HOST, startHttp } from '../support/http-app.ts';
import { ask, sendRaw } from '../support/raw-http.ts';

const BODY = 'grant_type=client_credentials';

/** Bytes that two readers would cut into requests at different places. */
const ATTACKS: readonly { readonly name: string; readonly bytes: string }[] = [
  {
    name: 'Content-Length beside Transfer-Encoding',
    bytes: `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'Transfer-Encoding beside Content-Length',
    bytes: `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'two different Content-Length lines',
    bytes: `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`,
  },
  {
    name: 'two equal Content-Length lines',
    bytes: `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\na=b`,
  },
  {
    name: 'a Content-Length with a sign',
    bytes: `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: +3\r\n\r\na=b`,
  },
  {
    name: 'an unknown transfer coding',
    bytes: `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'a second transfer coding',
    bytes: `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'two Transfer-Encoding lines',
    bytes: `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'a chunked body under HTTP/1.0',
    bytes: `POST /token HTTP/1.0\r\n${HOST}\r\n${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'a space before the colon',
    bytes: `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'a folded header line',
    bytes: `GET /jwks.json HTTP/1.1\r\n${HOST}\r\nX-Authenticated-User: alice\r\n root\r\n\r\n`,
  },
  {
    name: 'a folded first header line',
    bytes: `GET /jwks.json HTTP/1.1\r\n ${HOST}\r\n\r\n`,
  },
  {
    name: 'bare line feeds',
    bytes: `GET /jwks.json HTTP/1.1\n${HOST}\n\n`,
  },
  {
    name: 'a bare carriage return in a value',
    bytes: `GET /jwks.json HTTP/1.1\r\n${HOST}\r\nX-A: b\rX-Authenticated-User: root\r\n\r\n`,
  },
  {
    name: 'a NUL in a value',
    bytes: `GET /jwks.json HTTP/1.1\r\n${HOST}\r\nX-Authenticated-User: alice\0\r\n\r\n`,
  },
  {
    name: 'a line without a colon',
    bytes: `GET /jwks.json HTTP/1.1\r\n${HOST}\r\nnonsense\r\n\r\n`,
  },
  {
    name: 'a chunk size that is none',
    bytes: `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\na=b\r\n0\r\n\r\n`,
  },
  {
    name: 'a body on GET',
    bytes: `GET /userinfo HTTP/1.1\r\n${HOST}\r\nContent-Length: 3\r\n\r\na=b`,
  },
  {
    name: 'a chunked body on GET',
    bytes: `GET /authorize HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'a body on HEAD',
    bytes: `HEAD /jwks.json HTTP/1.1\r\n${HOST}\r\nContent-Length: 3\r\n\r\na=b`,
  },
  {
    name: 'two Host lines',
    bytes: `GET /jwks.json HTTP/1.1\r\n${HOST}\r\n${HOST}\r\n\r\n`,
  },
  {
    name: 'the preface of HTTP/2',
    bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  },
  {
    name: 'a request that calls itself HTTP/2.0',
    bytes: `GET /jwks.json HTTP/2.0\r\n${HOST}\r\n\r\n`,
  },
  {
    name: 'a request that calls itself HTTP/0.9',
    bytes: `GET /jwks.json HTTP/0.9\r\n${HOST}\r\n\r\n`,
  },
];

describe('request smuggling (G-15, T12)', () => {
  for (const { name, bytes } of ATTACKS) {
    it(`answers ${name} with 400, asks no endpoint, and closes the connection`, async () => {
      const { target, asked } = await startHttp();
      const second = `GET /jwks.json HTTP/1.1\r\n${HOST}\r\n\r\n`;

      const { answers, closed } = await sendRaw(target, bytes + second, {
        answers: 2,
        head: bytes.startsWith('HEAD'),
      });

      expect(answers.map(({ status }) => status)).toEqual([400]);
      expect(closed).toBe(true);
      expect(asked).toEqual([]);
    });
  }

  it('reads an honest body by its length', async () => {
    const { target, asked } = await startHttp();

    const { status, closed } = await ask(
      target,
      ['POST /token HTTP/1.1', HOST, FORM, `Content-Length: ${BODY.length}`],
      BODY,
    );

    expect(status).toBe(200);
    expect(closed).toBe(false);
    expect(asked[0]?.request.params.get('grant_type')).toEqual(['client_credentials']);
  });

  it('reads an honest chunked body, and no header from its trailer', async () => {
    const { target, asked } = await startHttp();

    const { status } = await ask(
      target,
      ['POST /token HTTP/1.1', HOST, FORM, 'Transfer-Encoding: chunked', 'Trailer: Authorization'],
      'a\r\ngrant_type\r\n13\r\n=client_credentials\r\n0\r\nAuthorization: Basic eA==\r\n\r\n',
    );

    expect(status).toBe(200);
    expect(asked[0]?.request.params.get('grant_type')).toEqual(['client_credentials']);
    expect(asked[0]?.request.headers['authorization']).toBeUndefined();
  });

  it('answers requests that were sent at once in their order', async () => {
    const { target } = await startHttp({
      endpoints: {
        jwks: async () => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          return { kind: 'json', status: 200, body: { endpoint: 'jwks' } };
        },
      },
    });
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${HOST}\r\n\r\n`;

    const { answers } = await sendRaw(
      target,
      get('/jwks.json') + get('/userinfo') + get('/nothing') + get('/jwks.json'),
      { answers: 4 },
    );

    expect(answers.map(({ body }) => JSON.parse(body))).toMatchObject([
      { endpoint: 'jwks' },
      { endpoint: 'userinfo' },
      { error: 'not_found' },
      { endpoint: 'jwks' },
    ]);
  });
});

describe('upgrades and tunnels (T17)', () => {
  for (const upgrade of ['h2c', 'websocket', 'TLS/1.0']) {
    it(`answers a request to upgrade to ${upgrade} as what it is without`, async () => {
      const { target } = await startHttp();

      const { status } = await ask(target, [
        'GET /jwks.json HTTP/1.1',
        HOST,
        'Connection: Upgrade, HTTP2-Settings',
        `Upgrade: ${upgrade}`,
        'HTTP2-Settings: AAMAAABkAAQAAP__',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ]);

      expect(status).toBe(200);
    });
  }

  it('ends a connection that asks for a tunnel', async () => {
    const { target, asked } = await startHttp();

    const { answers, closed } = await sendRaw(
      target,
      `CONNECT op.example:443 HTTP/1.1\r\n${HOST}\r\n\r\n`,
    );

    expect(answers.filter(({ status }) => status < 300)).toEqual([]);
    expect(closed).toBe(true);
    expect(asked).toEqual([]);
  });
});

describe('a body that nobody reads', () => {
  // A proxy that overlooks the body of a GET takes its bytes for the next request, of somebody else.
  for (const { line, status } of [
    { line: 'POST /nothing', status: 404 },
    { line: 'GET /nothing', status: 404 },
    { line: 'GET /token', status: 405 },
    { line: 'GET /jwks.json', status: 400 },
  ]) {
    it(`ends the connection after ${status}, even where it came in one piece: ${line}`, async () => {
      const { target, asked } = await startHttp();
      const stranger = `GET /jwks.json HTTP/1.1\r\n${HOST}\r\n\r\n`;

      const { answers, closed } = await sendRaw(
        target,
        `${line} HTTP/1.1\r\n${HOST}\r\nContent-Length: 3\r\n\r\na=b${stranger}`,
      );

      expect(answers.map((answer) => answer.status)).toEqual([status]);
      expect(closed).toBe(true);
      expect(asked).toEqual([]);
    });
  }
});

describe('Expect (G-15)', () => {
  it('lets a client go on that waits before it sends its body', async () => {
    const { target } = await startHttp();

    const { answers } = await sendRaw(
      target,
      `POST /token HTTP/1.1\r\n${HOST}\r\n${FORM}\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\na=b`,
      { answers: 2 },
    );

    expect(answers.map(({ status }) => status)).toEqual([100, 200]);
  });
});
