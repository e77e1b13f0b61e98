import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRows } from '../../internal/store/memory/rows.ts';
import { createTexts, NOTHING, type Start } from '../../internal/store/memory/texts.ts';

/** Texts by owner, with the beginnings that a map would keep in its slots. */
function createOwned() {
  const starts = new Map<number, Start>();
  const texts = createTexts((owner, start) => starts.set(owner, start));
  const startOf = (owner: number) => starts.get(owner) ?? NOTHING;
  return {
    put: (owner: number, text: string) => texts.put(owner, startOf(owner), text),
    read: (owner: number) => texts.read(startOf(owner)),
    rename(from: number, to: number) {
      texts.rename(startOf(from), to);
      starts.set(to, startOf(from));
      starts.delete(from);
    },
    size: texts.size,
  };
}

type Owned = ReturnType<typeof createOwned>;

describe('rows of the memory store (N7)', () => {
  it('keep what was set while others are added and taken away, chunk after chunk', () => {
    const rows = createRows(2);
    for (let n = 0; n < 10_000; n += 1) rows.set(rows.add(), 1, n);
    rows.set(9_999, 0, 2 ** 32 - 1);
    rows.copy(9_999, 17);
    for (let n = 0; n < 9_000; n += 1) rows.drop();

    expect(rows.size()).toBe(1_000);
    expect([rows.get(16, 1), rows.get(17, 1), rows.get(999, 1)]).toEqual([16, 9_999, 999]);
    expect(rows.get(17, 0)).toBe(2 ** 32 - 1);
    for (let n = 1_000; n < 10_000; n += 1) rows.set(rows.add(), 1, 2 * n);
    expect([rows.get(999, 1), rows.get(9_999, 1)]).toEqual([999, 19_998]);
  });

  it('refuse a row that is not there, instead of making one up', () => {
    const rows = createRows(1);

    expect(() => rows.get(0, 0)).toThrow('no such row');
    expect(() => rows.set(5_000, 0, 1)).toThrow('no such row');
  });
});

describe('texts of the memory store (N1, N7)', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 90 }),
    fc.string({ unit: 'grapheme', minLength: 100, maxLength: 700 }),
    fc.constantFrom('', 'x'.repeat(116), 'x'.repeat(117), 'é'.repeat(9_000), 'x'.repeat(40_000)),
  );
  const step = fc.oneof(
    fc.record({ owner: fc.nat(12), text }),
    fc.record({ owner: fc.nat(12), renamed: fc.nat(12) }),
  );

  type Step = { readonly owner: number; readonly text?: string; readonly renamed?: number };

  function take({ owner, text, renamed }: Step, texts: Owned, model: Map<number, string>): void {
    if (text !== undefined) {
      texts.put(owner, text);
      model.set(owner, text);
    } else if (renamed !== undefined && renamed !== owner) {
      texts.put(renamed, '');
      texts.rename(owner, renamed);
      model.set(renamed, model.get(owner) ?? '');
      model.delete(owner);
    }
  }

  it('are read as they were put, whatever others are put, made longer, cut and taken back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const texts = createOwned();
        const model = new Map<number, string>();
        for (const one of steps) {
          take(one, texts, model);
          for (const [owner, kept] of model) expect(texts.read(owner) === kept).toBe(true);
        }
        for (const owner of model.keys()) texts.put(owner, '');

        expect(texts.size()).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('take no more cells than they need, however often they change', () => {
    const texts = createOwned();
    for (let n = 0; n < 1_000; n += 1) texts.put(n % 10, 'x'.repeat((n * 37) % 900));
    for (let n = 0; n < 10; n += 1) texts.put(n, 'x'.repeat(100));

    expect(texts.size()).toBe(10);
  });
});
