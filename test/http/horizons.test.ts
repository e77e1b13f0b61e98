import { describe, expect, it } from 'vitest';
import type { ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import { HOST, NO_LINKS, startHttp, type TestHttpOptions } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

const deps = {
  bases: { browser: 'https://People.example:8443/sso'.toLowerCase(), back: 'http://asteroid.svc' },
};
const start = (options: TestHttpOptions = {}) =>
  startHttp({ ...options, deps: { ...deps, ...options.deps } });

const BROWSER = 'Host: people.example:8443';

describe('Host from two horizons (T13)', () => {
  for (const [host, expected] of [
    [HOST, 303],
    [BROWSER, 303],
    ['Host: People.Example:8443', 303],
    ['Host: people.example', 421],
    ['Host: asteroid.svc', 421],
    ['Host: evil.example', 421],
  ] as const) {
    it(`${host} at /authorize is ${expected}`, async () => {
      const { target, asked } = await start();

      expect((await ask(target, ['GET /authorize HTTP/1.1', host])).status).toBe(expected);
      expect(asked).toHaveLength(expected === 303 ? 1 : 0);
    });
  }

  for (const [host, expected] of [
    [HOST, 200],
    [BROWSER, 200],
    ['Host: asteroid.svc', 200],
    ['Host: asteroid.svc:80', 200],
    ['Host: asteroid.svc:443', 421],
    ['Host: evil.example', 421],
  ] as const) {
    it(`${host} at the back channel is ${expected} where every Host has to be ours`, async () => {
      const { target } = await start({ deps: { strictHost: true } });

      expect((await ask(target, ['GET /jwks.json HTTP/1.1', host])).status).toBe(expected);
    });
  }

  it('the name for programs opens no page, also where every Host has to be ours', async () => {
    const { target } = await start({ deps: { strictHost: true } });
    const authorize = (host: string) => ask(target, ['GET /authorize HTTP/1.1', host]);

    expect((await authorize('Host: asteroid.svc')).status).toBe(421);
    expect((await authorize(BROWSER)).status).toBe(303);
  });

  it('programs call by any name, as ever', async () => {
    const { target } = await start();

    expect((await ask(target, ['GET /jwks.json HTTP/1.1', 'Host: 10.0.0.7'])).status).toBe(200);
  });
});

describe('our own forms from two horizons (CO-3)', () => {
  for (const [host, origin, expected] of [
    [HOST, 'https://op.example', 303],
    [BROWSER, 'https://people.example:8443', 303],
    [BROWSER, 'https://people.example', 403],
    [BROWSER, 'http://people.example:8443', 403],
    [BROWSER, 'http://asteroid.svc', 403],
    [BROWSER, 'https://evil.example', 403],
  ] as const) {
    it(`${host} with the origin ${origin} is ${expected}`, async () => {
      const { target } = await start();

      const lines = ['POST /consent HTTP/1.1', host, `Origin: ${origin}`];

      expect((await ask(target, lines)).status).toBe(expected);
    });
  }

  it('go to where the browser is, which may be below a path that the proxy takes away', async () => {
    const page: ProtocolResponse = {
      kind: 'page',
      status: 200,
      page: {
        kind: 'consent',
        clientName: 'Shop',
        links: NO_LINKS,
        redirectHost: 'rp.example',
        redirectUri: 'https://rp.example/cb',
        subject: 'alice',
        scope: [{ name: 'openid', description: undefined }],
        resource: [],
        details: [],
        handle: 'h',
      },
    };
    const { target } = await start({ endpoints: { authorize: async () => page } });

    const { body } = await ask(target, ['GET /authorize HTTP/1.1', BROWSER]);

    expect(body).toContain('<form method="post" action="/sso/consent">');
  });

  it('and challenges go on naming the issuer', async () => {
    const response: ProtocolResponse = {
      kind: 'page',
      status: 401,
      page: { kind: 'error', code: 'login_required', description: 'd', requestId: 'r' },
    };
    const { target } = await start({ endpoints: { authorize: async () => response } });

    const { headers } = await ask(target, ['GET /authorize HTTP/1.1', BROWSER]);

    expect(headers['www-authenticate']).toBe('Upstream realm="https://op.example"');
  });
});
