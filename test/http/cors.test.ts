import { describe, expect, it } from 'vitest';
import {
  invalidClient,
  invalidGrant,
  RateLimited,
  Unavailable,
} from '../../internal/protocol/errors.ts';
import { HOST, PATHS, startHttp, type TestHttpOptions } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

const ORIGIN = 'Origin: https://spa.example';
const ALLOW_ORIGIN = 'access-control-allow-origin';

const throws = (error: () => Error): TestHttpOptions => ({
  endpoints: Object.fromEntries(
    PATHS.map(({ endpoint }) => [
      endpoint,
      async () => {
        throw error();
      },
    ]),
  ),
});

/** Each way an answer comes about, and the status it has on a route that answers JSON. */
const OUTCOMES: readonly {
  readonly name: string;
  readonly options: TestHttpOptions;
  readonly lines?: readonly string[];
}[] = [
  { name: 'a success', options: {} },
  { name: 'a 400', options: throws(invalidGrant) },
  { name: 'a 401', options: throws(invalidClient) },
  { name: 'a 429', options: throws(() => new RateLimited(5)) },
  { name: 'a 500', options: throws(() => new Error('bug')) },
  { name: 'a 503', options: throws(() => new Unavailable('store', 'redeem')) },
  { name: 'a refused body', options: {}, lines: ['Content-Length: 3', 'Content-Encoding: br'] },
];

describe('CORS (G-3)', () => {
  for (const { path, methods, cors } of PATHS) {
    for (const { name, options, lines = [] } of OUTCOMES) {
      const method = methods.at(-1) === 'HEAD' ? 'GET' : methods.at(-1);

      it(`${name} at ${path} is ${cors ? 'readable by any site' : 'readable by no other site'}`, async () => {
        const { target } = await startHttp(options);

        const { headers } = await ask(
          target,
          [`${method} ${path} HTTP/1.1`, HOST, ORIGIN, ...lines],
          lines.length > 0 ? 'a=b' : '',
        );

        expect(headers[ALLOW_ORIGIN]).toBe(cors ? '*' : undefined);
        expect(headers['access-control-expose-headers']).toBe(
          cors
            ? 'WWW-Authenticate, DPoP-Nonce, Retry-After, RateLimit, RateLimit-Policy'
            : undefined,
        );
        expect(headers['access-control-allow-credentials']).toBeUndefined();
      });
    }

    it(`${path} tells the origin null nothing`, async () => {
      const { target } = await startHttp();

      const { headers } = await ask(target, [
        `${methods[0]} ${path} HTTP/1.1`,
        HOST,
        'Origin: null',
      ]);

      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      if (cors) expect(headers['vary']).toContain('Origin');
    });

    it(`a preflight at ${path} is ${cors ? '204, and asks nobody' : '405'}`, async () => {
      const { target, asked, identified } = await startHttp();

      const { status, headers, body } = await ask(target, [
        `OPTIONS ${path} HTTP/1.1`,
        HOST,
        ORIGIN,
        `Access-Control-Request-Method: ${methods[0]}`,
        'Access-Control-Request-Headers: authorization,dpop,content-type',
      ]);

      expect(asked).toEqual([]);
      expect(identified).toEqual([]);
      expect(status).toBe(cors ? 204 : 405);
      expect(headers[ALLOW_ORIGIN]).toBe(cors ? '*' : undefined);
      if (!cors) return;
      expect(body).toBe('');
      expect(headers['access-control-allow-methods']).toBe([...methods, 'OPTIONS'].join(', '));
      expect(Number(headers['access-control-max-age'])).toBeGreaterThan(0);
      expect(headers['content-length']).toBeUndefined();
    });
  }

  it('a preflight lets browser-based clients authenticate and send forms (G-4)', async () => {
    const { target } = await startHttp();

    const { headers } = await ask(target, [
      'OPTIONS /token HTTP/1.1',
      HOST,
      ORIGIN,
      'Access-Control-Request-Method: POST',
    ]);

    expect(headers['access-control-allow-headers']).toBe('Authorization, Content-Type, DPoP');
  });

  it('an answer to an unknown path has no CORS header', async () => {
    const { target } = await startHttp();

    const { headers } = await ask(target, ['GET /nothing HTTP/1.1', HOST, ORIGIN]);

    expect(headers[ALLOW_ORIGIN]).toBeUndefined();
  });

  it('two Origin lines are 400', async () => {
    const { target, asked } = await startHttp();

    const { status } = await ask(target, ['POST /token HTTP/1.1', HOST, ORIGIN, ORIGIN]);

    expect(status).toBe(400);
    expect(asked).toEqual([]);
  });
});
