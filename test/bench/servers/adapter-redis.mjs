// The adapter of the examples of oidc-provider, for a plain Redis.

import { Redis } from 'ioredis';

const GRANTABLE = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);

/** What oidc-provider calls with the name of each of its models. */
export function connect(url) {
  const redis = new Redis(url, { keyPrefix: 'oidc:', enableAutoPipelining: true });
  return (name) => openAdapter(redis, name);
}

function openAdapter(redis, name) {
  const key = (id) => `${name}:${id}`;
  const find = async (id) => {
    const { payload, ...rest } = await redis.hgetall(key(id));
    return payload === undefined ? undefined : { ...rest, ...JSON.parse(payload) };
  };
  return {
    find,
    upsert: async (id, payload, expiresIn) => {
      const multi = redis.multi();
      multi.hset(key(id), { payload: JSON.stringify(payload) });
      if (expiresIn) multi.expire(key(id), expiresIn);
      if (GRANTABLE.has(name) && payload.grantId) {
        multi.rpush(`grant:${payload.grantId}`, key(id));
        multi.expire(`grant:${payload.grantId}`, expiresIn);
      }
      if (payload.uid) multi.set(`uid:${payload.uid}`, id, 'EX', expiresIn);
      await multi.exec();
    },
    findByUid: async (uid) => {
      const id = await redis.get(`uid:${uid}`);
      return id === null ? undefined : await find(id);
    },
    findByUserCode: async () => undefined,
    consume: async (id) => {
      await redis.hset(key(id), 'consumed', Math.floor(Date.now() / 1000));
    },
    destroy: async (id) => {
      await redis.del(key(id));
    },
    revokeByGrantId: async (grantId) => {
      const keys = await redis.lrange(`grant:${grantId}`, 0, -1);
      await redis.del(`grant:${grantId}`, ...keys);
    },
  };
}
