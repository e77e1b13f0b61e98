import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asJson, createExpiringMap } from '../../internal/store/memory/expiring-map.ts';

/** The same by the plainest means; which of several that end at once go first is nobody's business. */
function createModel() {
  const entries = new Map<string, { readonly value: string; readonly end: number }>();
  return {
    get(key: string, now: number): string | undefined {
      const entry = entries.get(key);
      return entry !== undefined && now < entry.end ? entry.value : undefined;
    },
    set: (key: string, value: string, end: number) => entries.set(key, { value, end }),
    delete: (key: string) => entries.delete(key),
    size: () => entries.size,
    /** Down to so many, of those that ended and are not there any more by a clock before all ends. */
    sweep(now: number, left: number, isGone: (key: string, at: number) => boolean): void {
      for (const [key, { end }] of [...entries].toSorted(([, a], [, b]) => a.end - b.end)) {
        if (now >= end && entries.size > left && isGone(key, -1)) entries.delete(key);
      }
    },
  };
}

describe('expiring map', () => {
  it('gives a value until the second in which it ends', () => {
    const map = createExpiringMap(asJson<string>());
    map.set('a', 'value', 100);

    expect(map.get('a', 99)).toBe('value');
    expect(map.get('a', 100)).toBeUndefined();
    expect(map.get('b', 99)).toBeUndefined();
  });

  it('removes what ended, no more of it at a time than it is told to', () => {
    const map = createExpiringMap(asJson<number>());
    for (let n = 0; n < 10; n += 1) map.set(`${n}`, n, 100 + n);

    map.sweep(105, 4);
    expect(map.size()).toBe(6);
    map.sweep(105, 4);
    expect(map.size()).toBe(4);
    expect(map.get('6', 105)).toBe(6);
  });

  it('says of each value that it is gone, once, whichever way it went', () => {
    const gone: string[] = [];
    const map = createExpiringMap(asJson<string>(), (value) => gone.push(value));
    map.set('a', 'first', 100);
    map.set('a', 'swept', 101);
    map.set('b', 'deleted', 200);
    map.set('c', 'kept', 200);
    map.delete('b');
    map.delete('b');
    map.sweep(150, 8);
    map.sweep(150, 8);

    expect(gone).toEqual(['deleted', 'swept']);
  });

  it('forgets in the order of ends, however ends were set, moved and taken back', () => {
    const steps = fc.array(
      fc.record({
        key: fc.integer({ min: 0, max: 60 }).map(String),
        end: fc.integer({ min: 1, max: 1000 }),
        deleted: fc.boolean(),
      }),
      { maxLength: 300, size: 'max' },
    );

    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 1001 }), (all, now) => {
        const map = createExpiringMap(asJson<number>());
        const model = new Map<string, number>();
        for (const { key, end, deleted } of all) {
          if (deleted) {
            expect(map.delete(key)).toBe(model.delete(key));
          } else {
            map.set(key, end, end);
            model.set(key, end);
          }
        }

        map.sweep(now, Number.POSITIVE_INFINITY);

        const alive = [...model].filter(([, end]) => now < end);
        expect(map.size()).toBe(alive.length);
        for (const [key, end] of alive) expect(map.get(key, now)).toBe(end);
      }),
      { numRuns: 300 },
    );
  });

  it('answers as a plain map would, at every step of many', () => {
    const key = fc.nat(40).map(String);
    const step = fc.oneof(
      fc.record({ key, value: fc.string({ unit: 'binary', maxLength: 400 }), end: fc.nat(100) }),
      fc.record({ key }),
      fc.record({ now: fc.nat(110), limit: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), fc.nat(110), (all, moment) => {
        const map = createExpiringMap(asJson<string>());
        const model = createModel();
        for (const one of all) {
          if ('value' in one) {
            map.set(one.key, one.value, one.end);
            model.set(one.key, one.value, one.end);
          } else if ('key' in one) {
            expect(map.delete(one.key)).toBe(model.delete(one.key));
          } else {
            map.sweep(one.now, one.limit);
            model.sweep(one.now, map.size(), (gone, at) => map.get(gone, at) === undefined);
          }
          expect(map.size()).toBe(model.size());
        }
        for (let n = 0; n <= 40; n += 1) {
          expect(map.get(`${n}`, moment)).toBe(model.get(`${n}`, moment));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('finds each of many thousands, also when most of the others have gone', () => {
    const map = createExpiringMap(asJson<number>());
    for (let n = 0; n < 20_000; n += 1) map.set(`${n}`, n, 100 + (n % 7));
    for (let n = 0; n < 20_000; n += 1) expect(map.get(`${n}`, 99)).toBe(n);
    for (let n = 0; n < 20_000; n += 1) if (n % 50 !== 0) map.delete(`${n}`);

    expect(map.size()).toBe(400);
    for (let n = 0; n < 20_000; n += 1) {
      expect(map.get(`${n}`, 99)).toBe(n % 50 === 0 ? n : undefined);
    }
    map.sweep(106, 1000);
    expect(map.size()).toBe(0);
  });

  it('never lets go of what has no end', () => {
    const map = createExpiringMap(asJson<string>());
    map.set('a', 'value', Number.POSITIVE_INFINITY);

    map.sweep(2 ** 40, 10);

    expect(map.get('a', 2 ** 40)).toBe('value');
  });

  it('keeps what ends in a year, which no timer can count', () => {
    const map = createExpiringMap(asJson<string>());
    map.set('a', 'value', 365 * 24 * 3600);

    map.sweep(364 * 24 * 3600, 10);

    expect(map.get('a', 364 * 24 * 3600)).toBe('value');
  });
});
