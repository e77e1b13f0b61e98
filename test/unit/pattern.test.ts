import { describe, expect, it } from 'vitest';
import {
  compilePattern,
  findPatternProblem,
  matchesPattern,
} from '../../internal/protocol/pattern.ts';

const SLOW =
  'repeats a group that repeats, chooses or leaves out something itself; write it without';
const MANY = 'has too many ways through a text; write it with fewer of * + {n,} ? and |';
const NONE = 'is not a regular expression as JavaScript has them with the u flag';

describe('patterns of an operator (DO-3)', () => {
  for (const [source, yes, no] of [
    ['team-.*', 'team-a', 'a team-a'],
    ['a|b', 'b', 'ab'],
    ['^a$', 'a', 'aa'],
    ['a\\b', 'a', 'ab'],
    ['(?=a)[a-z]+', 'abc', 'bc'],
    ['(a)\\1', 'aa', 'ab'],
    ['\\p{Lu}\\u{43}\\(', 'BC(', 'bC('],
    ['(?:ab)+', 'abab', 'aba'],
    ['(?:\\p{L}\\u{2d})+', 'a-b-', 'a-b'],
    ['(?<name>a[+*|(]){2}', 'a+a(', 'aa'],
    ['(?:a+|b)-(?:c|d)', 'aa-d', 'a-e'],
    ['[a-z]+-[a-z]*-[a-z]{2,}', 'a--bc', 'a-b'],
    ['[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[a-z]{12}', '0123abcd-0000-1111-abcdefghijkl', '0'],
    ['(?:team|org)-[a-z]+?-.*-?(?:dev|ops)', 'org-a-b-dev', 'org-a-b'],
    ['a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s', 's', 't'],
    ['', '', 'a'],
  ] as const) {
    it(`are for whole values: /${source}/`, () => {
      const pattern = compilePattern(source);

      expect([yes, no].map((text) => matchesPattern(pattern, text))).toEqual([true, false]);
    });
  }

  it('match nothing that is longer than any name', () => {
    const pattern = compilePattern('a*');

    expect(matchesPattern(pattern, 'a'.repeat(256))).toBe(true);
    expect(matchesPattern(pattern, 'a'.repeat(257))).toBe(false);
  });

  for (const source of ['[a-z', 'a)|(?:b', 'a)(b', '*', '\\1(?']) {
    it(`have to be one by themselves: /${source}/`, () => {
      expect(findPatternProblem(source)).toBe(NONE);
      expect(() => compilePattern(source)).toThrow(NONE);
    });
  }

  for (const source of [
    '(a+)+',
    '(a*)*b',
    '(?:a|a)*',
    '(?:a|aa)+$',
    '((a+)b)*',
    '(x(?:y(?:z*)))+',
    '(?<n>a{2,}){2,}',
    '(?:(?:a|b)c)+',
    '([^()]+)+',
    '(\\(+)+',
    '(a[)]+)*',
    '(\\{|b){2}',
    '(?:a?){26}b',
    '(a??b)+',
    '(?:(?:a?)b)*',
  ]) {
    it(`may not be ones that run for minutes: /${source}/`, () => {
      expect(findPatternProblem(source)).toBe(SLOW);
      expect(() => compilePattern(source)).toThrow(SLOW);
    });
  }

  for (const source of [
    '.*.*.*.*x',
    '[a-z]+-[a-z]*-[a-z]{2,}-[a-z]{2,9}',
    `${'a?'.repeat(26)}b`,
    `${'a??'.repeat(26)}b`,
    `${'(?:a|ab)'.repeat(26)}c`,
    '(?:a|b)?.*-(?:c|d)?.*-.*',
  ]) {
    it(`may not have too many ways through a text: /${source}/`, () => {
      expect(findPatternProblem(source)).toBe(MANY);
      expect(() => compilePattern(source)).toThrow(MANY);
    });
  }

  it('answer at once to what would make a slow one run', () => {
    const texts = ['a'.repeat(255), `${'ab'.repeat(120)}!`, `${'a-'.repeat(120)}b`];
    const sources = ['a+b', '(?:ab)+', '[a-z]+-[a-z]+', '(?:a+|b)-(?:c|d)', '.*.*.*x'];

    // The slow ones would run for centuries, far beyond what a test may take.
    for (const source of sources)
      for (const text of texts) matchesPattern(compilePattern(source), text);
  });
});
