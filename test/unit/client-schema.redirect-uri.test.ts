import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRedirectUriProblem } from '../../internal/config/redirect-uri.ts';

const WEB = { applicationType: 'web', allowHttp: false } as const;
const NATIVE = { applicationType: 'native', allowHttp: false } as const;

describe('registered redirect URIs: what is refused (RU-3, CF-5, RFC 6749 §3.1.2)', () => {
  const fragment = 'has a fragment; remove it with its #';
  const blank = 'has a blank or control character in it; remove it';
  const wildcard = 'has a wildcard in it; redirect URIs are compared exactly, list each one';
  const dots = 'has a . or .. segment in its path; write the path it leads to';
  const user = 'has user information in it; remove all up to the @';
  const ascii = 'has characters outside ASCII; write hosts in punycode and percent-encode the rest';
  const host = 'has a host that is written in an unusual form; use its plain form';
  const plain = 'is plain http beyond this machine; use https, or set allow_http_redirect: true';
  const relative = 'is not an absolute URI; begin with https://';
  const url = 'is not a URL of host, port and path';
  const encode = 'has characters that have to be percent-encoded';

  const cases: readonly (readonly [uri: string, problem: string])[] = [
    ['https://c.example/cb#a', fragment],
    ['https://c.example/cb#', fragment],
    ['/cb', relative],
    ['c.example/cb', relative],
    ['//c.example/cb', relative],
    ['', relative],
    ['https://user@c.example/cb', user],
    ['https://c.example@evil.example/cb', user],
    ['https://c.example\\@evil.example/cb', 'has a backslash in it; use /'],
    ['https://*.example/cb', wildcard],
    ['https://c.example/*', wildcard],
    ['https://c.example/a/../cb', dots],
    ['https://c.example/./cb', dots],
    ['https://c.example/a/%2e%2E/cb', dots],
    ['https://c.example/..', dots],
    ['https://c.example/c b', blank],
    ['https://c.example/cb ', blank],
    ['https://c.example/cb\n', blank],
    ['https://c.exa\tmple/cb', blank],
    ['https://c.example/\u0000', blank],
    ['https://c.example/\u00a0', blank],
    ['java\tscript:alert(1)', blank],
    ['https://ⓒ.example/cb', ascii],
    ['https://bücher.example/cb', ascii],
    ['https://c.example/ü', ascii],
    ['http://c.example/cb', plain],
    ['http://127.0.0.1.evil.example/cb', plain],
    ['http://localhost.evil.example/cb', plain],
    ['http://127.1/cb', host],
    ['http://0x7f.1/cb', host],
    ['http://2130706433/cb', host],
    ['http://[::ffff:127.0.0.1]/cb', host],
    ['http://[0:0:0:0:0:0:0:1]/cb', host],
    ['https://c%2eexample/cb', host],
    ['https://-c.example/cb', host],
    ['https:c.example/cb', 'has to begin with https://'],
    ['https:/c.example/cb', 'has to begin with https://'],
    ['https:///cb', url],
    ['https://c.example:0/cb', url],
    ['https://c.example:65536/cb', url],
    ['https://c.example:80a/cb', url],
    ['https://c.example:/cb', url],
    ['https://c.example/[cb]', url],
    ['https://c.example/%zz', encode],
    ['https://c.example/<cb>', encode],
    ['HTTPS://c.example/cb', 'has capital letters in its scheme; write it small'],
    ['https://C.example/cb', 'has capital letters in its host; write it small'],
    ['https://c.example/cb?code=1', 'has the parameter code, which the answer carries; rename it'],
    [
      'https://c.example/cb?a=1&state',
      'has the parameter state, which the answer carries; rename it',
    ],
    ['https://c.example/cb?%69ss=1', 'has the parameter iss, which the answer carries; rename it'],
    ['https://c.example/cb?error=', 'has the parameter error, which the answer carries; rename it'],
    [`https://c.example/${'a'.repeat(2048)}`, 'is longer than 2048 characters'],
  ];
  for (const [uri, problem] of cases) {
    it(`refuses ${JSON.stringify(uri.slice(0, 60))}`, () => {
      expect(findRedirectUriProblem(uri, WEB)).toBe(problem);
      expect(findRedirectUriProblem(uri, NATIVE)).toBe(problem);
    });
  }

  for (const scheme of [
    'javascript',
    'JavaScript',
    'data',
    'vbscript',
    'blob',
    'file',
    'about',
    'ws',
    'WSS',
    'intent',
  ]) {
    it(`refuses the scheme ${scheme}, also for native clients`, () => {
      expect(findRedirectUriProblem(`${scheme}:alert(1)`, NATIVE)).toBe(
        `has the scheme ${scheme.toLowerCase()}, which no client can receive an answer by; use https`,
      );
    });
  }
});

describe('registered redirect URIs: what is accepted as it stands', () => {
  for (const uri of [
    'https://c.example/cb',
    'https://c.example',
    'https://c.example:443/cb',
    'https://c.example/cb/',
    'https://c.example/cb?tenant=a&b=c%20d',
    'https://c.example/.well-known/...',
    'https://xn--bcher-kva.example/cb',
    'https://my_app.internal/cb',
    'https://[2001:db8::1]:8443/cb',
    'http://localhost:3000/callback',
    'http://127.0.0.1:3000/callback',
    'http://127.0.0.1/callback',
    'http://[::1]/callback',
  ]) {
    it(`accepts ${uri}`, () => {
      expect(findRedirectUriProblem(uri, WEB)).toBeUndefined();
    });
  }

  it('accepts http:// beyond loopback only when told so', () => {
    expect(
      findRedirectUriProblem('http://c.example/cb', { ...WEB, allowHttp: true }),
    ).toBeUndefined();
    expect(findRedirectUriProblem('http://c.example/cb', WEB)).toBeDefined();
  });
});

describe('private-use schemes (RU-5, RFC 8252 §7.1)', () => {
  for (const uri of ['com.example.app:/cb', 'com.example.app://callback', 'com.example.app:/']) {
    it(`accepts ${uri} for a native client and refuses it for a web client`, () => {
      expect(findRedirectUriProblem(uri, NATIVE)).toBeUndefined();
      expect(findRedirectUriProblem(uri, WEB)).toBe(
        'has a private-use scheme; set application_type: native, or use https',
      );
    });
  }

  for (const [uri, problem] of [
    [
      'myapp:/cb',
      'has a private-use scheme without a dot; use a domain of yours in reverse, as com.example.app:/cb',
    ],
    ['localhost:3000/cb', 'is a host and a port without a scheme; begin with http:// or https://'],
    ['com.example.app:cb', 'has to begin with com.example.app:/'],
    ['com.example.app://a@b', 'has user information in it; remove all up to the @'],
    ['com.example.app://Host', 'has capital letters in its host; write it small'],
    ['com.example.app://:0', 'is no URL for a browser; write as in com.example.app:/cb'],
    ['com.Example.app:/cb', 'has capital letters in its scheme; write it small'],
  ] as const) {
    it(`refuses ${uri}`, () => {
      expect(findRedirectUriProblem(uri, NATIVE)).toBe(problem);
    });
  }
});

describe('registered redirect URIs: properties', () => {
  const pieces = fc.constantFrom(
    ...[
      'https',
      'http',
      'javascript',
      'com.example',
      ':',
      '//',
      '/',
      '@',
      '?',
      '#',
      '.',
      '..',
      '%2e',
      '%',
      '\\',
    ],
    ...[
      'localhost',
      '127.0.0.1',
      '[::1]',
      'a.example',
      'A',
      ':80',
      ':0',
      '*',
      ' ',
      '\t',
      'é',
      'code=',
      '&',
      '[',
      ']',
    ],
  );
  const uris = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.array(pieces, { maxLength: 6 }).map((parts) => `https://a.example/${parts.join('')}`),
  );

  it('lets through only what a browser reads exactly as it is written', () => {
    fc.assert(
      fc.property(uris, fc.constantFrom(WEB, NATIVE), (uri, terms) => {
        if (findRedirectUriProblem(uri, terms) !== undefined) return;
        const url = new URL(uri);
        expect(url.hash).toBe('');
        expect(uri).not.toContain('#');
        expect(url.username + url.password).toBe('');
        expect(uri.startsWith(url.protocol)).toBe(true);
        if (url.protocol === 'https:' || url.protocol === 'http:') {
          const [, authority] = uri.split('/', 3).slice(1);
          expect(authority?.split('?')[0]?.replace(/:\d+$/, '')).toBe(url.hostname);
          expect(uri.includes(url.pathname) || url.pathname === '/').toBe(true);
        }
        if (url.protocol === 'http:') {
          expect(['localhost', '[::1]']).toContain(url.hostname.replace(/^127\..*/, 'localhost'));
        }
      }),
      { numRuns: 5000 },
    );
  });
});
