import { describe, expect, it } from 'vitest';
import { createLookAgain } from '../../internal/keys/store/look-again.ts';
import { until } from '../support/until.ts';

/** Looks that end when the test says so, and when each began. */
function createLooks(milliseconds: number) {
  const began: number[] = [];
  const ends: (() => void)[] = [];
  const look = (): Promise<void> => {
    began.push(performance.now());
    return new Promise((resolve) => ends.push(resolve));
  };
  return { lookAgain: createLookAgain(look, milliseconds), began, end: () => ends.shift()?.() };
}

const untilBegun = (began: readonly number[], count: number): Promise<unknown> =>
  until(() => began.length >= count);

describe('looking again for a key', () => {
  it('is one look for all who ask in the same moment', async () => {
    const { lookAgain, began, end } = createLooks(10);

    const asked = Promise.all(Array.from({ length: 50 }, () => lookAgain()));
    await untilBegun(began, 1);
    end();
    await asked;

    expect(began).toHaveLength(1);
  });

  it('is a look of its own for who asks while one is under way: that one may have come too early', async () => {
    const { lookAgain, began, end } = createLooks(10);
    const first = lookAgain();
    await untilBegun(began, 1);

    let isAnswered = false;
    const second = lookAgain().then(() => {
      isAnswered = true;
    });
    end();
    await first;
    await untilBegun(began, 2);
    expect(isAnswered).toBe(false);
    end();
    await second;

    expect(began).toHaveLength(2);
  });

  it('begins no sooner after the last one than it may', async () => {
    const { lookAgain, began, end } = createLooks(150);
    for (const count of [1, 2, 3]) {
      const asked = lookAgain();
      await untilBegun(began, count);
      end();
      await asked;
    }

    const [a = 0, b = 0, c = 0] = began;
    // A timer may be a millisecond early.
    expect(b - a).toBeGreaterThan(145);
    expect(c - b).toBeGreaterThan(145);
  });
});
