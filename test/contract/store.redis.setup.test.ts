import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSetupCheck } from '../../internal/store/redis/connection/setup.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

describe('how a Redis is set up', () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('is told again at a new connection, and else only when it changed', async () => {
    const warnings: string[] = [];
    const setup = createSetupCheck(redis, (warning) => void warnings.push(warning), 0);
    await redis.config('SET', 'maxmemory-policy', 'volatile-lru');

    await setup.check();
    await setup.check();
    expect(warnings).toHaveLength(2);

    setup.checkNowAndThen();
    await redis.ping();
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    setup.checkNowAndThen();
    await expect.poll(() => warnings).toHaveLength(3);
    expect(warnings[2]).toContain('allkeys-lru');
  });

  it('is not asked for more often than once in a while', async () => {
    const warnings: string[] = [];
    const setup = createSetupCheck(redis, (warning) => void warnings.push(warning));
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    await setup.check();
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');

    setup.checkNowAndThen();
    await redis.ping();
    await redis.ping();

    expect(warnings).toEqual([]);
  });
});
