import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../../internal/protocol/errors.ts';
import {
  checkNoRepeats,
  decode,
  parseParams,
  readParam,
  readParams,
  readRequiredParam,
} from '../../internal/protocol/params.ts';
import { refusalOf } from '../support/refusal.ts';
import { encodeQuery } from '../support/requests.ts';

describe('parameters: reading (RFC 6749 §3.1, Appendix B; G-7, G-8, G-9, G-11)', () => {
  it('treats a parameter without a value as one that was not sent', () => {
    const params = parseParams('nonce=&scope&=x&state=1&&code_challenge=');

    expect([...params]).toEqual([['state', ['1']]]);
  });

  it('reads plus as a space and percent-escapes as UTF-8', () => {
    const params = parseParams('scope=openid+email&state=%F0%9F%9A%80%2B%20%C3%A9');

    expect(readParam(params, 'scope')).toBe('openid email');
    expect(readParam(params, 'state')).toBe('🚀+ é');
  });

  it('splits at the first equals sign and keeps the others', () => {
    expect(readParam(parseParams('state=a=b=='), 'state')).toBe('a=b==');
  });

  for (const text of [
    'state=%ff',
    'client_id=%c0%af',
    'state=%zz',
    'state=100%',
    'state=%ED%A0%80',
  ]) {
    it(`refuses ${text} instead of putting other bytes in its place`, () => {
      expect(refusalOf(() => parseParams(text))).toEqual({
        code: 'invalid_request',
        reason: 'parameter_encoding',
      });
    });
  }

  for (const text of ['state=a%00b', 'state=a\0b', 'state=\ud800', 'sta%00te=a']) {
    it(`refuses ${JSON.stringify(text)}, which no text contains`, () => {
      expect(refusalOf(() => parseParams(text)).reason).toBe('parameter_encoding');
    });
  }

  it('refuses more than 200 parameters with invalid_request and reads 200', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=1`).join('&');

    expect(parseParams(many(200)).size).toBe(200);
    expect(refusalOf(() => parseParams(many(201))).reason).toBe('too_many_parameters');
  });

  it('keeps names like __proto__ and constructor as data', () => {
    const params = parseParams('__proto__=x&constructor=y&toString=z&hasOwnProperty=w');

    expect(params.size).toBe(4);
    expect(readParam(params, '__proto__')).toBe('x');
    expect(readParam(parseParams(''), 'constructor')).toBeUndefined();
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });
});

describe('parameters: sent twice (RFC 6749 §3.1; G-7)', () => {
  it('refuses a repeated registered parameter, even with the same value, with invalid_request', () => {
    const params = parseParams('client_id=a&client_id=a');

    expect(refusalOf(() => checkNoRepeats(params)).reason).toBe('parameter_repeated');
    expect(refusalOf(() => readParam(params, 'client_id')).reason).toBe('parameter_repeated');
    expect(refusalOf(() => readRequiredParam(params, 'client_id')).code).toBe('invalid_request');
  });

  it('lets resource and audience and unknown parameters be repeated', () => {
    const params = parseParams('resource=a&resource=b&audience=c&audience=d&extra=1&extra=2');

    expect(() => checkNoRepeats(params)).not.toThrow();
    expect(readParams(params, 'resource')).toEqual(['a', 'b']);
  });

  it('counts a value and an empty one as one', () => {
    expect(readParam(parseParams('client_id=&client_id=a'), 'client_id')).toBe('a');
  });
});

describe('parameters: properties', () => {
  it('gives back any well-formed text byte for byte', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: 'grapheme', minLength: 1 }),
          fc.string({ unit: 'grapheme', minLength: 1 }),
        ),
        (query) => {
          fc.pre(!JSON.stringify(query).includes('\\u0000'));

          expect(new Map(parseParams(encodeQuery(query)))).toEqual(
            new Map(Object.entries(query).map(([name, value]) => [name, [value]])),
          );
        },
      ),
    );
  });

  it('throws nothing but OAuthError and never replaces bytes, whatever the text', () => {
    const messy = fc.string({ unit: fc.constantFrom(...'%&=+a0fFzé\0\ud800 🚀;?#') });
    fc.assert(
      fc.property(fc.oneof(messy, fc.string({ unit: 'binary' })), (text) => {
        fc.pre(!/\ufffd|%ef%bf%bd/i.test(text));
        try {
          expect([...parseParams(text)].flat(2).join()).not.toContain('\ufffd');
        } catch (error) {
          expect(error).toBeInstanceOf(OAuthError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('decodes what encodeURIComponent made', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('\0'));

        expect(decode(encodeURIComponent(text))).toBe(text);
      }),
    );
  });
});
