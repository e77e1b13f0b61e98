import { describe, expect, it } from 'vitest';
import {
  decideNextActivation,
  decideSchedule,
  decideSigner,
  sortByActivation,
} from '../../internal/keys/rotation.ts';

const DAY = 86_400;
const A = { id: 'a', activeFrom: 1000 };
const B = { id: 'b', activeFrom: 2000 };
const C = { id: 'c', activeFrom: 3000 };
const KEYS = [A, B, C];
const TOKEN_LIFETIME = 100;

describe('rotation: which key signs', () => {
  const CASES = [
    { given: 'before every activation', now: 500, floor: undefined, expected: 'a' },
    { given: 'at the first activation', now: 1000, floor: undefined, expected: 'a' },
    { given: 'a second before the second', now: 1999, floor: undefined, expected: 'a' },
    { given: 'at the second activation', now: 2000, floor: undefined, expected: 'b' },
    { given: 'long after the last', now: 9_999_999, floor: undefined, expected: 'c' },
    { given: 'a clock set back, b having signed', now: 1500, floor: 2000, expected: 'b' },
    { given: 'a clock set back before all', now: 10, floor: 3000, expected: 'c' },
    { given: 'time going on after the floor', now: 3000, floor: 2000, expected: 'c' },
    { given: 'a floor whose key was removed', now: 1500, floor: 2500, expected: 'b' },
  ];
  for (const { given, now, floor, expected } of CASES) {
    it(`is ${expected} ${given}`, () => {
      expect(decideSigner(KEYS, now, floor)?.id).toBe(expected);
    });
  }

  it('is nobody where there is no key', () => {
    expect(decideSigner([], 1000, undefined)).toBeUndefined();
  });

  it('is the same on every replica for keys of the same second', () => {
    const twin = { id: '0', activeFrom: 2000 };

    const orders = [
      [A, B, twin],
      [twin, B, A],
    ].map((keys) => decideSigner(sortByActivation(keys), 2000, undefined)?.id);

    expect(orders).toEqual(['b', 'b']);
  });
});

describe('rotation: what every key is for (JW-3)', () => {
  const statesAt = (now: number, floor?: number) =>
    decideSchedule(KEYS, now, floor, TOKEN_LIFETIME).map(({ state }) => state);

  const CASES = [
    { given: 'before all', now: 0, expected: ['signing', 'next', 'next'] },
    { given: 'while a signs', now: 1999, expected: ['signing', 'next', 'next'] },
    { given: 'when b takes over', now: 2000, expected: ['published', 'signing', 'next'] },
    {
      given: 'a second before the last token of a expires',
      now: 2099,
      expected: ['published', 'signing', 'next'],
    },
    {
      given: 'when the last token of a expired',
      now: 2100,
      expected: ['retired', 'signing', 'next'],
    },
    { given: 'while c signs', now: 3050, expected: ['retired', 'published', 'signing'] },
    {
      given: 'a second before 90 days after a stopped',
      now: 2000 + 90 * DAY - 1,
      expected: ['retired', 'retired', 'signing'],
    },
    {
      given: '90 days after a stopped',
      now: 2000 + 90 * DAY,
      expected: ['expired', 'retired', 'signing'],
    },
  ];
  for (const { given, now, expected } of CASES) {
    it(`is ${expected.join(', ')} ${given}`, () => {
      expect(statesAt(now)).toEqual(expected);
    });
  }

  it('publishes whatever signs and has just signed, however far the clock is set back', () => {
    for (const now of [0, 999, 1500])
      expect(statesAt(now, 3000)).toEqual(['published', 'published', 'signing']);
  });

  it('says until when: activation of the successor, expiry of the last token, 90 days', () => {
    const schedule = decideSchedule(KEYS, 2500, undefined, TOKEN_LIFETIME);

    expect(schedule.map(({ until }) => until)).toEqual([2000 + 90 * DAY, 3000, 3000]);
    expect(decideSchedule([A], 2500, undefined, TOKEN_LIFETIME)[0]?.until).toBeUndefined();
  });

  it('keeps a key known as long as its tokens live, where that is more than 90 days', () => {
    const [a] = decideSchedule(KEYS, 2000 + 100 * DAY, undefined, 120 * DAY);

    expect(a?.state).toBe('published');
  });
});

describe('rotation: when the next key has to be written', () => {
  const TERMS = { rotateEvery: 1000, publishAhead: 300 };
  const CASES = [
    { given: 'long before', now: 3100, expected: undefined },
    { given: 'a second before it has to be published', now: 3699, expected: undefined },
    { given: 'when it has to be published', now: 3700, expected: 4000 },
    { given: 'somewhat late', now: 3900, expected: 4200 },
    { given: 'after a long stop', now: 90_000, expected: 90_300 },
  ];
  for (const { given, now, expected } of CASES) {
    it(`is ${expected ?? 'not yet'} ${given}`, () => {
      expect(decideNextActivation(KEYS, now, TERMS)).toBe(expected);
    });
  }

  it('never writes a key that would sign before it was published long enough', () => {
    for (let now = 0; now < 20_000; now += 77) {
      const activation = decideNextActivation(KEYS, now, TERMS);

      expect(activation === undefined || activation >= now + TERMS.publishAhead).toBe(true);
    }
  });

  it('starts no rotation where there is no key', () => {
    expect(decideNextActivation([], 5000, TERMS)).toBeUndefined();
  });
});
