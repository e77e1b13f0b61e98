import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toClientId } from '../../internal/protocol/ids.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Store } from '../../internal/store/store.ts';
import { newClientRecord, unique } from '../support/authorizations.ts';
import { listEntries, openLimited } from '../support/limited-store.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const ISSUER = 'https://issuer.example';

let server: RedisServer;
let admin: Redis;
let store: Store;

beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
  store = await openRedisStore({ url: server.url, issuer: ISSUER, maxPending: 10, maxClients: 3 });
});
beforeEach(() => admin.flushall());
afterAll(async () => {
  await store.close();
  admin.disconnect();
  await server.stop();
});

async function create(ttl: number | undefined) {
  const [id, record] = [toClientId(unique()), newClientRecord()];
  expect(await store.createClient(id, record, ttl)).toBe('created');
  const [key = ''] = await admin.keys(`asteroid:*:r:${id}`);
  return { id, record, key };
}

describe('Redis store: what it keeps of a registered client', () => {
  it('keeps it for as long as was said, or for ever, and gives it another life', async () => {
    const [short, forever] = [await create(60), await create(undefined)];
    expect(await admin.pttl(short.key)).toBeGreaterThan(55_000);
    expect(await admin.pttl(short.key)).toBeLessThanOrEqual(60_000);
    expect(await admin.pttl(forever.key)).toBe(-1);

    const [first, second] = [newClientRecord(), newClientRecord()];
    await store.replaceClient(short.id, short.record.version, first, undefined);
    await store.replaceClient(forever.id, forever.record.version, second, 100);

    expect(await admin.pttl(short.key)).toBe(-1);
    expect(await admin.pttl(forever.key)).toBeGreaterThan(95_000);
    expect(await admin.pttl(forever.key)).toBeLessThanOrEqual(100_000);
    const [budget = ''] = await admin.keys('*:clients');
    await expect.poll(() => admin.zscore(budget, short.id)).toBe('inf');
    const until = Number(await admin.zscore(budget, forever.id));
    expect(until).toBeGreaterThan(Date.now() + 90_000);
    expect(until).toBeLessThan(Date.now() + 110_000);
  });

  it('keeps nothing of one that was removed, and no budget without clients', async () => {
    const { id } = await create(60);

    await store.removeClient(id);

    await expect.poll(() => admin.keys('*')).toEqual([]);
  });

  it('takes places that are over out of the budget', async () => {
    await create(1);
    await create(undefined);
    const [budget = ''] = await admin.keys('*:clients');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await admin.zcard(budget)).toBe(2);

    await create(60);

    expect(await admin.zcard(budget)).toBe(2);
  });

  it('gives no place to a client that is removed while it is replaced', async () => {
    const { id, record } = await create(60);
    const [budget = ''] = await admin.keys('*:clients');
    // What the removal at another replica has done by the time the place is to be given its new life.
    await admin.zrem(budget, id);

    await store.replaceClient(id, record.version, newClientRecord(), undefined);
    await store.ping();

    expect(await admin.exists(budget)).toBe(0);
  });

  it('keeps a replacement that is asked again from giving a place to what is gone', async () => {
    const { id, record } = await create(60);
    const next = newClientRecord();
    await store.replaceClient(id, record.version, next, 60);
    await store.removeClient(id);

    expect(await store.replaceClient(id, record.version, next, 60)).toBe('unknown');
    await expect.poll(() => admin.keys('*')).toEqual([]);
  });
});

describe('Redis store: what was not written by us, of a client', () => {
  for (const [name, poison] of [
    ['a list', async (key: string) => [await admin.del(key), await admin.rpush(key, 'a')]],
    ['an empty text', (key: string) => admin.set(key, '')],
    ['a newer version', (key: string) => admin.set(key, '2\nv\nhash\n{}')],
    ['half a record', (key: string) => admin.set(key, '1\nv')],
  ] as const) {
    it(`is an unknown client when it is ${name}, and is left alone`, async () => {
      const { id, key } = await create(60);
      await poison(key);
      const before = await admin.dump(key);

      expect(await store.findClient(id)).toBeUndefined();
      expect(await store.replaceClient(id, 'v', newClientRecord(), 60)).toBe('unknown');
      expect(await admin.dump(key)).toBe(before);
      expect(await store.removeClient(id)).toBe(true);
    });
  }

  it('is an unknown client when it ends before its text', async () => {
    const { id, key } = await create(60);
    await admin.set(key, '1\nv\nhash');

    expect(await store.findClient(id)).toBeUndefined();
  });

  it('cannot come in through a value with a line break', async () => {
    const id = toClientId(unique());

    for (const broken of [{ version: 'a\nb' }, { tokenHash: 'a\nb' }]) {
      const created = store.createClient(id, newClientRecord(broken), 60);
      await expect(created).rejects.toThrow('line break');
    }
    expect(await admin.keys('*')).toEqual([]);
  });
});

describe('Redis store: one of two keys of a client', () => {
  const openWithout = (kind: string): Promise<Store> => {
    const kinds = ['r:', 'clients'].filter((one) => one !== kind);
    return openLimited({ server, admin, issuer: ISSUER, kinds, maxClients: 3 });
  };

  for (const kind of ['r:', 'clients']) {
    it(`registers nobody when ${kind} could not be written, and leaves nothing behind`, async () => {
      const limited = await openWithout(kind);
      const id = toClientId(unique());

      await expect(limited.createClient(id, newClientRecord(), 60)).rejects.toMatchObject({
        name: 'Unavailable',
      });

      expect(await listEntries(admin)).toEqual([]);
      await limited.close();
    });
  }

  it('keeps the place of a client when its id is refused to another', async () => {
    const { id } = await create(60);

    await expect(store.createClient(id, newClientRecord(), 60)).rejects.toThrow('exists already');

    const [budget = ''] = await admin.keys('*:clients');
    expect(await admin.zcard(budget)).toBe(1);
  });
});
