import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSubset, parseScope, printScope } from '../../internal/protocol/scope.ts';

describe('scope: grammar (RFC 6749 §3.3; AZ-6)', () => {
  it('reads names in the order given, each once', () => {
    expect(parseScope('openid email openid')).toEqual(['openid', 'email']);
  });

  it('keeps names like __proto__ and constructor as ordinary strings', () => {
    expect(parseScope('__proto__ constructor')).toEqual(['__proto__', 'constructor']);
  });

  for (const text of [
    'openid  email',
    ' openid',
    'openid ',
    'openid\temail',
    'open"id',
    'open\\id',
    'openid\n',
    'é',
    'open\u007fid',
    '',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseScope(text)).toBeUndefined();
    });
  }
});

describe('scope: printing', () => {
  it('has no text for no names, because the grammar has none', () => {
    expect(printScope([])).toBeUndefined();
    expect(printScope(['a', 'b'])).toBe('a b');
  });
});

describe('scope: properties', () => {
  const name = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,8}$/);

  it('reads what it printed', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1 }), (names) => {
        expect(parseScope(printScope(names) ?? '')).toEqual(names);
      }),
    );
  });

  it('answers names of the grammar or nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const found of parseScope(text) ?? []) {
          expect(found).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/);
        }
      }),
    );
  });

  it('calls a part what leaves nothing over, whatever the order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.uniqueArray(name), (part, rest) => {
        const whole = [...rest, ...part].reverse();

        expect(isSubset(part, whole)).toBe(true);
        expect(isSubset(['not here ', ...part], whole)).toBe(false);
      }),
    );
  });
});
