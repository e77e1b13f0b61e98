import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStoreKeys } from '../../internal/keys/store/store.ts';
import { openKeyShelf } from '../../internal/store/open.ts';
import { createTestClock } from '../support/clock.ts';
import { HOUR, START } from '../support/keys.ts';
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts';
import { CHECK_EVERY, SECRET } from '../support/stored-keys.ts';
import { until } from '../support/until.ts';

describe('keys in the store of a cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  it('are shared, made under the lease and rotated as anywhere', async () => {
    const clock = createTestClock(START);
    const issuer = 'https://issuer.example';
    const open = async () =>
      openStoreKeys({
        shelf: await openKeyShelf({
          ...{ url: 'redis://', cluster: { nodes: cluster.nodes } },
          ...{ issuer, maxPending: 1 },
        }),
        ...{ issuer, now: clock, publishAhead: 100, rotateEvery: 1000, checkEvery: CHECK_EVERY },
        ...{ secrets: () => [SECRET], tokenLifetime: () => HOUR, report: () => undefined },
      });
    const [a, b] = await Promise.all([open(), open()]);
    const token = await a.sign('RS256', 'JWT', {});
    expect(await b.verify(token)).toBeDefined();

    clock.advance(900);
    await until(() => [a, b].every((keys) => keys.publicKeys().length === 4));
    clock.advance(100);

    expect(a.publicKeys()).toEqual(b.publicKeys());
    expect(await b.verify(await a.sign('ES256', 'JWT', {}))).toBeDefined();
    await Promise.all([a.close(), b.close()]);
  });
});
