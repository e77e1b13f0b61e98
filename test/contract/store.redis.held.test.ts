import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toClientId, toSubject } from '../../internal/protocol/ids.ts';
import type { EndedHeld } from '../../internal/store/held.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Store } from '../../internal/store/store.ts';
import { NOW, newMember, newSid, unique } from '../support/authorizations.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const ISSUER = 'https://issuer.example';

describe('Redis store: an operator who looks at every key', () => {
  let server: RedisServer;
  let admin: Redis;
  let store: Store;

  beforeAll(async () => {
    server = await startRedis();
    admin = new Redis(server.url);
    store = await openRedisStore({ url: server.url, issuer: ISSUER, maxPending: 100 });
  });
  beforeEach(() => admin.flushall());
  afterAll(async () => {
    admin.disconnect();
    await store.close();
    await server.stop();
  });

  async function grant(clientId: string, subject = unique()) {
    const granted = { clientId: toClientId(clientId), subject: toSubject(subject) };
    const member = newMember(newSid(), { grant: granted });
    expect(await store.create(member, NOW)).toBe('created');
    return member;
  }

  async function endAll(clientId: string): Promise<readonly EndedHeld[]> {
    const all: EndedHeld[] = [];
    await store.endAllHeld({ clientId: toClientId(clientId) }, NOW, async (one) => {
      all.push(one);
    });
    return all;
  }

  it('is told by another server that a cursor is not of it', async () => {
    await Promise.all(Array.from({ length: 300 }, () => grant('client')));
    const first = await store.listHeld({}, { cursor: undefined, limit: 10 }, NOW);
    const cursor = first?.next ?? '';
    expect(await store.listHeld({}, { cursor, limit: 10 }, NOW)).toBeDefined();
    const parts: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const [place] = parts;
    const elsewhere = String(place).replace(/[\da-f]{40}/, 'f'.repeat(40));
    expect(elsewhere).not.toBe(place);
    const moved = Buffer.from(JSON.stringify([elsewhere, false])).toString('base64url');

    expect(await store.listHeld({}, { cursor: moved, limit: 10 }, NOW)).toBeUndefined();
  });

  it('ends nothing of another issuer in the same Redis, though its client has the same name', async () => {
    const url = server.url;
    const neighbour = await openRedisStore({ url, issuer: 'https://other.example', maxPending: 9 });
    const foreign = newMember(newSid(), { grant: { clientId: toClientId('client') } });
    await neighbour.create(foreign, NOW);
    const own = await grant('client');

    await endAll('client');

    expect(await store.find(own.id, NOW)).toBeUndefined();
    expect(await neighbour.find(foreign.id, NOW)).toBeDefined();
    await neighbour.close();
  });

  it('forgets a consent that was written down without whose it is where its End-User holds something', async () => {
    const subject = toSubject(unique());
    const clientId = toClientId('client');
    await grant('client', subject);
    await store.keepConsent(subject, clientId, { scope: ['openid'], grantedAt: NOW }, 60);
    const [key = ''] = await admin.keys('*:c:*');
    await admin.set(key, `{"o":["openid"],"g":${NOW}}`);

    const ended = await endAll('client');

    expect(ended.flatMap(({ consents }) => consents)).toEqual([{ subject, clientId }]);
    expect(await store.findConsent(subject, clientId)).toBeUndefined();
  });

  it('leaves alone what is damaged or is nothing of ours', async () => {
    const { id } = await grant('client');
    const [key = ''] = await admin.keys('*:a:*');
    await admin.set(key, '2g\nof another version');
    await admin.rpush(key.replace(id, 'list'), 'client');
    await admin.set(`${key.slice(0, key.indexOf(':a:'))}:c:nothing`, '{');

    expect(await endAll('client')).toEqual([]);
    expect(
      (await store.listHeld({}, { cursor: undefined, limit: 9 }, NOW))?.authorizations,
    ).toEqual([]);

    expect(await admin.get(key)).toBe('2g\nof another version');
  });

  it('ends everything when memory is used up', async () => {
    const members = await Promise.all([grant('client'), grant('client')]);
    await admin.config('SET', 'maxmemory', '1');
    try {
      expect(await endAll('client')).not.toEqual([]);
      for (const { id } of members) expect(await store.find(id, NOW)).toBeUndefined();
    } finally {
      await admin.config('SET', 'maxmemory', '0');
    }
  });

  it('leaves neither record, seal nor place in an index behind', async () => {
    await grant('client');
    await endAll('client');

    await expect.poll(() => admin.keys('*:[asg]:*')).toEqual([]);
  });
});
