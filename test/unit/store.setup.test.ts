import { describe, expect, it } from 'vitest';
import { findWarnings, type Setup } from '../../internal/store/redis/connection/setup.ts';

const CASES: ReadonlyArray<readonly [string, Setup, readonly RegExp[]]> = [
  ['keeps everything', { policy: 'noeviction', role: 'master', replicas: '0' }, []],
  ['says nothing', {}, []],
  ['forgets replay marks', { policy: 'volatile-ttl' }, [/nonce, jti or code could be used again/]],
  ['drops anything', { policy: 'allkeys-lru' }, [/drop live tokens.*allkeys-lru.*noeviction/]],
  [
    'may lose what it acknowledged',
    { role: 'master', replicas: '1' },
    [/failover may lose.*set min-replicas-to-write 1/],
  ],
  ['waits for a replica', { role: 'master', replicas: '1', goodReplicas: '1' }, []],
  ['waits for one that is away', { role: 'master', replicas: '1', goodReplicas: '0' }, []],
  ['is a replica with replicas', { role: 'slave', replicas: '1' }, []],
  [
    'does both',
    { policy: 'volatile-lru', role: 'master', replicas: '2' },
    [/replay marks/, /failover/],
  ],
];

describe('warnings of how Redis is set up', () => {
  for (const [what, setup, expected] of CASES) {
    it(`say ${expected.length} things about one that ${what}`, () => {
      const warnings = findWarnings(setup);

      expect(warnings).toHaveLength(expected.length);
      for (const [index, pattern] of expected.entries()) expect(warnings[index]).toMatch(pattern);
    });
  }
});
