import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTable } from '../../internal/http/routes.ts';
import { HOST, PATHS, startHttp } from '../support/http-app.ts';
import { ask, sendRaw } from '../support/raw-http.ts';

/** Spellings of /authorize that a proxy and an issuer can read in two ways. */
const VARIANTS = [
  '//authorize',
  '//x/authorize',
  '/x/../authorize',
  '/x/%2e%2e/authorize',
  '/./authorize',
  '/../authorize',
  '/.well-known/..%2fauthorize',
  '/token/../authorize',
  '/%61uthorize',
  '/AUTHORIZE',
  '/Authorize',
  '/authorize/',
  '/authorize//',
  '/authorize;a=b',
  '/authorize;',
  '/authorize%2f',
  '/authorize%00',
  '/authorize%20',
  '/authorize%23',
  '/authorize%3f',
  '/authorize#/token',
  '/authorize.',
  '/authorize.json',
  '/authorize%0a',
  '/\\authorize',
  '\\authorize',
  '/authorize\\',
  '/authorize\xa0',
  '/\xc0\xaeauthorize',
  '/authorize&x=1',
  '/authorizе'.replace('е', '%D0%B5'),
  '/userinfo/../authorize',
  '/jwks.json/authorize',
] as const;

describe('paths (G-14, T14)', () => {
  for (const path of VARIANTS) {
    it(`${JSON.stringify(path)} is not /authorize`, async () => {
      const { target, asked, identified } = await startHttp();

      const { answers } = await sendRaw(
        target,
        `GET ${path}?client_id=a HTTP/1.1\r\n${HOST}\r\nX-Authenticated-User: admin\r\n\r\n`,
      );

      expect([400, 404]).toContain(answers[0]?.status);
      expect(asked).toEqual([]);
      expect(identified).toEqual([]);
    });
  }

  for (const target of [
    'http://evil.example/authorize',
    'http://op.example/authorize',
    'https://op.example/jwks.json',
    '*',
    'authorize',
    'op.example:443',
  ]) {
    it(`a target in another form, ${target}, is 400 and ends the connection`, async () => {
      const { target: server, asked } = await startHttp();

      const { answers, closed } = await sendRaw(
        server,
        `GET ${target} HTTP/1.1\r\n${HOST}\r\n\r\n`,
      );

      expect(answers.map(({ status }) => status)).toEqual([400]);
      expect(closed).toBe(true);
      expect(asked).toEqual([]);
    });
  }

  it('the exact bytes before the first question mark are /authorize', async () => {
    const { target, asked } = await startHttp();

    await ask(target, ['GET /authorize?state=a?b/../c HTTP/1.1', HOST]);

    expect(asked.map(({ endpoint }) => endpoint)).toEqual(['authorize']);
    expect(asked[0]?.request.params.get('state')).toEqual(['a?b/../c']);
  });

  it('no spelling but the one in the table is in the table', () => {
    const table = buildTable('https://op.example/a', 'all');
    const known = [...table.keys()];
    const mutation = fc.tuple(
      fc.constantFrom(...known),
      fc.nat(60),
      fc.constantFrom('/', '%2f', '.', '..', ';', '\\', '%', ' ', '\0', '#', 'A', '\u00e9', '%00'),
    );

    fc.assert(
      fc.property(mutation, ([path, at, insert]) => {
        const changed = path.slice(0, at) + insert + path.slice(at);
        expect(table.has(changed)).toBe(known.includes(changed));
        expect(table.get(path.toUpperCase())).toBeUndefined();
      }),
    );
  });

  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    it(`/${name} is an unknown path like any other`, async () => {
      const { target } = await startHttp();

      expect((await ask(target, [`GET /${name} HTTP/1.1`, HOST])).status).toBe(404);
    });
  }
});

const PATH_ISSUER = 'https://op.example/a/b';

describe('an issuer with a path (DI-2, RFC 8414 §3.1)', () => {
  const served = [
    ['/a/b/.well-known/openid-configuration', 'discovery'],
    ['/.well-known/openid-configuration/a/b', 'discovery'],
    ['/.well-known/oauth-authorization-server/a/b', 'discovery'],
    ['/a/b/jwks.json', 'jwks'],
    ['/a/b/authorize', 'authorize'],
    ['/a/b/userinfo', 'userinfo'],
  ] as const;

  for (const [path, endpoint] of served) {
    it(`answers ${path}`, async () => {
      const { target, asked } = await startHttp({ issuerUrl: PATH_ISSUER });

      await ask(target, [`GET ${path} HTTP/1.1`, HOST]);

      expect(asked.map((one) => one.endpoint)).toEqual([endpoint]);
    });
  }

  for (const { path } of PATHS) {
    it(`does not answer ${path}, which belongs to another issuer`, async () => {
      const { target } = await startHttp({ issuerUrl: PATH_ISSUER });

      expect((await ask(target, [`GET ${path} HTTP/1.1`, HOST])).status).toBe(404);
    });
  }

  it('has the same paths when its URL ends with a slash', () => {
    const paths = (url: string): readonly string[] => [...buildTable(url, 'all').keys()];

    expect(paths(`${PATH_ISSUER}/`)).toEqual(paths(PATH_ISSUER));
    expect(paths('https://op.example/')).toEqual(paths('https://op.example'));
  });
});

describe('listener groups', () => {
  for (const { path, methods, browser } of PATHS) {
    const [own, other] = browser ? (['browser', 'back'] as const) : (['back', 'browser'] as const);

    it(`${path} exists on a listener for ${own} routes, and not on one for ${other} routes`, async () => {
      const here = await startHttp({ group: own });
      const there = await startHttp({ group: other });
      const lines = [`${methods[0]} ${path} HTTP/1.1`, HOST];

      expect([200, 303]).toContain((await ask(here.target, lines)).status);
      expect((await ask(there.target, lines)).status).toBe(404);
      expect(there.asked).toEqual([]);
    });
  }

  it('/choose does not exist where the issuer has no chooser', async () => {
    const { target } = await startHttp({ without: ['choose'] });

    for (const method of ['GET', 'POST']) {
      expect((await ask(target, [`${method} /choose HTTP/1.1`, HOST])).status).toBe(404);
    }
  });
});
