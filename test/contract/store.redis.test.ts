import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AuthorizationId, toClientId, toSubject } from '../../internal/protocol/ids.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Store } from '../../internal/store/store.ts';
import {
  CLIENT,
  createGranted,
  createRedeemed,
  EXPECTED,
  GRANT,
  NOW,
  newAuthorization,
  newMember,
  newPending,
  newRedemption,
  newSid,
  ofAlice,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { openLimited } from '../support/limited-store.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { useEveryVerb } from '../support/verbs.ts';

const ISSUER = 'https://issuer.example';

let server: RedisServer;
let admin: Redis;
let store: Store;

beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
  store = await openRedisStore({ url: server.url, issuer: ISSUER, maxPending: 10 });
});
beforeEach(() => admin.flushall());
afterAll(async () => {
  await store.close();
  admin.disconnect();
  await server.stop();
});

/** Every verb once, so that every kind of key comes to be. */
const KIND = /^asteroid:[\w-]{8}:(\w+)/;

describe('Redis store: what it keeps', () => {
  it('keeps every key under the issuer, and none for ever', async () => {
    await useEveryVerb(store);

    const keys = await admin.keys('*');

    const kinds = new Set(keys.map((key) => KIND.exec(key)?.[1]));
    expect([...kinds].sort()).toEqual([
      ...[
        'a',
        'c',
        'clients',
        'e',
        'g',
        'i',
        'memory',
        'n',
        'o',
        'pending',
        'r',
        's',
        't',
        'u',
        'w',
      ],
    ]);
    for (const key of keys) expect([key, await admin.pttl(key)]).toEqual([key, expect.any(Number)]);
    const immortal = /:(?:clients|memory:\{0\})$/;
    const lives = await Promise.all(
      keys.filter((key) => !immortal.test(key)).map((key) => admin.pttl(key)),
    );
    expect(lives.filter((life) => life < 0)).toEqual([]);
  });

  it('names nobody and nothing secret in a key, and keeps a nonce in its grant only', async () => {
    const { secrets, consented } = await useEveryVerb(store);

    const keys = await admin.keys('*');

    for (const secret of [...secrets, ISSUER]) expect(keys.join('\n')).not.toContain(secret);
    const texts = keys.filter((key) => !/:[agiw]:|:pending$|:clients$/.test(key));
    const values = (await admin.mget(...texts)).join('\n');
    const hidden = secrets.filter((secret) => secret !== consented);
    for (const secret of [...hidden, ISSUER]) expect(values).not.toContain(secret);
    const others = (await admin.mget(...texts.filter((key) => !key.includes(':c:')))).join('\n');
    expect(others).not.toContain(consented);
  });

  it('keeps the keys of one authorization in one slot', async () => {
    await useEveryVerb(store);

    const [seal = ''] = await admin.keys('*:s:*');
    const record = seal.replace(':s:', ':a:');

    expect(await admin.exists(record)).toBe(1);
    expect(/\{(.+)\}/.exec(seal)?.[1]).toBe(/\{(.+)\}/.exec(record)?.[1]);
  });

  it('keeps the keys of one session in one slot, for as long as its last member', async () => {
    const sid = newSid();
    await store.create(newMember(sid, { membership: { offline: false, until: NOW + 900 } }), NOW);
    await store.create(newMember(sid, { membership: { offline: false, until: NOW + 100 } }), NOW);
    await store.endSession(ofAlice(sid), 60);
    const [index = ''] = await admin.keys('*:i:*');
    const [end = ''] = await admin.keys('*:e:*');

    expect(/\{(.+)\}/.exec(index)?.[1]).toBe(/\{(.+)\}/.exec(end)?.[1]);
    expect(await admin.pttl(index)).toBeGreaterThan(890_000);
    expect(await admin.pttl(index)).toBeLessThanOrEqual(900_000);
    expect(await admin.pttl(end)).toBeGreaterThan(50_000);
    expect(await admin.pttl(end)).toBeLessThanOrEqual(60_000);
  });

  it('keeps no member of a session past its time, once somebody comes by', async () => {
    const sid = newSid();
    await store.create(newMember(sid, { membership: { offline: false, until: NOW + 1 } }), NOW);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await store.create(newMember(sid), NOW);
    const [index = ''] = await admin.keys('*:i:*');
    expect(await admin.zcard(index)).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await store.create(newMember(sid), NOW);

    expect(await admin.zcard(index)).toBe(2);
  });

  it('lets a record live as long as the last token under it, and a minute', async () => {
    const { id } = await createRedeemed(store, { refresh: { ttl: 5000, until: NOW + 9000 } });

    const before = await admin.ttl(await recordOf(id));
    await store.rotate(id, token(1), EXPECTED, toNext(1, { now: NOW + 4000 }));
    const after = await admin.ttl(await recordOf(id));

    expect(before).toBeGreaterThan(5055);
    expect(before).toBeLessThanOrEqual(5060);
    // From NOW + 4000 to NOW + 9000, the latest moment.
    expect(after).toBeGreaterThan(5055);
    expect(after).toBeLessThanOrEqual(5060);
  });

  it('lets the seal go when its window ends, and when the successor is used', async () => {
    const used = await createRedeemed(store);
    await store.rotate(used.id, token(1), EXPECTED, toNext(1, { grace: 30 }));
    expect(await admin.keys('*:s:*')).toHaveLength(1);

    await store.rotate(used.id, token(2), EXPECTED, toNext(2, { grace: 0 }));
    expect(await admin.keys('*:s:*')).toEqual([]);

    const waited = await createRedeemed(store);
    await store.rotate(waited.id, token(1), EXPECTED, toNext(1, { grace: 1 }));
    const [seal = ''] = await admin.keys('*:s:*');
    expect(await admin.pttl(seal)).toBeLessThanOrEqual(1000);
    await expect.poll(() => admin.exists(seal), { timeout: 30_000 }).toBe(0);
    expect(await store.rotate(waited.id, token(1), EXPECTED, toNext(1))).toEqual({
      kind: 'replayed',
    });
  });

  it('keeps nothing of an ended authorization but what tells the next replay', async () => {
    const { id, code } = await createRedeemed(store);
    await store.rotate(id, token(1), EXPECTED, toNext(1));

    await store.redeem(id, code.hash, EXPECTED, newRedemption());

    const record = await admin.get(await recordOf(id));
    for (const gone of ['alice', 'openid', 'token-1', 'token-2'])
      expect(record).not.toContain(gone);
    expect(await admin.keys('*:s:*')).toEqual([]);
    expect(await admin.ttl(await recordOf(id))).toBeLessThanOrEqual(300);
    expect(await admin.ttl(await recordOf(id))).toBeGreaterThan(290);
  });

  it('takes expired requests out of the budget when another is put aside', async () => {
    await store.park(newPending({ expiresAt: NOW + 1 }), NOW);
    const [budget = ''] = await admin.keys('*:pending');
    await store.park(newPending(), NOW);
    expect(await admin.zcard(budget)).toBe(2);

    await expect.poll(() => admin.keys('*:a:*'), { timeout: 30_000 }).toHaveLength(1);
    await store.park(newPending(), NOW);

    expect(await admin.zcard(budget)).toBe(2);
  });

  it('keeps issuers on one Redis apart', async () => {
    const nonce = unique();
    const authorization = newAuthorization({ grant: { nonce } });
    await store.create(authorization, NOW);
    const options = { url: server.url, issuer: `${ISSUER}/b`, maxPending: 10 };
    const neighbour = await openRedisStore(options);

    expect(await neighbour.find(authorization.id, NOW)).toBeUndefined();
    expect(await neighbour.create(authorization, NOW)).toBe('created');
    await neighbour.close();
  });

  it('stays within 800 bytes for a live authorization with its nonce', async () => {
    const { id } = await createGranted(store, { grant: { nonce: unique() } });
    const [nonce = ''] = await admin.keys('*:n:*');

    const bytes = await Promise.all([
      admin.memory('USAGE', await recordOf(id)),
      admin.memory('USAGE', nonce),
    ]);

    expect(Number(bytes[0]) + Number(bytes[1])).toBeLessThan(800);
  });
});

describe('Redis store: what was not written by us', () => {
  const FOREIGN: ReadonlyArray<readonly [string, (key: string) => Promise<unknown>]> = [
    ['a list', async (key) => [await admin.del(key), await admin.rpush(key, 'a')]],
    ['an empty text', (key) => admin.set(key, '', 'KEEPTTL')],
    ['a text of lines', (key) => admin.set(key, '1g\n'.repeat(20), 'KEEPTTL')],
    ['ten megabytes', (key) => admin.set(key, 'x'.repeat(10_000_000), 'KEEPTTL')],
    ['a newer version', async (key) => replace(key, /^1/, '2')],
    ['half a record', async (key) => replace(key, /.{40}$/s, '')],
    ['a grant of another shape', async (key) => replace(key, /\{.*$/s, '{"s":1,"__proto__":{}}')],
    ['a life that is no number', async (key) => replace(key, /\n1700000300\n/, '\nsoon\n')],
  ];

  async function replace(key: string, from: RegExp, to: string) {
    const record = (await admin.get(key)) ?? '';
    await admin.set(key, record.replace(from, to), 'KEEPTTL');
  }

  for (const [name, poison] of FOREIGN) {
    it(`is an unknown authorization when it is ${name}, and harms no other`, async () => {
      const { id, code } = await createGranted(store);
      const healthy = await createGranted(store);
      await poison(await recordOf(id));

      expect(await store.find(id, NOW)).toBeUndefined();
      expect(await store.findPending(id, code.hash, NOW)).toBeUndefined();
      expect(await store.approve(code.hash, newAuthorization({ id }), NOW)).toBe('unknown');
      expect(await store.discard(id, code.hash, NOW)).toBe(false);
      expect(await store.rotate(id, token(1), EXPECTED, toNext(1))).toEqual({ kind: 'unknown' });
      expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toEqual({
        kind: 'unknown',
      });
      await store.revoke(id);
      expect(await store.find(healthy.id, NOW)).toBeDefined();
    });
  }

  for (const [name, to] of [
    ['a text', '"j":"sign_in"}'],
    ['nothing', '"j":null}'],
    ['without its beginning', '"j":{"e":["sign_in"]}}'],
    ['with a time that is none', '"j":{"f":1,"t":"1","e":[]}}'],
    ['without its errands', '"j":{"f":1}}'],
  ] as const) {
    it(`is an unknown request when its journey is ${name}, not one that nobody was sent away for`, async () => {
      const { request } = newPending();
      const pending = newPending({ request: { ...request, journey: { since: NOW, errands: [] } } });
      await store.park(pending, NOW);
      await replace(await recordOf(pending.id), /"j":\{[^}]*\}\}/, to);

      expect(await admin.get(await recordOf(pending.id))).toContain(to);
      expect(await store.findPending(pending.id, pending.hash, NOW)).toBeUndefined();
      await store.discard(pending.id, pending.hash, NOW);
    });
  }

  it('is left alone when a newer version wrote it', async () => {
    const { id, code } = await createRedeemed(store);
    await replace(await recordOf(id), /^1/, '2');

    await store.redeem(id, code.hash, EXPECTED, newRedemption());

    expect(await admin.get(await recordOf(id))).toMatch(/^2r\n/);
  });

  it('is an unknown consent, or a seal that is not there', async () => {
    await store.keepConsent(GRANT.subject, CLIENT, { scope: [], grantedAt: NOW }, 60);
    const [consent = ''] = await admin.keys('*:c:*');
    await admin.set(consent, '{"o":');
    const { id } = await createRedeemed(store);
    await store.rotate(id, token(1), EXPECTED, toNext(1));
    const [seal = ''] = await admin.keys('*:s:*');
    await admin.del(seal);
    await admin.rpush(seal, 'a');

    expect(await store.findConsent(GRANT.subject, CLIENT)).toBeUndefined();
    expect(await store.rotate(id, token(1), EXPECTED, toNext(1))).toEqual({ kind: 'unknown' });
    expect(await store.rotate(id, token(2), EXPECTED, toNext(2))).toMatchObject({ kind: 'fresh' });
  });

  it('cannot come in through a value with a line break', async () => {
    const injected = newAuthorization({ grant: { redirectUri: 'https://a.example/\nforged' } });

    await expect(store.create(injected, NOW)).rejects.toThrow('line break');
    expect(await admin.keys('*')).toEqual([]);
  });
});

describe('Redis store: rights', () => {
  it('needs no more than docs/storage.md says', async () => {
    const page = await readFile(new URL('../../docs/storage.md', import.meta.url), 'utf8');
    const [, rule = ''] = /^ACL SETUSER (asteroid .+)$/m.exec(page) ?? [];
    await admin.call('ACL', 'SETUSER', ...rule.replace('PASSWORD', 'secret').split(' '));
    await admin.script('FLUSH');
    await admin.acl('LOG', 'RESET');
    const url = `redis://asteroid:secret@127.0.0.1:${server.port}`;
    const limited = await openRedisStore({ url, issuer: ISSUER, maxPending: 10 });

    await useEveryVerb(limited);
    await limited.close();

    const log = await admin.acl('LOG');
    expect(log).toEqual([]);
  });
});

describe('Redis store: an id that exists already', () => {
  it('is refused, and keeps what it names', async () => {
    const first = await createGranted(store);

    const second = newAuthorization({ id: first.id, grant: { nonce: unique() } });

    await expect(store.create(second, NOW)).rejects.toThrow('exists already');
    await expect(store.park(newPending({ id: first.id }), NOW)).rejects.toThrow('exists already');
    expect(await store.redeem(first.id, first.code.hash, EXPECTED, newRedemption())).toMatchObject({
      kind: 'fresh',
    });
    expect(await admin.keys('*:n:*')).toEqual([]);
    expect(await admin.zcard((await admin.keys('*:pending'))[0] ?? 'none')).toBe(0);
  });
});

describe('Redis store: one of two keys', () => {
  it('takes two approvals of one request for one, in whatever order they reach the two keys', async () => {
    const pending = newPending();
    await store.park(pending, NOW);
    const nonce = unique();
    const granted = newAuthorization({ id: pending.id, grant: { nonce } });
    // The other one was first at the nonce, and will be second at the record.
    const { id } = await createGranted(store, { grant: { nonce } });
    const [key = ''] = await admin.keys('*:n:*');
    await admin.set(
      key,
      ((await admin.get(key)) ?? '').replace(id.slice(-8), pending.id.slice(-8)),
    );

    expect(await store.approve(pending.hash, granted, NOW)).toBe('created');
    expect(await store.approve(pending.hash, granted, NOW)).toBe('unknown');
    expect(await store.create(newAuthorization({ grant: { nonce } }), NOW)).toBe('nonce_used');
  });

  /** A store that Redis lets write to all keys but those of one kind. */
  const openWithout = (kind: string): Promise<Store> => {
    const kinds = ['a:', 's:', 'n:', 'o:', 'c:', 'g:', 'i:', 'e:', 'pending'];
    const others = kinds.filter((one) => one.replace(':', '') !== kind);
    return openLimited({ server, admin, issuer: ISSUER, kinds: others });
  };

  it('takes the record back when the nonce could not be marked', async () => {
    const limited = await openWithout('n');
    const refused = newAuthorization({ grant: { nonce: unique() } });

    await expect(limited.create(refused, NOW)).rejects.toMatchObject({ name: 'Unavailable' });

    expect(await store.find(refused.id, NOW)).toBeUndefined();
    expect(await store.create(refused, NOW)).toBe('created');
    await limited.close();
  });

  it('takes the nonce back when the record could not be written', async () => {
    const limited = await openWithout('a');
    const refused = newAuthorization({ grant: { nonce: unique() } });

    await expect(limited.create(refused, NOW)).rejects.toMatchObject({ name: 'Unavailable' });

    expect(await store.create(refused, NOW)).toBe('created');
    await limited.close();
  });

  it('leaves a request to be approved again when the nonce could not be marked', async () => {
    const limited = await openWithout('n');
    const pending = newPending();
    await store.park(pending, NOW);
    const granted = newAuthorization({ id: pending.id, grant: { nonce: unique() } });

    const approved = limited.approve(pending.hash, granted, NOW);

    await expect(approved).rejects.toMatchObject({ name: 'Unavailable' });
    expect(await store.approve(pending.hash, granted, NOW)).toBe('created');
    await limited.close();
  });

  for (const kind of ['g', 'i', 'e']) {
    it(`makes no code when it cannot be entered into its indexes, for want of ${kind}`, async () => {
      const limited = await openWithout(kind);
      const refused = newMember(newSid());

      await expect(limited.create(refused, NOW)).rejects.toMatchObject({ name: 'Unavailable' });

      expect(await store.find(refused.id, NOW)).toBeUndefined();
      expect(await admin.keys('*:n:*')).toEqual([]);
      expect(await store.create(refused, NOW)).toBe('created');
      await limited.close();
    });
  }

  it('leaves no member behind when the record could not be written', async () => {
    const limited = await openWithout('a');
    const sid = newSid();

    await expect(limited.create(newMember(sid), NOW)).rejects.toMatchObject({
      name: 'Unavailable',
    });

    expect(await store.endSession(ofAlice(sid), 60)).toEqual([]);
    await limited.close();
  });

  it('makes no code where the key of its session holds something that we did not write', async () => {
    const sid = newSid();
    await store.create(newMember(sid), NOW);
    const [index = ''] = await admin.keys('*:i:*');
    await admin.set(index, 'foreign');
    const refused = newMember(sid);

    await expect(store.create(refused, NOW)).rejects.toMatchObject({ name: 'Unavailable' });

    expect(await store.find(refused.id, NOW)).toBeUndefined();
    expect(await store.endSession(ofAlice(sid), 60)).toEqual([]);
    expect(await store.create(refused, NOW)).toBe('session_ended');
  });

  it('makes no code where the key of the index of its End-User holds something that we did not write', async () => {
    await store.create(newMember(newSid()), NOW);
    const [index = ''] = await admin.keys('*:g:*');
    await admin.set(index, 'foreign');
    const refused = newMember(newSid());

    await expect(store.create(refused, NOW)).rejects.toMatchObject({ name: 'Unavailable' });

    expect(await store.find(refused.id, NOW)).toBeUndefined();
    await admin.del(index);
    expect(await store.create(refused, NOW)).toBe('created');
  });

  it('knows no member in what it did not write', async () => {
    const sid = newSid();
    const member = newMember(sid);
    await store.create(member, NOW);
    const [index = ''] = await admin.keys('*:i:*');
    const later = Date.now() + 60_000;
    for (const text of ['', 'x', '{}', '[]', '["a"]', '["a","b",7,0]', '["a",null,"c",1]']) {
      await admin.zadd(index, later, text);
    }

    expect((await store.endSession(ofAlice(sid), 60)).map(({ id }) => id)).toEqual([member.id]);
  });

  it('keeps the index of a session small, also where clients have long names', async () => {
    const sid = newSid();
    const clientId = toClientId('c0ffee00-0000-4000-8000-000000000000');
    await store.create(
      newMember(sid, { grant: { clientId, subject: toSubject('s'.repeat(60)) } }),
      NOW,
    );
    const [index = ''] = await admin.keys('*:i:*');

    expect(await admin.object('ENCODING', index)).toMatch(/^(listpack|ziplist)$/);
  });

  it('puts nothing aside when the budget could not be counted', async () => {
    const limited = await openWithout('pending');
    const pending = newPending();

    await expect(limited.park(pending, NOW)).rejects.toMatchObject({ name: 'Unavailable' });

    expect(await store.findPending(pending.id, pending.hash, NOW)).toBeUndefined();
    await limited.close();
  });
});

async function recordOf(id: AuthorizationId): Promise<string> {
  const [key] = await admin.keys(`asteroid:*:a:{${id}}`);
  return key ?? 'no such record';
}
