import { describe, expect, it } from 'vitest';
import { findJwtProblem, type JwtTerms, parseJwt } from '../../internal/protocol/jwt.ts';

const NOW = 1_800_000_000;
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const compact = (header: unknown, claims: unknown = {}): string =>
  `${part(header)}.${part(claims)}.c2ln`;

describe('the parts of a JWT of somebody else (RFC 7515 §7.1)', () => {
  it('are read as they stand', () => {
    const text = compact({ alg: 'ES256', kid: 'k', typ: 'application/AT+JWT' }, { sub: 'x' });

    expect(parseJwt(text)).toEqual({
      ...{ compact: text, alg: 'ES256', kid: 'k', typ: 'at+jwt' },
      header: { alg: 'ES256', kid: 'k', typ: 'application/AT+JWT' },
      claims: { sub: 'x' },
    });
  });

  for (const [what, text] of [
    ['no signature', `${part({ alg: 'none' })}.${part({})}.`],
    ['five parts', `${compact({ alg: 'ES256' })}.a.b`],
    ['a part that has to be understood', compact({ alg: 'ES256', crit: ['b64'], b64: false })],
    ['no algorithm', compact({})],
    ['claims that are a list', compact({ alg: 'ES256' }, [])],
    ['a header that is no JSON', `AAAA.${part({})}.c2ln`],
    ['a kid that is no text', compact({ alg: 'ES256', kid: 1 })],
    ['a kid that is a path', compact({ alg: 'ES256', kid: '../../etc/passwd' })],
    ['padding', `${compact({ alg: 'ES256' })}=`],
    ['a megabyte of dots', '.'.repeat(1_000_000)],
    ['a megabyte of claims', compact({ alg: 'ES256' }, { a: 'a'.repeat(1_000_000) })],
  ] as const) {
    it(`are none with ${what}`, () => {
      expect(parseJwt(text)).toBeUndefined();
    });
  }

  it('have no members but their own', () => {
    const { claims } = parseJwt(compact({ alg: 'ES256' })) ?? {};

    expect(claims?.['constructor']).toBeUndefined();
    expect(claims?.['toString']).toBeUndefined();
  });
});

describe('the claims of a verified JWT', () => {
  const terms: JwtTerms = {
    ...{ issuer: 'i', audience: ['us', 'us too'], maxLifetime: 300, clockSkew: 10 },
  };
  const sound = { iss: 'i', aud: 'us', exp: NOW + 60, iat: NOW, nbf: NOW };

  for (const [what, claims] of [
    ['those', {}],
    ['an audience among several', { aud: ['other', 'us too'] }],
    ['no iat and no nbf', { iat: undefined, nbf: undefined }],
    ['a clock ten seconds ahead', { iat: NOW + 10, nbf: NOW + 10 }],
    ['an end that is just over by our clock', { exp: NOW - 9 }],
    ['the longest life', { exp: NOW + 310 }],
  ] as const) {
    it(`are sound with ${what}`, () => {
      expect(findJwtProblem({ ...sound, ...claims }, terms, NOW)).toBeUndefined();
    });
  }

  for (const [problem, claims] of [
    ['issuer', { iss: 'I' }],
    ['issuer', { iss: undefined }],
    ['audience', { aud: 'them' }],
    ['audience', { aud: undefined }],
    ['audience', { aud: ['us', 1] }],
    ['audience', { aud: { us: true } }],
    ['claims_malformed', { exp: undefined }],
    ['claims_malformed', { exp: String(NOW + 60) }],
    ['claims_malformed', { iat: 'x' }],
    ['claims_malformed', { nbf: null }],
    ['expired', { exp: NOW - 10 }],
    ['lives_too_long', { exp: NOW + 311 }],
    ['not_yet_valid', { nbf: NOW + 11 }],
    ['issued_ahead', { iat: NOW + 11 }],
  ] as const) {
    it(`are refused with ${JSON.stringify(claims)}: ${problem}`, () => {
      expect(findJwtProblem({ ...sound, ...claims }, terms, NOW)).toBe(problem);
    });
  }

  it('name us alone where nobody else may be named beside us (CVE-2025-27370)', () => {
    const sole = { ...terms, soleAudience: true };

    expect(findJwtProblem({ ...sound, aud: ['us'] }, sole, NOW)).toBe('audience');
    expect(findJwtProblem(sound, sole, NOW)).toBeUndefined();
  });
});
