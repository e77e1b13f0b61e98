import { describe, expect, it } from 'vitest';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { printPath } from '../../internal/config/finding.ts';

const SERVE = { mode: 'serve', exposed: false } as const;

const read = (more: object) =>
  readConfig(
    { upstream: { trust: { secret: { files: ['s'] } } }, store: { driver: 'redis' }, ...more },
    SERVE,
  );
const problemsOf = (more: object) =>
  read(more).problems.map(({ path, problem }) => `${printPath(path)}: ${problem}`);
const warningsOf = (more: object) =>
  read(more).warnings.map(({ path, problem }) => `${printPath(path)}: ${problem}`);

describe('workers in asteroid.yaml', () => {
  for (const workers of ['auto', 1, 2, 256])
    it(`may be ${workers}`, () => {
      expect(problemsOf({ workers })).toEqual([]);
    });

  for (const workers of ['many', 1.5, true])
    it(`are refused as ${workers}, saying what they may be`, () => {
      expect(problemsOf({ workers })).toEqual(['workers: has to be auto or a whole number']);
    });

  it('are 256 at most', () => {
    expect(problemsOf({ workers: 0 })).toHaveLength(1);
    expect(problemsOf({ workers: 257 })).toHaveLength(1);
  });
});

describe('store.redis.acknowledged_by', () => {
  const withRedis = (redis: object) => ({ store: { driver: 'redis', redis } });

  it('is warned about where nobody waits for it', () => {
    expect(warningsOf(withRedis({ acknowledged_by: 2 }))).toEqual([
      'store.redis.acknowledged_by: is waited for by nobody where durability is fast; set durability: acknowledged',
    ]);
  });

  it('is not where somebody does', () => {
    expect(warningsOf(withRedis({ acknowledged_by: 2, durability: 'acknowledged' }))).toEqual([]);
    expect(warningsOf(withRedis({}))).toEqual([]);
  });
});
