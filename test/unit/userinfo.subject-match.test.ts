import { describe, expect, it } from 'vitest';
import { toSubject } from '../../internal/protocol/ids.ts';
import { isSubject } from '../../internal/userinfo/subject-match.ts';

/** Characters of their own, each of which some mapping of case makes an ordinary letter of. */
const LOOKALIKES: ReadonlyArray<readonly [string, string, string]> = [
  ['the sign of Kelvin', 'mi\u212ae', 'mike'],
  ['the sign of Ångström', '\u212angstrom', 'ångstrom'],
  ['the sign of Ohm', '\u2126mega', 'ωmega'],
  ['the long s', 'bo\u017fs', 'boss'],
  ['the dotless i', 'm\u0131ke', 'mike'],
  ['the capital i with a dot', 'M\u0130KE', 'mike'],
  ['the capital sharp s', 'strau\u1e9e', 'strauß'],
];

describe('a subject in another case', () => {
  for (const [what, subject, name] of LOOKALIKES) {
    it(`is not one that has ${what} in it`, () => {
      expect(isSubject(name, toSubject(subject), true)).toBe(false);
      expect(isSubject(subject, toSubject(name), true)).toBe(false);
    });
  }

  const SAME: ReadonlyArray<readonly [string, string]> = [
    ['MIKE', 'mike'],
    ['Ångström', 'ÅNGSTRÖM'],
    ['ЖАННА', 'Жанна'],
  ];
  for (const [subject, name] of SAME) {
    it(`is the same, as ${subject} and ${name}, where the operator says so and nowhere else`, () => {
      expect(isSubject(name, toSubject(subject), true)).toBe(true);
      expect(isSubject(name, toSubject(subject), false)).toBe(false);
    });
  }
});
