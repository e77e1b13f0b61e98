import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Store } from '../../internal/store/store.ts';
import { createRedeemed, NOW } from '../support/authorizations.ts';
import { type ReplicatedRedis, startReplicatedRedis } from '../support/redis-replica.ts';

let redis: ReplicatedRedis;
let store: Store;

beforeEach(async () => {
  redis = await startReplicatedRedis();
  store = await openRedisStore({
    ...{ url: redis.url, issuer: 'https://issuer.example', maxPending: 1000 },
    durability: 'acknowledged',
  });
});
afterEach(async () => {
  redis.heal();
  await store.close();
  await redis.stop();
});

describe('an authorization whose revocation no replica has', () => {
  it('is not called gone: whoever revokes it again has to hear that it is not certain', async () => {
    const { id } = await createRedeemed(store);
    redis.partition();
    await expect(store.revoke(id)).rejects.toBeInstanceOf(Unavailable);

    await expect(store.find(id, NOW)).rejects.toBeInstanceOf(Unavailable);

    redis.heal();
    await redis.caughtUp();
    await expect.poll(() => store.find(id, NOW).then(String, String)).toBe('undefined');
  });

  it('is no reason not to find others, nor are those that are gone for certain', async () => {
    const [{ id }, gone] = [await createRedeemed(store), await createRedeemed(store)];
    await store.revoke(gone.id);
    expect(await store.find(gone.id, NOW)).toBeUndefined();

    redis.partition();

    expect(await store.find(id, NOW)).toBeDefined();
  });
});
