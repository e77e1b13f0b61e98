import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesPattern, type Pattern, parsePattern } from '../../internal/protocol/pattern.ts';

function compile(source: string): Pattern {
  const parsed = parsePattern(source);
  if ('problem' in parsed) throw new Error(`${source}: ${parsed.problem}`);
  return parsed;
}

const SOURCES = [
  '',
  'team-.*',
  '^team-[a-z]+$',
  '^a|b$',
  'a||b',
  '[a-c]{2,4}',
  '[a-c]{2}',
  'a{2,}b?',
  '(?:ab|cd)*e?',
  '(ab(c|d)?)+',
  '(?<name>a)+b',
  '(a|a)*b',
  '(a*)*',
  '(?:)*b',
  'a*?b+?',
  '[^\\]\\-a]+',
  '\\p{Lu}\\.\\d\\w*',
  '\\/\\x41\\u0042\\u{43}',
  '\\u{1F600}{2}',
  '\\uD83D\\uDE00?b',
  '.',
  '\\S+\\s\\S+',
  'a$b',
  'a^b',
];

describe('patterns that look at each character once', () => {
  for (const source of SOURCES) {
    it(`/${source}/u is read as JavaScript reads it`, () => {
      const pattern = compile(source);
      const whole = new RegExp(`^(?:${source})$`, 'u');
      const piece = fc.constantFrom(...'abcdeZ.19-]/ ABC', 'team-', '😀', '\n', '\t');
      const texts = fc.oneof(fc.array(piece, { maxLength: 6 }), fc.array(piece, { maxLength: 2 }));

      fc.assert(
        fc.property(texts, (pieces) => {
          const text = pieces.join('');
          expect(matchesPattern(pattern, text), JSON.stringify(text)).toBe(whole.test(text));
        }),
        { numRuns: 400 },
      );
    });
  }

  for (const [source, yes, no] of [
    ['team-.*', 'team-a', 'ateam-a'],
    ['^a|b$', 'b', 'ab'],
    ['(ab(c|d)?)+', 'abcabdab', 'abcd'],
    ['[a-c]{2,4}', 'abca', 'abcab'],
    ['a?$b?', 'a', 'ab'],
    ['a?^b?', 'b', 'ab'],
    ['[a-c]{2}', 'ab', 'abc'],
    ['a{2,}b?', 'aaaa', 'ab'],
    ['\\p{Lu}\\.\\d\\w*', 'Z.1a', 'z.1a'],
    ['\\u{1F600}{2}', '😀😀', '😀'],
    ['\\/\\x41\\u0042\\u{43}', '/ABC', '/ABc'],
  ] as const) {
    it(`/${source}/u matches ${yes} and not ${no}`, () => {
      expect(matchesPattern(compile(source), yes)).toBe(true);
      expect(matchesPattern(compile(source), no)).toBe(false);
    });
  }

  for (const source of ['(a+)+b', '(((a+)+)+)+b', '(a|a|a)*b', '(a?){80}b', 'a*'.repeat(100)]) {
    it(`/${source.slice(0, 20)}/u comes to an end at once (DO-3)`, () => {
      const pattern = compile(source);
      const begun = performance.now();

      expect(matchesPattern(pattern, `${'a'.repeat(255)}!`)).toBe(false);
      expect(performance.now() - begun).toBeLessThan(500);
    });
  }

  it('match nothing that is longer than 256 characters', () => {
    expect(matchesPattern(compile('a*'), 'a'.repeat(256))).toBe(true);
    expect(matchesPattern(compile('a*'), 'a'.repeat(257))).toBe(false);
    expect(matchesPattern(compile('.*'), '😀'.repeat(256))).toBe(true);
  });

  it('are data that two readings of a file have in common', () => {
    expect(compile('(a|b)+')).toEqual(compile('(a|b)+'));
    expect(compile('(a|b)+')).not.toEqual(compile('(a|c)+'));
  });
});

describe('patterns that cannot be used', () => {
  for (const source of [
    '(?=a)a',
    '(?!a)b',
    '(?<=a)b',
    '(?<!a)b',
    '(a)\\1',
    '(?<n>a)\\k<n>',
    '\\bfoo',
    'fo\\B.',
  ]) {
    it(`/${source}/u looks around or back`, () => {
      expect(parsePattern(source)).toEqual({
        problem: 'looks around or back; use characters, sets and | only',
      });
    });
  }

  for (const source of ['(', ')', '[', 'a{2', '*', '\\', '\\q', ']', 'a)|(b']) {
    it(`/${source}/u is none`, () => {
      expect(parsePattern(source)).toEqual({
        problem: 'is not a regular expression as JavaScript has them with the u flag',
      });
    });
  }

  for (const source of ['a{501}', '((a{30}){30}){30}', '(.*){400}', 'a{0,1000000000}']) {
    it(`/${source}/u repeats too much`, () => {
      expect(parsePattern(source)).toEqual({
        problem: 'repeats too much; use * or smaller numbers',
      });
    });
  }
});
