import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { printPromises, promised } from '../faults/promises.ts';

const PAGE = path.resolve(import.meta.dirname, '../../docs/operations.md');

describe('what is promised', () => {
  it('is on its page as the suite holds Asteroid to it', () => {
    expect(readFileSync(PAGE, 'utf8')).toContain(printPromises());
  });

  it('is everything where nothing is lost, and never less where replicas have acknowledged', () => {
    expect(promised('nothing', 'fast')).toHaveLength(7);
    for (const loss of ['nothing', 'everything', 'unreplicated', 'time'] as const) {
      const kept = promised(loss, 'acknowledged');

      expect(promised(loss, 'fast').filter((invariant) => !kept.includes(invariant))).toEqual([]);
    }
  });
});
