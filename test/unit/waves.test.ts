import { describe, expect, it } from 'vitest';
import { inWaves } from '../../internal/app/waves.ts';

const numbers = Array.from({ length: 120 }, (_, n) => n);

describe('waves', () => {
  it('are all done in order, no more than fifty at a time', async () => {
    let [running, most] = [0, 0];
    const sizes: number[] = [];

    await inWaves(
      numbers,
      async (n) => {
        running += 1;
        most = Math.max(most, running);
        await Promise.resolve();
        running -= 1;
        return n;
      },
      (outcomes) => {
        sizes.push(outcomes.length);
        return 'go_on';
      },
    );

    expect([sizes, most]).toEqual([[50, 50, 20], 50]);
  });

  it('end where one says so', async () => {
    let begun = 0;
    await inWaves(
      numbers,
      async () => {
        begun += 1;
      },
      () => 'stop',
    );

    expect(begun).toBe(50);
  });

  it('fail once everything that was begun has ended, and begin nothing further', async () => {
    const ended: number[] = [];
    const failing = inWaves(
      numbers,
      async (n) => {
        if (n === 0) throw new Error('the first');
        await new Promise((turn) => setImmediate(turn));
        ended.push(n);
      },
      () => 'go_on',
    );

    await expect(failing).rejects.toThrow('the first');
    expect(ended).toHaveLength(49);
  });
});
