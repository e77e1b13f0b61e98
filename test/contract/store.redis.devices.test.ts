import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuthorizationId } from '../../internal/protocol/ids.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Store } from '../../internal/store/store.ts';
import {
  CLIENT,
  createGranted,
  EXPECTED,
  NOW,
  newPending,
  newRedemption,
  newSid,
  ofAlice,
  unique,
} from '../support/authorizations.ts';
import { DENIED, newDevice, newDeviceGrant, parkDevice, poll } from '../support/devices.ts';
import { listEntries, openLimited } from '../support/limited-store.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

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

async function recordOf(id: AuthorizationId): Promise<string> {
  const [key] = await admin.keys(`asteroid:*:a:{${id}}`);
  return key ?? 'no such record';
}

describe('Redis store: what it keeps of a device', () => {
  it('lets a request live as long as its code, and a minute; its user code as long', async () => {
    const { id, userCodeHash } = await parkDevice(store);
    const record = await recordOf(id);
    const [code = ''] = await admin.keys('*:u:*');
    const [budget = ''] = await admin.keys('*:w:*');
    const within = async (key: string, seconds: number) => {
      const life = await admin.pttl(key);
      expect(life).toBeGreaterThan((seconds - 5) * 1000);
      expect(life).toBeLessThanOrEqual(seconds * 1000);
    };

    await within(record, 660);
    await within(code, 600);
    await within(budget, 600);
    await poll(store, { id, hash: unique() });
    await within(record, 660);
    expect(await admin.get(code)).toBe(id);
    expect(code).not.toContain(userCodeHash);
  });

  it('keeps that life through polls, and gives it to what was decided', async () => {
    const [device, denied] = [await parkDevice(store), await parkDevice(store)];
    const lifeOf = async (id: AuthorizationId) => Math.round(await admin.pttl(await recordOf(id)));

    await poll(store, device, { now: NOW + 100 });
    expect(await lifeOf(device.id)).toBeLessThanOrEqual(560_000);
    expect(await lifeOf(device.id)).toBeGreaterThan(550_000);
    await store.decideDevice(device.id, newDeviceGrant(), NOW + 200);
    await store.decideDevice(denied.id, DENIED, NOW + 300);

    expect(await lifeOf(device.id)).toBeLessThanOrEqual(460_000);
    expect(await lifeOf(device.id)).toBeGreaterThan(450_000);
    expect(await lifeOf(denied.id)).toBeLessThanOrEqual(360_000);
    expect(await lifeOf(denied.id)).toBeGreaterThan(350_000);
  });

  it('keeps nothing of what was refused but what tells its device, and gives its places back', async () => {
    const request = { params: [['scope', 'a-scope']] as const, parkedAt: NOW };
    const { id, userCodeHash } = await parkDevice(store, { request });
    const before = await admin.get(await recordOf(id));

    await store.decideDevice(id, DENIED, NOW);

    const after = await admin.get(await recordOf(id));
    expect(before).toContain('a-scope');
    expect(before).toContain(userCodeHash);
    expect(after).not.toContain('a-scope');
    expect(after).not.toContain(userCodeHash);
    await expect.poll(() => admin.keys('*')).toEqual([await recordOf(id)]);
  });

  it('keeps no request and no user code beside what was granted', async () => {
    const request = { params: [['scope', 'a-scope']] as const, parkedAt: NOW };
    const { id, userCodeHash } = await parkDevice(store, { request });

    await store.decideDevice(id, newDeviceGrant(), NOW);

    expect(await admin.get(await recordOf(id))).not.toContain('a-scope');
    expect(await admin.get(await recordOf(id))).not.toContain(userCodeHash);
    await expect.poll(() => admin.keys('*')).toEqual([await recordOf(id)]);
  });
});

describe('Redis store: what was not written by us, of a device', () => {
  const FOREIGN: ReadonlyArray<readonly [string, (key: string) => Promise<unknown>]> = [
    ['a list', async (key) => [await admin.del(key), await admin.rpush(key, 'a')]],
    ['an empty text', (key) => admin.set(key, '', 'KEEPTTL')],
    ['a text of lines', (key) => admin.set(key, '1d\n'.repeat(20), 'KEEPTTL')],
    ['a newer version', (key) => replace(key, /^1/, '2')],
    ['half a record', (key) => replace(key, /^(.{20}).*$/s, '$1')],
    ['an expiry that is none', (key) => replace(key, /\n1700000600\n/, '\nsoon\n')],
    ['an interval that is none', (key) => replace(key, /\n5\n/, '\noften\n')],
  ];

  async function replace(key: string, from: RegExp, to: string) {
    const record = (await admin.get(key)) ?? '';
    expect(record).toMatch(from);
    await admin.set(key, record.replace(from, to), 'KEEPTTL');
  }

  for (const [name, poison] of FOREIGN) {
    it(`is an unknown request when it is ${name}, and harms no other`, async () => {
      const [device, healthy] = [await parkDevice(store), await parkDevice(store)];
      await poison(await recordOf(device.id));

      expect(await poll(store, device)).toEqual({ kind: 'unknown' });
      expect(await store.decideDevice(device.id, newDeviceGrant(), NOW)).toBe('unknown');
      expect(await store.find(device.id, NOW)).toBeUndefined();
      expect(await poll(store, healthy)).toEqual({ kind: 'pending' });
    });
  }

  it('is no request behind a user code when it is of another shape', async () => {
    for (const [from, to] of [
      [/\{.*$/s, '{"p":1}'],
      [/\n\{.*$/s, ''],
      [/^1/, '2'],
      [/^1d/, '1x'],
    ] as const) {
      const { id, userCodeHash } = await parkDevice(store);
      await replace(await recordOf(id), from, to);

      expect(await store.findDevice(userCodeHash, NOW)).toBeUndefined();
    }
    await admin.flushall();
    const { userCodeHash } = await parkDevice(store);
    const [code = ''] = await admin.keys('*:u:*');
    await admin.del(code);
    await admin.rpush(code, 'a');
    expect(await store.findDevice(userCodeHash, NOW)).toBeUndefined();
  });

  it('leads to no other request: a record knows its own user code', async () => {
    const [device, other] = [await parkDevice(store), newDevice()];
    const [code = ''] = await admin.keys('*:u:*');
    await store.parkDevice(other, NOW);
    await admin.set(code, other.id);

    expect(await store.findDevice(device.userCodeHash, NOW)).toBeUndefined();
    expect(await store.findDevice(other.userCodeHash, NOW)).toMatchObject({ id: other.id });
  });

  for (const [from, to] of [
    ['"k":"key"', '"k":1'],
    ['"k":"key"', '"k":null'],
    ['"c":"client"', '"c":["client"]'],
  ] as const) {
    it(`is an unknown request with ${to}, not one that anybody pushed`, async () => {
      const { request } = newPending();
      const pushed = { ...request, clientId: CLIENT, jkt: 'key' };
      const pending = newPending({ request: pushed });
      await store.park(pending, NOW);
      await replace(await recordOf(pending.id), new RegExp(from), to);

      expect(await store.findPending(pending.id, pending.hash, NOW)).toBeUndefined();
    });
  }

  for (const details of ['{"type":"a"}', '[1]', '[null]', '[{}]', '[{"type":1}]', 'null']) {
    it(`is an unknown authorization with ${details} for details`, async () => {
      const authorizationDetails = [{ type: 'payment' }];
      const { id } = await createGranted(store, { grant: { authorizationDetails } });
      await replace(await recordOf(id), /\[\{"type":"payment"\}\]/, details);

      expect(await store.find(id, NOW)).toBeUndefined();
    });
  }

  it('cannot come in through a value with a line break', async () => {
    const broken = newDevice({ hash: 'a\nb' });
    const bound = newRedemption({ refresh: { family: 'f', hash: 'h', binding: 'a\nb' } });
    const spaced = newRedemption({ refresh: { family: 'f g', hash: 'h', binding: undefined } });
    const { id, code } = await createGranted(store);
    const device = await parkDevice(store);

    await expect(store.parkDevice(broken, NOW)).rejects.toThrow('line break');
    await expect(store.redeem(id, code.hash, EXPECTED, bound)).rejects.toThrow('line break');
    await expect(store.redeem(id, code.hash, EXPECTED, spaced)).rejects.toThrow('a space');
    const grant = { jkt: 'a\nb' };
    const decided = store.decideDevice(device.id, newDeviceGrant({ grant }), NOW);
    await expect(decided).rejects.toThrow();
    expect(await poll(store, device)).toEqual({ kind: 'pending' });
    expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
      kind: 'fresh',
    });
  });

  it('is no count: nobody gets a guess for free', async () => {
    await store.count('guess', 'key', 60);
    const [tally = ''] = await admin.keys('*:t:*');
    for (const value of ['x', '1.5', '']) {
      await admin.set(tally, value);
      await expect(store.count('guess', 'key', 60)).rejects.toMatchObject({ name: 'Unavailable' });
    }
    await admin.del(tally);
    await admin.rpush(tally, 'a');
    await expect(store.count('guess', 'key', 60)).rejects.toMatchObject({ name: 'Unavailable' });
  });
});

describe('Redis store: one of four keys', () => {
  /** A store that Redis lets write to all keys but those of one kind. */
  const openWithout = (kind: string): Promise<Store> => {
    const kinds = ['a:', 's:', 'u:', 'w:', 'g:', 'i:', 'e:', 'pending'].filter(
      (one) => one !== kind,
    );
    return openLimited({ server, admin, issuer: ISSUER, kinds });
  };

  for (const kind of ['a:', 'u:', 'w:', 'pending']) {
    it(`leaves nothing behind when ${kind} could not be written`, async () => {
      const limited = await openWithout(kind);
      const device = newDevice({ perClient: 1 });

      await expect(limited.parkDevice(device, NOW)).rejects.toMatchObject({ name: 'Unavailable' });

      expect(await listEntries(admin)).toEqual([]);
      expect(await store.parkDevice(device, NOW)).toBe('parked');
      await limited.close();
    });
  }

  it('takes everything back when the user code is taken, or a budget full', async () => {
    const { userCodeHash } = await parkDevice(store, { perClient: 2 });
    const before = await admin.keys('*');

    expect(await store.parkDevice(newDevice({ userCodeHash, perClient: 2 }), NOW)).toBe(
      'code_taken',
    );
    expect(await store.parkDevice(newDevice({ perClient: 1 }), NOW)).toBe('full');

    expect((await admin.keys('*')).sort()).toEqual(before.sort());
    for (const key of await admin.keys('*:w:*')) expect(await admin.zcard(key)).toBe(1);
    for (const key of await admin.keys('*:pending')) expect(await admin.zcard(key)).toBe(1);
    expect(await store.parkDevice(newDevice({ perClient: 2 }), NOW)).toBe('parked');
  });

  it('tells a full budget from a user code that is taken, and from one of pages', async () => {
    const { userCodeHash } = await parkDevice(store);
    for (let n = 1; n < 10; n += 1) await store.park(newPending(), NOW);

    expect(await store.parkDevice(newDevice({ userCodeHash }), NOW)).toBe('full');
    expect(await store.park(newPending(), NOW)).toBe('full');
  });

  for (const kind of ['g:', 'i:', 'e:']) {
    it(`grants nothing when it cannot be entered into its session, for want of ${kind}`, async () => {
      const limited = await openWithout(kind);
      const device = await parkDevice(store);
      const membership = { offline: false, until: NOW + 600 };
      const decision = newDeviceGrant({ membership, grant: { sid: newSid() } });

      await expect(limited.decideDevice(device.id, decision, NOW)).rejects.toMatchObject({
        name: 'Unavailable',
      });

      expect(await poll(store, device)).toEqual({ kind: 'pending' });
      expect(await store.decideDevice(device.id, decision, NOW)).toBe('decided');
      await limited.close();
    });
  }

  it('keeps the place in a session when nobody knows whether it was granted', async () => {
    const limited = await openWithout('a:');
    const device = await parkDevice(store);
    const sid = newSid();
    const membership = { offline: false, until: NOW + 600 };
    const decision = newDeviceGrant({ membership, grant: { sid } });

    await expect(limited.decideDevice(device.id, decision, NOW)).rejects.toMatchObject({
      name: 'Unavailable',
    });

    expect((await store.endSession(ofAlice(sid), 60)).map(({ id }) => id)).toEqual([device.id]);
    expect(await poll(store, device)).toEqual({ kind: 'pending' });
    await limited.close();
  });
});

describe('Redis store: a record of before anything was bound', () => {
  // The very texts of the version before: what it wrote goes on working, and knows no binding.
  const GRANTED =
    '1g\n\n\n\n\n\n\n1700000300\nhash\n1700000300\n1000\n1700005000\nclient\n' +
    '+https://client.example/callback?a=b\nE9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\n' +
    '{"s":"alice","o":"openid email offline_access","g":1700000000,"c":{"email":"alice@example.com"}}';

  it('is found, redeemed, rotated and replayed', async () => {
    const { id } = await createGranted(store);
    await admin.set(await recordOf(id), GRANTED, 'KEEPTTL');

    expect(await store.find(id, NOW)).toMatchObject({ grant: { clientId: CLIENT } });
    expect((await store.find(id, NOW))?.grant.jkt).toBeUndefined();
    const redemption = newRedemption({ attempt: 'first' });
    const fresh = await store.redeem(id, 'hash', { ...EXPECTED, jkt: 'key' }, redemption);
    expect(fresh).toMatchObject({ kind: 'fresh', refreshExpiresAt: NOW + 1000 });
    // What was written is what that version would have written, but for an attempt that is none of its own: it
    // can be rolled back to.
    expect(await admin.get(await recordOf(id))).toBe(
      GRANTED.replace(
        '1g\n\n\n\n\n\n\n1700000300',
        '1r\nfirst 1700000000\nfamily\ntoken-1\n\n1700001000\n\n1700003600',
      ),
    );
    expect(await store.redeem(id, 'hash', EXPECTED, newRedemption())).toEqual({ kind: 'replayed' });
    expect(await admin.get(await recordOf(id))).toMatch(
      /^1e\n\nfamily\n\n\n\n\n1700003600\nhash\n/,
    );
  });
});
