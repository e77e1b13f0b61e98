import { describe, expect, it } from 'vitest';
import { duration, parseDuration, printDuration } from '../../internal/config/duration.ts';

describe('durations: text to seconds', () => {
  for (const { text, seconds } of [
    { text: '0s', seconds: 0 },
    { text: '500ms', seconds: 0.5 },
    { text: '10s', seconds: 10 },
    { text: '5m', seconds: 300 },
    { text: '8h', seconds: 28_800 },
    { text: '30d', seconds: 2_592_000 },
  ]) {
    it(`reads ${text} as ${seconds} seconds and prints it back`, () => {
      expect(parseDuration(text)).toBe(seconds);
      expect(printDuration(seconds)).toBe(text);
    });
  }

  for (const text of ['', '5', 'm', '5 m', '-5m', '1.5h', '5M', '1h30m', '5m ', '1e3s', '٣m']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseDuration(text)).toBeUndefined();
    });
  }
});

describe('durations: limits', () => {
  const lifetime = duration({ min: 1, max: 600 });
  const messageOf = (value: unknown) => lifetime.safeParse(value).error?.issues[0]?.message;

  it('accepts both ends', () => {
    expect([lifetime.parse('1s'), lifetime.parse('10m')]).toEqual([1, 600]);
  });

  it('names both ends when a value is beyond them', () => {
    expect(messageOf('11m')).toBe('has to be between 1s and 10m');
    expect(messageOf('0s')).toBe('has to be between 1s and 10m');
  });

  it('refuses a number without a unit and says how to write one', () => {
    expect(messageOf(300)).toBe(
      'has to be a length of time with its unit, as in 500ms, 30s, 5m, 8h or 30d',
    );
  });

  it('refuses fractions of a second where only whole seconds count', () => {
    expect(messageOf('1500ms')).toBe('has to be a whole number of seconds');
    expect(duration({ min: 0.05, max: 30 }).parse('1500ms')).toBe(1.5);
  });
});
