import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { withDirectoryLock } from '../../internal/keys/file/lock.ts';
import { newDirectory, removeDirectories } from '../support/keys.ts';

const TIMING = { staleAfter: 150, retryEvery: 5 };

afterEach(removeDirectories);

describe('directory lock', () => {
  it('lets twenty in one after another, and leaves nothing behind', async () => {
    const dir = newDirectory();
    let inside = 0;
    let most = 0;

    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(2);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => withDirectoryLock(dir, work)));

    expect(most).toBe(1);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    const dir = newDirectory();

    await expect(withDirectoryLock(dir, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );

    expect(readdirSync(dir)).toEqual([]);
  });

  it('is taken from a holder that died, by one of ten that wait', async () => {
    const dir = newDirectory();
    writeFileSync(join(dir, '.lock'), 'left behind');
    let inside = 0;
    let most = 0;

    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(3);
      inside -= 1;
    };
    // Far longer than a holder may be kept from going on by a machine that is busy.
    const terms = { ...TIMING, staleAfter: 1500 };
    await Promise.all(Array.from({ length: 10 }, () => withDirectoryLock(dir, work, terms)));

    expect(most).toBe(1);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is not taken from a holder before the time is over', async () => {
    const dir = newDirectory();
    writeFileSync(join(dir, '.lock'), '');
    const start = performance.now();

    await withDirectoryLock(dir, async () => {}, TIMING);

    expect(performance.now() - start).toBeGreaterThanOrEqual(TIMING.staleAfter);
  });

  it('stays with whoever took it over', async () => {
    const dir = newDirectory();

    await withDirectoryLock(dir, async () => writeFileSync(join(dir, '.lock'), 'of another'));

    expect(existsSync(join(dir, '.lock'))).toBe(true);
  });

  it('is given up, naming the file, where it cannot be taken', async () => {
    const dir = newDirectory();
    writeFileSync(join(dir, '.lock'), 'left behind');
    writeFileSync(join(dir, '.lock.steal'), '');

    await expect(withDirectoryLock(dir, async () => {}, TIMING)).rejects.toThrow(
      `${join(dir, '.lock')} is held by another process`,
    );
  });
});
