import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asJson, createExpiringMap } from '../../internal/store/memory/expiring-map.ts';

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

  it('keeps what ends in a year, which no timer can count', () => {
    const map = createExpiringMap(asJson<string>());
    map.set('a', 'value', 365 * 24 * 3600);

    map.sweep(364 * 24 * 3600, 10);

    expect(map.get('a', 364 * 24 * 3600)).toBe('value');
  });
});
