import { describe, expect, it } from 'vitest';
import { challengeOf, readChallenge } from '../../internal/oidc/pkce.ts';
import { CHALLENGE, s256, VERIFIER } from '../support/pkce.ts';
import { refusalOf } from '../support/refusal.ts';
import { type Query, toParams } from '../support/requests.ts';

const read = (query: Query, required = false) => readChallenge(toParams(query), required);

describe('PKCE: the challenge of a request (RFC 7636 §4.3; AZ-11)', () => {
  it('reads an S256 challenge', () => {
    const query = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };

    expect(read(query)).toBe(CHALLENGE);
    expect(read(query, true)).toBe(CHALLENGE);
  });

  it('treats an empty challenge and an empty method as none', () => {
    expect(read({ code_challenge: '', code_challenge_method: '' })).toBeUndefined();
  });

  it('refuses a missing challenge where one is required with invalid_request', () => {
    expect(refusalOf(() => read({}, true))).toEqual({
      code: 'invalid_request',
      reason: 'code_challenge_missing',
    });
  });

  it('refuses a method without a challenge', () => {
    expect(refusalOf(() => read({ code_challenge_method: 'S256' })).reason).toBe(
      'code_challenge_missing',
    );
  });

  for (const method of ['plain', 's256', 'S512', undefined]) {
    it(`refuses a challenge of the method ${method ?? 'left out, which means plain'}`, () => {
      const query = { code_challenge: CHALLENGE, code_challenge_method: method };

      expect(refusalOf(() => read(query)).reason).toBe('code_challenge_method');
    });
  }

  for (const challenge of [
    CHALLENGE.slice(1),
    `${CHALLENGE}a`,
    `${CHALLENGE}=`,
    'a'.repeat(129),
    `+${CHALLENGE.slice(1)}`,
    `/${CHALLENGE.slice(1)}`,
    `${CHALLENGE.slice(1)}\n`,
    `${CHALLENGE.slice(1)}é`,
  ]) {
    it(`refuses the malformed challenge ${JSON.stringify(challenge.slice(-44))}`, () => {
      const query = { code_challenge: challenge, code_challenge_method: 'S256' };

      expect(refusalOf(() => read(query))).toEqual({
        code: 'invalid_request',
        reason: 'code_challenge_malformed',
      });
    });
  }
});

describe('PKCE: the challenge of a verifier (RFC 7636 §4.1, §4.6, Appendix B; AC-4)', () => {
  it('computes the example of the standard', () => {
    expect(challengeOf(VERIFIER)).toBe(CHALLENGE);
  });

  it('accepts 43 to 128 characters of the grammar', () => {
    const longest = '-._~aZ09'.repeat(16);

    expect(challengeOf(longest)).toBe(s256(longest));
  });

  for (const verifier of [
    'a'.repeat(42),
    'a'.repeat(129),
    `${'a'.repeat(43)}+`,
    `${'a'.repeat(43)} `,
    `${'a'.repeat(43)}\n`,
    `${'a'.repeat(43)}é`,
    '',
  ]) {
    it(`has none for a verifier like ${JSON.stringify(verifier.slice(-6))} (${verifier.length})`, () => {
      expect(challengeOf(verifier)).toBeUndefined();
    });
  }
});
