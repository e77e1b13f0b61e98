import { describe, expect, it } from 'vitest';
import { isSameEndpoint } from '../../internal/oidc/dpop/uri.ts';

const URLS = ['https://op.example/a/token', 'http://asteroid:8880/token', 'https://[::1]:8443/t'];

describe('the URL of a proof (RFC 9449 §4.3, RFC 3986 §6.2; DP-1)', () => {
  for (const htu of [
    ...URLS,
    'HTTPS://OP.EXAMPLE/a/token',
    'https://op.example:443/a/token',
    'https://op.example:0443/a/token',
    'https://op.example/a/token?grant=x#y',
    'https://op.example/a/./token',
    'https://op.example/b/../a/token',
    'http://ASTEROID:8880/token',
    'https://[0:0::1]:8443/t',
  ]) {
    it(`may be ${htu}`, () => {
      expect(isSameEndpoint(htu, URLS)).toBe(true);
    });
  }

  for (const htu of [
    '',
    'https://op.example',
    'https://op.example/',
    'https://op.example/a/token/',
    'https://op.example/A/token',
    'https://op.example/a//token',
    'https://op.example./a/token',
    'https://op.example:8443/a/token',
    'http://op.example/a/token',
    'https:op.example/a/token',
    'https:/op.example/a/token',
    'https:///op.example/a/token',
    'https://op.example\\a\\token',
    'https://op.example/a/to\tken',
    'https://op.example/a/token\n',
    ' https://op.example/a/token',
    'https://x@op.example/a/token',
    'https://:x@op.example/a/token',
    '//op.example/a/token',
    '/a/token',
    'ftp://op.example/a/token',
    'https://op.example:x/a/token',
    'https://ｏｐ.example/a/token',
    'http://asteroid/token',
  ]) {
    it(`may not be ${JSON.stringify(htu)}`, () => {
      expect(isSameEndpoint(htu, URLS)).toBe(false);
    });
  }

  it('is that of no endpoint where there is none', () => {
    expect(isSameEndpoint('https://op.example/a/token', [])).toBe(false);
  });
});
