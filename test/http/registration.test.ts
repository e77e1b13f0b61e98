// Registration on the wire: JSON bodies as they are sent, names in paths byte for byte, and the page on
// which a client shows itself.

import { describe, expect, it } from 'vitest';
import type { ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import { FORM, HOST, NO_LINKS, startHttp } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

const JSON_TYPE = 'Content-Type: application/json';
const ID = 'dyn_AAAAAAAAAAAAAAAAAAAAAA';
const BODY = '{"client_name":"Caf\\u00e9"}';
/** The letter itself, as the bytes that the socket is to get. */
const BYTES = Buffer.from('{"client_name":"Caf\u00e9"}').toString('latin1');

const send = (
  target: Parameters<typeof ask>[0],
  method: string,
  path: string,
  body: string,
  ...lines: readonly string[]
) =>
  ask(
    target,
    [`${method} ${path} HTTP/1.1`, HOST, ...lines, `Content-Length: ${body.length}`],
    body,
  );

describe('a JSON body (RFC 7591 §3.1; RG-1)', () => {
  for (const [method, path] of [
    ['POST', '/register'],
    ['PUT', `/register/${ID}`],
  ] as const) {
    it(`of ${method} arrives as it was sent, and is no form`, async () => {
      const { target, asked } = await startHttp();

      const { status } = await send(target, method, path, BODY, JSON_TYPE);

      expect(status).toBe(200);
      expect(asked[0]?.request.body).toBe(BODY);
      expect(asked[0]?.request.params.size).toBe(0);
      await send(target, method, path, BYTES, JSON_TYPE);
      expect(JSON.parse(asked[1]?.request.body ?? '')).toEqual(JSON.parse(BODY));
    });

    it.each([
      ['application/json; charset=utf-8', 200],
      ['APPLICATION/JSON;charset="UTF-8"', 200],
      ['application/json; charset=iso-8859-1', 400],
      ['application/json, text/plain', 400],
      ['application/jwt', 400],
      ['application/x-www-form-urlencoded', 400],
      ['text/plain', 400],
      ['text/json', 400],
    ])(`of ${method} as %s is %i`, async (type, expected) => {
      const { target, asked } = await startHttp();

      const { status } = await send(target, method, path, BODY, `Content-Type: ${type}`);

      expect(status).toBe(expected);
      expect(asked).toHaveLength(expected === 200 ? 1 : 0);
    });
  }

  it('without a media type, compressed, or sent as two types is refused unread', async () => {
    const { target, asked } = await startHttp();
    for (const [lines, expected] of [
      [[], 400],
      [[JSON_TYPE, JSON_TYPE], 400],
      [[JSON_TYPE, FORM], 400],
      [[JSON_TYPE, 'Content-Encoding: gzip'], 415],
    ] as const) {
      expect((await send(target, 'POST', '/register', BODY, ...lines)).status).toBe(expected);
    }
    expect(asked).toEqual([]);
  });

  it('is at most as long as a form, and in UTF-8', async () => {
    const { target, asked } = await startHttp();
    const long = `"${'x'.repeat(65_535)}"`;

    expect((await send(target, 'POST', '/register', long, JSON_TYPE)).status).toBe(413);
    const lines = ['POST /register HTTP/1.1', HOST, JSON_TYPE, 'Content-Length: 3'];
    const bytes = Buffer.from([0x22, 0xff, 0x22]).toString('latin1');
    expect((await ask(target, lines, bytes)).status).toBe(400);
    expect(asked).toEqual([]);
  });

  it('is taken by no other endpoint', async () => {
    const { target, asked } = await startHttp();
    for (const path of ['/token', '/introspect', '/revoke', '/userinfo']) {
      expect((await send(target, 'POST', path, BODY, JSON_TYPE)).status, path).toBe(400);
    }
    expect(asked).toEqual([]);
  });
});

describe('the path of a client (RFC 7592 §2)', () => {
  it.each(['GET', 'DELETE'])('%s has no body', async (method) => {
    const { target } = await startHttp();

    expect((await send(target, method, `/register/${ID}`, BODY, JSON_TYPE)).status).toBe(400);
    expect((await ask(target, [`${method} /register/${ID} HTTP/1.1`, HOST])).status).toBe(200);
  });

  it.each([ID, 'a', 'A-b.c~d_9', '__proto__', 'constructor', '..', '.'])(
    'hands over the name %s as it stands',
    async (name) => {
      const { target, asked } = await startHttp();
      await ask(target, [`GET /register/${name}?x=1 HTTP/1.1`, HOST]);

      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatchObject({ endpoint: 'registeredClient', request: { segment: name } });
    },
  );

  it.each([
    '/register/',
    '/register//',
    '/register/a/',
    '/register/a/b',
    '/register/%64yn_a',
    '/register/a%2fb',
    '/register/a;b',
    '/register/a:b',
    '/register/a@b',
    '/register/{name}',
    '/register/*',
    '/Register/a',
    '//register/a',
    '/x/register/a',
    '/registerx',
    '/token/a',
    '/authorize/a',
    '/{name}',
  ])('is none at %s', async (path) => {
    const { target, asked } = await startHttp();

    expect((await ask(target, [`GET ${path} HTTP/1.1`, HOST])).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it('names no other request', async () => {
    const { target, asked } = await startHttp();
    await ask(target, ['GET /userinfo HTTP/1.1', HOST]);
    await ask(target, ['POST /register HTTP/1.1', HOST, 'Content-Length: 0']);

    expect(asked.map(({ request }) => request.segment)).toEqual([undefined, undefined]);
  });

  it.each(['POST', 'PATCH', 'HEAD', 'OPTIONS'])('%s is 405', async (method) => {
    const { target } = await startHttp();
    const { status, headers } = await ask(target, [`${method} /register/${ID} HTTP/1.1`, HOST]);

    expect(status).toBe(405);
    expect(headers['allow']).toBe('GET, DELETE, PUT');
  });

  it('does not exist where nobody may register, nor does /register', async () => {
    const { target, asked } = await startHttp({ without: ['register', 'registeredClient'] });

    expect((await send(target, 'POST', '/register', BODY, JSON_TYPE)).status).toBe(404);
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect((await ask(target, [`${method} /register/${ID} HTTP/1.1`, HOST])).status).toBe(404);
    }
    expect(asked).toEqual([]);
  });
});

describe('the consent page of a client that shows itself (CO-3)', () => {
  const consent = (links: object): ProtocolResponse => ({
    kind: 'page',
    status: 200,
    page: {
      kind: 'consent',
      clientName: 'Shop',
      links: { ...NO_LINKS, ...links },
      redirectHost: 'rp.example',
      redirectUri: 'https://rp.example/cb',
      subject: 'alice',
      scope: [{ name: 'openid', description: undefined }],
      details: [],
      handle: 'h',
    },
  });
  const show = async (links: object) => {
    const { target } = await startHttp({ endpoints: { authorize: async () => consent(links) } });
    return ask(target, ['GET /authorize HTTP/1.1', HOST]);
  };

  it('has its logo from that origin alone, and links that open beside it', async () => {
    const { body, headers } = await show({
      logoUri: 'https://cdn.example/logo.png?a=1&b=2',
      policyUri: 'https://rp.example/policy',
      tosUri: 'https://rp.example/tos',
      clientUri: 'https://rp.example/',
    });

    expect(headers['content-security-policy']).toContain('; img-src https://cdn.example; ');
    expect(body).toContain('src="https://cdn.example/logo.png?a=1&amp;b=2" alt=""');
    for (const [uri, name] of [
      ['https://rp.example/policy', 'Privacy policy'],
      ['https://rp.example/tos', 'Terms of service'],
      ['https://rp.example/', 'Home page'],
    ]) {
      expect(body).toContain(
        `<a href="${uri}" target="_blank" rel="noopener noreferrer">${name}<span class="unseen">`,
      );
    }
  });

  it('has no picture and no link for a client that shows nothing', async () => {
    const { body, headers } = await show({});

    expect(headers['content-security-policy']).not.toContain('img-src');
    expect(body).not.toMatch(/<img|<a /);
  });

  it('escapes what stands in links, and ends no directive', async () => {
    const hostile = `https://cdn.example/"><script>alert(1)</script>'onerror=x; script-src *`;
    const { body, headers } = await show({ logoUri: hostile, policyUri: hostile });

    expect(body).not.toContain('<script>alert');
    expect(headers['content-security-policy']).toContain('; img-src https://cdn.example; ');
    expect(headers['content-security-policy']).not.toContain('script-src');
  });

  it.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x'])(
    'is no page at all with %s',
    async (uri) => {
      for (const name of ['logoUri', 'policyUri', 'tosUri', 'clientUri']) {
        expect((await show({ [name]: uri })).status, name).toBe(500);
      }
    },
  );
});
