import { describe, expect, it } from 'vitest';
import { createSessionCookie } from '../../internal/http/cookies.ts';
import type { ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import { FORM, HOST, PATHS, startHttp } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

const NAME = '__Host-asteroid-session';
const CHANGE = { value: 'sealed-_09', maxAge: 86_400 };

const nameOf = (issuerUrl: string): string =>
  createSessionCookie(issuerUrl).print(CHANGE).split('=')[0] ?? '';

describe('the session cookie (G-23)', () => {
  it('of https is for this host alone, on every path, by TLS, and no script reads it', () => {
    expect(createSessionCookie('https://op.example').print(CHANGE)).toBe(
      `${NAME}=sealed-_09; Max-Age=86400; Path=/; Secure; HttpOnly; SameSite=None`,
    );
  });

  it('of http is one that browsers keep there', () => {
    expect(createSessionCookie('http://localhost').print(CHANGE)).toBe(
      'asteroid-session=sealed-_09; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax',
    );
  });

  it('has another name for every issuer of a host', () => {
    const names = [
      'https://op.example',
      'https://op.example/a',
      'https://op.example/b',
      'https://op.example:8443',
      'http://localhost:8880',
      'http://localhost:8881',
    ].map(nameOf);

    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^(__Host-)?asteroid-session(-[\w-]{8})?$/);
    expect(nameOf('https://op.example/')).toBe(NAME);
    expect(nameOf('https://op.example:443')).toBe(NAME);
  });

  for (const value of ['', 'a b', 'a;b', 'a\r\nSet-Cookie: b=c', 'ä', '"a"', 'x'.repeat(4097)]) {
    it(`is never set to ${JSON.stringify(value.slice(0, 20))}`, () => {
      expect(() => createSessionCookie('https://op.example').print({ value, maxAge: 1 })).toThrow();
    });
  }

  for (const [header, value] of [
    [`${NAME}=abc`, 'abc'],
    [`a=b; ${NAME}=abc; c=d`, 'abc'],
    [`a=b;${NAME}=abc;c=d`, 'abc'],
    [`${NAME}=${'x'.repeat(4096)}`, 'x'.repeat(4096)],
    [`${NAME}=${'x'.repeat(4097)}`, undefined],
    [`${NAME}=abc; ${NAME}=abc`, undefined],
    [`${NAME}=abc; ${NAME}=`, undefined],
    [`${NAME}=`, undefined],
    [`${NAME}="abc"`, undefined],
    [`${NAME}=a%20b`, undefined],
    [`${NAME}=a=b`, undefined],
    [`${NAME} =abc`, undefined],
    [`${NAME.toLowerCase()}=abc`, undefined],
    [`x${NAME}=abc`, undefined],
    [`asteroid-session=abc`, undefined],
    ['', undefined],
    [';;; =', undefined],
    [undefined, undefined],
  ] as const) {
    it(`is ${value?.slice(0, 5)} in ${header?.slice(0, 60)}`, () => {
      expect(createSessionCookie('https://op.example').read(header)).toBe(value);
    });
  }
});

describe('who reads and sets the session cookie (G-23, T27)', () => {
  for (const { path, methods, browser } of PATHS) {
    it(`${path} ${browser ? 'is told it' : 'is not'}`, async () => {
      const { target, asked } = await startHttp();
      for (const method of methods) {
        const form = method === 'POST' ? [FORM, 'Content-Length: 0'] : [];
        await ask(target, [`${method} ${path} HTTP/1.1`, HOST, `Cookie: ${NAME}=abc`, ...form]);
        expect(asked.at(-1)?.request.session).toBe(browser ? 'abc' : undefined);
      }
    });
  }

  it('two Cookie lines are none', async () => {
    const { target, asked } = await startHttp();
    const line = `Cookie: ${NAME}=abc`;
    await ask(target, ['GET /authorize HTTP/1.1', HOST, line, line]);

    expect(asked[0]?.request.session).toBeUndefined();
  });

  const session = CHANGE;
  const answers: readonly ProtocolResponse[] = [
    { kind: 'redirect', location: 'https://rp.example/' },
    { kind: 'form_post', action: 'https://rp.example/', fields: {} },
    { kind: 'page', status: 200, page: { kind: 'signed_out', stayed: false } },
  ];
  for (const response of answers) {
    it(`a ${response.kind} sets it if the endpoint says so, once, and not otherwise`, async () => {
      const set = async (answer: ProtocolResponse) => {
        const { target } = await startHttp({ endpoints: { authorize: async () => answer } });
        const { lines } = await ask(target, ['GET /authorize HTTP/1.1', HOST]);
        return lines.filter((line) => /^set-cookie:/i.test(line));
      };

      expect(await set(response)).toEqual([]);
      expect(await set({ ...response, session } as ProtocolResponse)).toEqual([
        `Set-Cookie: ${NAME}=sealed-_09; Max-Age=86400; Path=/; Secure; HttpOnly; SameSite=None`,
      ]);
    });
  }
});

describe('the page that the upstream comes back to (LO-4)', () => {
  it('asks no upstream, wants our Host, and is a page when something is wrong', async () => {
    const { target, identified } = await startHttp({
      endpoints: {
        signedOut: async () => {
          throw new Error('bug');
        },
      },
    });
    const answer = await ask(target, ['GET /signed_out HTTP/1.1', HOST, 'X-Authenticated-User: a']);
    expect(answer.status).toBe(500);
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect(answer.headers['cache-control']).toBe('no-store, private');
    expect(identified).toEqual([]);
    const foreign = await ask(target, ['GET /signed_out HTTP/1.1', 'Host: evil.example']);

    expect(foreign.status).toBe(421);
  });

  it('is where programs call, too: what the proxy guards does not have it', async () => {
    const statusAt = async (group: 'browser' | 'back') => {
      const { target } = await startHttp({ group });
      return (await ask(target, ['GET /signed_out HTTP/1.1', HOST])).status;
    };

    expect(await statusAt('back')).toBe(303);
    expect(await statusAt('browser')).toBe(404);
  });
});
