import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../internal/testissuer/api.ts';
import {
  type Count,
  isOver,
  meet,
  NEVER,
  type Occasion,
} from '../../internal/testissuer/faults/match.ts';

const HERE: Occasion = { step: 'token', client: 'web', user: 'alice' };
const OTHERS: readonly Occasion[] = [
  { ...HERE, client: 'other' },
  { ...HERE, client: undefined },
  { ...HERE, user: 'bob' },
  { ...HERE, user: undefined },
  { ...HERE, step: 'userinfo' },
  { ...HERE, step: undefined },
];

type Condition = Pick<Fault, 'when' | 'times'>;

/** Which of so many occasions it happened on, counted from 1, and when it was over. */
function walk(condition: Condition, occasions: readonly Occasion[]) {
  let count: Count = NEVER;
  const happened: number[] = [];
  let over: number | undefined = isOver(condition, count) ? 0 : undefined;
  for (const [index, occasion] of occasions.entries()) {
    const met = meet(condition, occasion, count);
    count = met.count;
    if (met.happens) happened.push(index + 1);
    if (over === undefined && isOver(condition, count)) over = index + 1;
  }
  return { happened, over };
}

const always = (length: number): readonly Occasion[] => Array.from({ length }, () => HERE);

describe('when a fault happens', () => {
  it('is always, where nothing is said', () => {
    expect(walk({}, [...always(2), ...OTHERS])).toEqual({
      happened: [1, 2, 3, 4, 5, 6, 7, 8],
      over: undefined,
    });
  });

  it('is where everything fits that is said', () => {
    const when = { client: 'web', user: 'alice', step: 'token' } as const;

    expect(walk({ when }, [...OTHERS, HERE, ...OTHERS, HERE]).happened).toEqual([7, 14]);
  });

  it('is as often as it says', () => {
    expect(walk({ times: 2 }, always(5))).toEqual({ happened: [1, 2], over: 2 });
  });

  it('is the n-th time, counted among those that fit', () => {
    const condition = { when: { client: 'web', nth: 2 } };
    const other = { ...HERE, client: 'other' };

    expect(walk(condition, [other, HERE, other, HERE, HERE])).toEqual({ happened: [4], over: 4 });
  });

  it('is never where it is over, and whatever happens later', () => {
    const conditions = fc.record({
      when: fc.record(
        { client: fc.constantFrom('web', 'other'), nth: fc.integer({ min: 1, max: 4 }) },
        { requiredKeys: [] },
      ),
      times: fc.integer({ min: 1, max: 4 }),
    });
    const occasions = fc.array(fc.constantFrom(HERE, ...OTHERS), { maxLength: 20 });
    fc.assert(
      fc.property(conditions, occasions, (condition, met) => {
        // Without undefined: what is absent is not said.
        const said = JSON.parse(JSON.stringify(condition)) as Condition;
        const { happened, over } = walk(said, met);

        expect(happened.length).toBeLessThanOrEqual(
          said.when?.nth === undefined ? (said.times ?? 0) : 1,
        );
        expect(happened.every((index) => over === undefined || index <= over)).toBe(true);
      }),
    );
  });
});
