import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import type { RedisStoreOptions } from '../../internal/store/redis/connection/options.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { NewAuthorization, Store } from '../../internal/store/store.ts';
import {
  createGranted,
  createRedeemed,
  EXPECTED,
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
import { findFreePort } from '../support/free-port.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { VERBS } from '../support/verbs.ts';

const DEADLINE_MS = 300;
/** What a loaded machine may add to a deadline. */
const MARGIN_MS = 700;

const cleanups: (() => Promise<unknown> | unknown)[] = [];
let server: RedisServer;
let admin: Redis;
let store: Store;

async function open(different: Partial<RedisStoreOptions> = {}): Promise<Store> {
  const options = { url: server.url, issuer: 'https://issuer.example', maxPending: 100 };
  const opened = await openRedisStore({ ...options, deadlineMs: DEADLINE_MS, ...different });
  cleanups.push(() => opened.close());
  return opened;
}

beforeEach(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
  admin.on('error', () => {});
  store = await open();
  cleanups.push(
    () => admin.disconnect(),
    () => server.kill(),
  );
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function expectUnavailable(call: Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await expect(call).rejects.toBeInstanceOf(Unavailable);
  expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + MARGIN_MS);
}

const untilUp = (of: Store) =>
  expect
    .poll(
      () =>
        of.ping().then(
          () => true,
          () => false,
        ),
      { timeout: 5000 },
    )
    .toBe(true);

describe('Redis store, frozen (F-3, N4, N5)', () => {
  for (const [name, verb] of Object.entries(VERBS)) {
    it(`${name} throws Unavailable within its deadline`, async () => {
      server.pause();

      await expectUnavailable(verb(store));
    });
  }

  it('answers at once when it has been frozen for longer than the deadline', async () => {
    server.pause();
    await expectUnavailable(store.ping());
    await pause(DEADLINE_MS);

    const startedAt = performance.now();
    await expectUnavailable(store.find(newAuthorization().id, NOW));

    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS / 2);
  });

  it('spends nothing when Redis comes to it after the answer was given', async () => {
    const { id, code } = await createGranted(store);
    const refreshed = await createRedeemed(store);
    server.pause();

    await Promise.all([
      expectUnavailable(store.redeem(id, code.hash, EXPECTED, newRedemption())),
      expectUnavailable(store.rotate(refreshed.id, token(1), EXPECTED, toNext(1))),
    ]);
    server.resume();
    await untilUp(store);

    expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
      kind: 'fresh',
    });
    expect((await store.find(refreshed.id, NOW))?.refresh?.hash).toBe('token-1');
    expect(await store.rotate(refreshed.id, token(1), EXPECTED, toNext(1))).toMatchObject({
      kind: 'fresh',
    });
  });

  it('burns no nonce, approves nothing and marks nothing when Redis comes to it late', async () => {
    const pending = newPending();
    await store.park(pending, NOW);
    const created = newAuthorization({ grant: { nonce: unique() } });
    const approved = newAuthorization({ id: pending.id, grant: { nonce: unique() } });
    const discarded = newPending();
    await store.park(discarded, NOW);
    const parked = newPending();
    const jti = unique();
    server.pause();

    await Promise.all([
      expectUnavailable(store.create(created, NOW)),
      expectUnavailable(store.approve(pending.hash, approved, NOW)),
      expectUnavailable(store.discard(discarded.id, discarded.hash, NOW)),
      expectUnavailable(store.park(parked, NOW)),
      expectUnavailable(store.once('jti', jti, 60)),
    ]);
    server.resume();
    await untilUp(store);

    expect(await store.create(created, NOW)).toBe('created');
    expect(await store.approve(pending.hash, approved, NOW)).toBe('created');
    expect(await store.discard(discarded.id, discarded.hash, NOW)).toBe(true);
    expect(await store.findPending(parked.id, parked.hash, NOW)).toBeUndefined();
    expect(await store.once('jti', jti, 60)).toBe(true);
  });

  it('recovers by itself, and says once that it was down and once that it is up', async () => {
    const said: string[] = [];
    const hooks = { onUp: () => said.push('up'), onDown: () => said.push('down') };
    const watched = await open(hooks);
    server.pause();
    await expectUnavailable(watched.ping());
    await pause(3 * DEADLINE_MS);

    server.resume();
    await untilUp(watched);

    expect(said).toEqual(['up', 'down', 'up']);
  });
});

describe('Redis store, restarted (F-1, N6)', () => {
  it('opens while Redis is away, and works as soon as it is there', async () => {
    const port = await findFreePort();
    const early = await open({ url: `redis://127.0.0.1:${port}` });
    await expectUnavailable(early.ping());

    const late = await startRedis([], port);
    cleanups.push(() => late.kill());
    await untilUp(early);

    expect(await early.create(newAuthorization(), NOW)).toBe('created');
  });

  it('answers Unavailable while Redis is gone, and comes back without being told', async () => {
    await server.kill();
    for (const verb of Object.values(VERBS)) await expectUnavailable(verb(store));

    const revived = await startRedis([], server.port);
    cleanups.push(() => revived.kill());
    await untilUp(store);

    const { id, code } = await createGranted(store);
    expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
      kind: 'fresh',
    });
  });

  it('loads its scripts again when Redis has forgotten them (F-15)', async () => {
    const { id, code } = await createGranted(store);
    await admin.script('FLUSH');

    const redeemed = await store.redeem(id, code.hash, EXPECTED, newRedemption());

    expect(redeemed).toMatchObject({ kind: 'fresh' });
    expect(await store.rotate(id, token(1), EXPECTED, toNext(1))).toMatchObject({ kind: 'fresh' });
  });
});

/** A creation is not asked for again by the store; a browser that reloads the page does. */
async function createPatiently(of: Store): Promise<NewAuthorization> {
  for (;;) {
    const authorization = await createGranted(of).catch(() => undefined);
    if (authorization !== undefined) return authorization;
  }
}

/** Redis knows the scripts, and nothing is under way: the next answer is that of the next verb. */
async function warmUp(of: Store): Promise<void> {
  const { id } = await createRedeemed(store);
  await store.rotate(id, token(1), EXPECTED, toNext(1));
  await store.once('jti', unique(), 60);
  await of.ping();
}

describe('Redis store, cut off (F-5, F-19, N4)', () => {
  it('asks for a spend again when its answer was lost, and gets the same one', async () => {
    const proxy = await startTcpProxy(server.port);
    const near = await open({ url: `redis://127.0.0.1:${proxy.port}`, deadlineMs: 2000 });
    cleanups.push(() => proxy.stop());
    const { id, code, grant } = await createGranted(store);
    await warmUp(near);

    proxy.cutNextAnswer();
    const redeemed = await near.redeem(id, code.hash, EXPECTED, newRedemption());
    proxy.cutNextAnswer();
    const rotated = await near.rotate(id, token(1), EXPECTED, toNext(1, { grace: 0 }));

    expect(proxy.cuts()).toBe(2);
    expect(redeemed).toEqual({ kind: 'fresh', grant, refreshExpiresAt: NOW + 1000 });
    expect(rotated).toEqual({ kind: 'fresh', grant, refreshExpiresAt: NOW + 1000 });
    expect((await store.find(id, NOW))?.refresh?.hash).toBe('token-2');

    proxy.cutNextAnswer();
    await near.revoke(id);
    expect(await store.find(id, NOW)).toBeUndefined();
  });

  it('does not ask again for anything else', async () => {
    const proxy = await startTcpProxy(server.port);
    const near = await open({ url: `redis://127.0.0.1:${proxy.port}`, deadlineMs: 2000 });
    cleanups.push(() => proxy.stop());
    const jti = unique();
    await warmUp(near);

    proxy.cutNextAnswer();

    await expect(near.once('jti', jti, 60)).rejects.toBeInstanceOf(Unavailable);
    expect(await near.once('jti', jti, 60)).toBe(false);
    expect(proxy.cuts()).toBe(1);
  });

  it('keeps a connection that is good, though the one before it was lost as it began', async () => {
    const proxy = await startTcpProxy(server.port);
    cleanups.push(() => proxy.stop());
    const downs: string[] = [];
    const url = `redis://127.0.0.1:${proxy.port}`;
    const near = await open({ url, deadlineMs: 2000, onDown: (reason) => void downs.push(reason) });
    for (let answers = 0; answers < 4; answers += 1) {
      proxy.cutAnswerAfter(answers);
      proxy.cutAll();
      await expect.poll(() => proxy.cuts()).toBe(answers + 1);
      await untilUp(near);
      const told = downs.length;

      await pause(400);

      expect(downs).toHaveLength(told);
    }
  });

  it('loses no spend while all its connections are killed again and again', async () => {
    const patient = await open({ deadlineMs: 2000 });
    const kill = () => void admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
    const killing = setInterval(kill, 50);
    cleanups.unshift(() => clearInterval(killing));

    for (let round = 0; round < 40; round += 1) {
      const { id, code } = await createPatiently(patient);
      const redeemed = await patient.redeem(id, code.hash, EXPECTED, newRedemption());
      expect(redeemed).toMatchObject({ kind: 'fresh' });
      await pause(5);
    }
  });
});

describe('Redis store, out of memory (F-10, N3)', () => {
  it('issues nothing, and still finds, revokes and ends by replay', async () => {
    const [found, revoked, replayed, granted] = [
      await createRedeemed(store),
      await createRedeemed(store),
      await createRedeemed(store),
      await createGranted(store),
    ];
    await store.rotate(replayed.id, token(1), EXPECTED, toNext(1));
    const sid = newSid();
    const member = newMember(sid);
    await store.create(member, NOW);
    await admin.config('SET', 'maxmemory', '1');

    await expectUnavailable(VERBS.create(store));
    expect((await store.endSession(ofAlice(sid), 60)).map(({ id }) => id)).toEqual([member.id]);
    await store.forgetSession(ofAlice(sid));
    expect(await store.endSession(ofAlice(sid), 60)).toEqual([]);
    await expectUnavailable(VERBS.once(store));
    await expectUnavailable(VERBS.park(store));
    await expectUnavailable(store.redeem(granted.id, granted.code.hash, EXPECTED, newRedemption()));
    await expectUnavailable(store.rotate(found.id, token(1), EXPECTED, toNext(1)));
    await store.revoke(revoked.id);
    const replay = await store.redeem(replayed.id, replayed.code.hash, EXPECTED, newRedemption());

    expect(replay).toEqual({ kind: 'replayed' });
    expect(await store.find(replayed.id, NOW)).toBeUndefined();
    expect(await store.find(revoked.id, NOW)).toBeUndefined();
    expect((await store.find(found.id, NOW))?.refresh?.hash).toBe('token-1');
    await expect(store.ping()).resolves.toBeUndefined();

    await admin.config('SET', 'maxmemory', '0');
    expect(
      await store.redeem(granted.id, granted.code.hash, EXPECTED, newRedemption()),
    ).toMatchObject({ kind: 'fresh' });
    expect(await store.rotate(found.id, token(1), EXPECTED, toNext(1))).toMatchObject({
      kind: 'fresh',
    });
  });

  it('warns when Redis may evict, also where CONFIG is forbidden, and not when it may not', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: string) => void warnings.push(warning);
    await open({ onWarning });
    await pause(50);
    expect(warnings).toEqual([]);

    await admin.config('SET', 'maxmemory-policy', 'volatile-lru');
    await admin.acl('SETUSER', 'limited', 'reset', 'on', '>secret', '+@all', '-config', '~*');
    await open({ onWarning });
    await open({ onWarning, username: 'limited', password: 'secret' });

    await expect.poll(() => warnings).toHaveLength(2);
    for (const warning of warnings) expect(warning).toContain('volatile-lru');
  });
});

describe('Redis store, refused', () => {
  it('is not there while it talks to a replica, and is again when that is promoted (F-7)', async () => {
    const { id } = await createRedeemed(store);
    await admin.replicaof('127.0.0.1', String(await findFreePort()));

    await expectUnavailable(store.rotate(id, token(1), EXPECTED, toNext(1)));
    await expectUnavailable(store.ping());

    await admin.replicaof('NO', 'ONE');
    await untilUp(store);
    expect(await store.rotate(id, token(1), EXPECTED, toNext(1))).toMatchObject({ kind: 'fresh' });
  });

  it('repeats no password when the password is wrong, and recovers when it is right (F-16)', async () => {
    const [wrong, right] = [`wrong-${unique()}`, `right-${unique()}`];
    await admin.config('SET', 'requirepass', right);
    const reasons: string[] = [];
    const url = `redis://default:${wrong}@127.0.0.1:${server.port}`;
    const refused = await open({ url, onDown: (reason) => void reasons.push(reason) });

    const error: unknown = await refused.ping().catch((reason: unknown) => reason);

    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/^WRONGPASS/);
    expect(error).toBeInstanceOf(Unavailable);
    expect(everythingIn(error)).not.toContain(wrong);

    await admin.config('SET', 'requirepass', wrong);
    await untilUp(refused);
  });

  it('says that Redis is back and refuses the password, once, after it said that it is away', async () => {
    const { port } = server;
    const reasons: string[] = [];
    const known = await open({ onDown: (reason) => void reasons.push(reason) });
    await server.kill();
    await expect.poll(() => reasons.length).toBe(1);

    const other = await startRedis(['--requirepass', 'other'], port);
    cleanups.push(() => other.kill());
    await expect.poll(() => reasons.length).toBe(2);
    for (let time = 0; time < 5; time += 1) await expectUnavailable(known.ping());

    expect(reasons).toHaveLength(2);
    expect(reasons[1]).toMatch(/^NOAUTH/);
  });

  it('keeps what it sent out of its errors', async () => {
    const secret = unique();
    const grant = { snapshot: { note: secret }, nonce: unique() };
    await admin.config('SET', 'maxmemory', '1');

    const error: unknown = await store
      .create(newAuthorization({ grant }), NOW)
      .catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(Unavailable);
    expect(everythingIn(error)).toContain('OOM');
    expect(everythingIn(error)).not.toContain(secret);
  });

  it('says that it refuses, once for each way, while it answers: out of memory, a command not allowed', async () => {
    const [user, secret] = [unique(), unique()];
    const said: string[] = [];
    await admin.call('ACL', 'SETUSER', user, 'on', '>pw', '~*', '+@all');
    const url = `redis://${user}:pw@127.0.0.1:${server.port}`;
    const own = await open({
      ...{ url, onRefused: (reason) => void said.push(reason) },
      onDown: () => void said.push('down'),
    });
    const attempt = () => own.create(newAuthorization({ grant: { nonce: secret } }), NOW);

    await attempt();
    expect(said).toEqual([]);

    await admin.config('SET', 'maxmemory', '1');
    await expectUnavailable(attempt());
    await expectUnavailable(attempt());
    await admin.config('SET', 'maxmemory', '0');
    await admin.call('ACL', 'SETUSER', user, '-evalsha', '-eval');
    await expectUnavailable(attempt());

    expect(said.map((reason) => reason.split(' ')[0])).toEqual(['OOM', 'NOPERM']);
    expect(said.join()).not.toContain(secret);
  });

  it('says why when a connection cannot even be attempted, and goes on trying', async () => {
    const reasons: string[] = [];
    const onDown = (reason: string) => void reasons.push(reason);
    const url = `rediss://127.0.0.1:${server.port}`;

    const broken = await open({ url, tls: { cert: 'no PEM', key: 'no PEM' }, onDown });

    await expectUnavailable(broken.ping());
    expect(reasons).toEqual(['ERR_OSSL_PEM_NO_START_LINE']);
  });

  it('refuses a URL it does not understand, without repeating it', async () => {
    const opened = openRedisStore({ url: 'http://u:hunter2@h', issuer: 'i', maxPending: 1 });

    await expect(opened).rejects.toThrow(/redis:\/\//);
    await expect(opened).rejects.not.toThrow(/hunter2/);
  });

  it('answers Unavailable after it was closed, and closes while Redis is frozen', async () => {
    server.pause();
    const startedAt = performance.now();

    await store.close();

    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + MARGIN_MS);
    await expectUnavailable(store.find(newAuthorization().id, NOW));
  });
});

/** An error with its causes and everything that hangs on them, as a careless logger would print it. */
function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? '';
  const own = Object.getOwnPropertyNames(error).map((name) => Reflect.get(error, name));
  return own
    .map((value) => (value instanceof Error ? everythingIn(value) : JSON.stringify(value)))
    .join('\n');
}
