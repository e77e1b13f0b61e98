import { describe, expect, it } from 'vitest';
import { toName } from '../../internal/store/memory/name.ts';

const keys = Array.from({ length: 200 }, (_, n) => `key ${n}`);

describe('names of the memory store (N7)', () => {
  it('are the same for the same key, however many were asked for in between', () => {
    const names = keys.map((key) => [...toName(key)]);

    expect(keys.map((key) => [...toName(key)])).toEqual(names);
    expect(toName('key 199')).toEqual(names.at(-1));
  });

  // One word alone is the same for two of a hundred thousand keys.
  it('differ in each of their words', () => {
    for (const word of [0, 1, 2, 3]) {
      const words = new Set(keys.map((key) => toName(key)[word]));
      expect(words.size).toBeGreaterThan(190);
    }
  });
});
