import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { drawUserCode, printUserCode, readUserCode } from '../../internal/oidc/device/user-code.ts';

const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

describe('user codes that are drawn (RFC 8628 §6.1; DA-2)', () => {
  it('are eight letters that make no words', () => {
    for (let count = 0; count < 500; count += 1) {
      expect(drawUserCode(random)).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/);
    }
  });

  it('have every letter as often as any other, at every place', () => {
    const DRAWS = 20_000;
    const places = Array.from({ length: 8 }, () => new Map<string, number>());
    for (let count = 0; count < DRAWS; count += 1) {
      [...drawUserCode(random)].forEach((letter, at) => {
        places[at]?.set(letter, (places[at]?.get(letter) ?? 0) + 1);
      });
    }
    // 1000 expected; ten standard deviations are 308.
    for (const counts of places) {
      expect([...counts.keys()].sort().join('')).toBe(LETTERS);
      for (const seen of counts.values()) expect(Math.abs(seen - 1000)).toBeLessThan(308);
    }
  });

  it('leave out the bytes that would make the first letters likelier', () => {
    const answers = ['ff'.repeat(8), 'f0'.repeat(8), 'ef'.repeat(8)];
    const given = (): string => Buffer.from(answers.shift() ?? '', 'hex').toString('base64url');

    expect(drawUserCode(given)).toBe('ZZZZZZZZ');
    expect(answers).toEqual([]);
  });
});

describe('user codes that are typed (RFC 8628 §6.1; DA-2)', () => {
  for (const typed of [
    'BCDF-GHJK',
    'bcdf-ghjk',
    'BCDFGHJK',
    ' bc df gh jk ',
    'b.c.d.f_g/h(j)k',
    'BCDF–GHJK',
    'BCDF\u00a0GHJK\t',
    '"BCDF-GHJK"',
  ]) {
    it(`${JSON.stringify(typed)} is one`, () => {
      expect(readUserCode(typed)).toBe('BCDFGHJK');
    });
  }

  for (const typed of [
    '',
    'BCDFGHJ',
    'BCDFGHJKL',
    'ACDFGHJK',
    '8CDFGHJK',
    'BCDFGHJ\u212a', // the Kelvin sign
    'BCDFGHJ\u017f', // the long s
    'BCDFGHJ\u039a', // Greek
    'BCDFGHJ\u041a', // Cyrillic
    '\uff22CDFGHJK', // full width
    'B\u0301CDFGHJK', // an accent
    'BCDF\u200bGHJK', // no width at all
    'BCDF\nGHJK',
    `BCDFGHJK${'-'.repeat(60)}`,
  ]) {
    it(`${JSON.stringify(typed)} is none`, () => {
      expect(readUserCode(typed)).toBeUndefined();
    });
  }

  it('are what is shown', () => {
    expect(printUserCode('BCDFGHJK')).toBe('BCDF-GHJK');
    for (let count = 0; count < 20; count += 1) {
      const code = drawUserCode(random);
      expect(readUserCode(printUserCode(code))).toBe(code);
    }
  });
});
