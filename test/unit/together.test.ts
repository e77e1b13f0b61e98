import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { together } from '../../internal/http/together.ts';

describe('what arrives in one turn', () => {
  it('is handled at its end, in its order', async () => {
    const handled: string[] = [];
    const give = together((item: string) => handled.push(item));

    for (const item of ['a', 'b', 'c']) give(item);
    expect(handled).toEqual([]);
    await turn();

    expect(handled).toEqual(['a', 'b', 'c']);
  });

  it('goes its first step before any of it goes a second one', async () => {
    const steps: string[] = [];
    const give = together((item: string): void => {
      steps.push(`${item} begins`);
      queueMicrotask(() => steps.push(`${item} goes on`));
    });

    give('a');
    give('b');
    await turn();

    expect(steps).toEqual(['a begins', 'b begins', 'a goes on', 'b goes on']);
  });

  it('is left to the next turn where it arrives while others are handled', async () => {
    const handled: number[] = [];
    const give = together((item: number) => {
      handled.push(item);
      if (item < 3) give(item + 1);
    });

    give(1);
    await turn();
    expect(handled).toEqual([1]);
    await turn();
    expect(handled).toEqual([1, 2]);
  });
});
