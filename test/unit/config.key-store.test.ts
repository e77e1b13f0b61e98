import { describe, expect, it } from 'vitest';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { printPath } from '../../internal/config/finding.ts';

const SERVE = { mode: 'serve', exposed: false } as const;

const read = (keys: object, driver: 'memory' | 'redis' = 'redis') =>
  readConfig({ upstream: { trust: { secret: { files: ['s'] } } }, keys, store: { driver } }, SERVE);

const problemsOf = (keys: object, driver?: 'memory' | 'redis'): readonly string[] =>
  read(keys, driver).problems.map(({ path, problem }) => `${printPath(path)}: ${problem}`);

describe('keys.source: store in asteroid.yaml', () => {
  it('is taken with Redis, and with further secrets', () => {
    expect(problemsOf({ source: 'store', secret_file: 'a' })).toEqual([]);
    expect(problemsOf({ source: 'store', secret_file: 'a', further_secret_files: ['b'] })).toEqual(
      [],
    );
  });

  it('is refused with the memory of a process, saying why', () => {
    expect(problemsOf({ source: 'store', secret_file: 'a' }, 'memory')).toEqual([
      'keys.source: needs store.driver: redis, because nobody shares the memory of a process; or use file',
    ]);
  });

  for (const source of ['file', 'ephemeral'] as const)
    it(`leaves no secret to believe in where keys are ${source}`, () => {
      expect(problemsOf({ source, secret_file: 'a', further_secret_files: ['b'] })).toEqual([
        `keys.secret_file: seals nothing where keys.source is ${source}; remove it, or use source: store`,
        `keys.further_secret_files: seals nothing where keys.source is ${source}; remove it, or use source: store`,
      ]);
    });

  it('is what replicas need: ephemeral keys are warned about, and more where Redis is shared', () => {
    const warnings = (driver: 'memory' | 'redis') =>
      read({ source: 'ephemeral' }, driver).warnings.map(({ problem }) => problem);

    expect(warnings('memory')).toEqual([
      'forgets the keys at a restart, which invalidates every token',
    ]);
    expect(warnings('redis').join()).toContain('other replicas do not know them');
  });
});
