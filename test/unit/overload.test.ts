import { describe, expect, it } from 'vitest';
import { isFull, isOverloaded, kindOf, nextKind, patience } from '../../internal/http/overload.ts';

const LIMITS = { requests: 80, queueMs: 50 };
const NEVER = Number.NEGATIVE_INFINITY;

describe('overload', () => {
  it('is not a burst: somebody has waited at any time for five times the patience', () => {
    const past = { waitedSince: 1000, refusedAt: NEVER };

    expect(isOverloaded(past, 1250, LIMITS)).toBe(false);
    expect(isOverloaded(past, 1251, LIMITS)).toBe(true);
  });

  it('goes on for a second after the last refusal, so that no burst is let in between', () => {
    const past = { waitedSince: 5990, refusedAt: 5000 };

    expect(isOverloaded(past, 5999, LIMITS)).toBe(true);
    expect(isOverloaded(past, 6000, LIMITS)).toBe(false);
  });

  it('shortens what a request waits to a fifth', () => {
    expect(patience(false, LIMITS)).toBe(250);
    expect(patience(true, LIMITS)).toBe(50);
  });
});

describe('what is refused', () => {
  it('is no metadata, no key and no preflight', () => {
    expect(kindOf('discovery', 'GET')).toBe('unrefused');
    expect(kindOf('jwks', 'HEAD')).toBe('unrefused');
    expect(kindOf('token', 'OPTIONS')).toBe('unrefused');
    expect(kindOf('token', 'POST')).toBe('continuing');
    expect(kindOf(undefined, 'GET')).toBe('continuing');
  });

  it('begins, or finishes what was begun', () => {
    for (const name of ['authorize', 'push', 'deviceAuthorization', 'register']) {
      expect(kindOf(name, 'POST')).toBe('beginning');
    }
    for (const name of ['token', 'userinfo', 'introspect', 'consent', 'revoke']) {
      expect(kindOf(name, 'POST')).toBe('continuing');
    }
  });

  it('is what finds the room full; whoever asks before the answer to the last question has an eighth', () => {
    expect(isFull(79, false, LIMITS)).toBe(false);
    expect(isFull(80, false, LIMITS)).toBe(true);
    expect(isFull(9, true, LIMITS)).toBe(false);
    expect(isFull(10, true, LIMITS)).toBe(true);
  });
});

describe('what is begun next', () => {
  const order = (beginning: number, continuing: number): string =>
    Array.from({ length: 8 }, (_, n) => nextKind(n, { beginning, continuing }).charAt(0)).join('');

  it('finishes something, but each fourth time, so that neither kind keeps out the other', () => {
    expect(order(100, 100)).toBe('bcccbccc');
  });

  it('is whatever there is, where only one kind waits', () => {
    expect(order(1, 0)).toBe('bbbbbbbb');
    expect(order(0, 1)).toBe('cccccccc');
  });
});
