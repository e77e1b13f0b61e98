import { describe, expect, it } from 'vitest';
import { type Claims, RESERVED_CLAIMS } from '../../internal/protocol/claims.ts';
import { cleanClaims } from '../../internal/userinfo/clean.ts';

describe('userinfo: what may leave a backend (UP-11, TC-5)', () => {
  for (const name of RESERVED_CLAIMS) {
    it(`drops the reserved claim ${name} and keeps its neighbours`, () => {
      const claims = JSON.parse(`{ "${name}": "mallory", "name": "Alice" }`) as Claims;

      const cleaned = cleanClaims(claims);

      expect(Object.entries(cleaned)).toEqual([['name', 'Alice']]);
      expect(Object.getPrototypeOf(cleaned)).toBe(Object.prototype);
    });
  }

  it('drops a nested __proto__ and keeps a nested sub, which names nobody there', () => {
    const claims = JSON.parse('{ "pet": { "__proto__": { "admin": true }, "sub": "rex" } }');

    const cleaned = cleanClaims(claims);

    expect(cleaned).toEqual({ pet: { sub: 'rex' } });
    expect(Reflect.get(cleaned['pet'] as object, 'admin')).toBeUndefined();
  });

  it('drops null, empty and unprintable values at every level', () => {
    const cleaned = cleanClaims({
      name: '',
      nickname: null,
      groups: [],
      roles: ['', null],
      address: { locality: '', country: null },
      updated_at: Number.POSITIVE_INFINITY,
      home: { address: { street_address: '1 Way', region: '' } },
    });

    expect(cleaned).toEqual({ home: { address: { street_address: '1 Way' } } });
  });

  it('keeps false and zero, which are values', () => {
    const claims = { email_verified: false, updated_at: 0 };

    expect(cleanClaims(claims)).toEqual(claims);
  });

  it('drops what is nested too deeply to be printed and keeps honest nesting', () => {
    const deep = JSON.parse(`${'['.repeat(20_000)}1${']'.repeat(20_000)}`);

    const cleaned = cleanClaims({ deep, flat: [[[1]]] });

    expect(cleaned).toEqual({ flat: [[[1]]] });
  });

  it('copies, so that neither side can change what the other holds', () => {
    const claims = { groups: ['staff'], address: { country: 'NL' } };

    const cleaned = cleanClaims(claims);
    claims.groups.push('admins');

    expect(cleaned['groups']).toEqual(['staff']);
    expect(Object.isFrozen(cleaned)).toBe(true);
    expect(Object.isFrozen(cleaned['groups'])).toBe(true);
    expect(Object.isFrozen(cleaned['address'])).toBe(true);
    expect(Object.isFrozen(claims.groups)).toBe(false);
  });
});
