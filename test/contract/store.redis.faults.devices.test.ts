import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { toClientId } from '../../internal/protocol/ids.ts';
import type { NewDeviceRequest } from '../../internal/store/device.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Store } from '../../internal/store/store.ts';
import { NOW, newClientRecord, newSid, ofAlice, token, unique } from '../support/authorizations.ts';
import { DENIED, newDevice, newDeviceGrant, parkDevice, poll } from '../support/devices.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
let server: RedisServer;
let admin: Redis;
let store: Store;

async function open(url: string, deadlineMs: number): Promise<Store> {
  const options = { url, issuer: 'https://issuer.example', maxPending: 100, deadlineMs };
  const opened = await openRedisStore(options);
  cleanups.push(() => opened.close());
  return opened;
}

beforeEach(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
  admin.on('error', () => {});
  store = await open(server.url, 1000);
  cleanups.push(
    () => admin.disconnect(),
    () => server.kill(),
  );
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const untilUp = () =>
  expect
    .poll(
      () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true);

async function grantDevice(): Promise<NewDeviceRequest> {
  const device = await parkDevice(store);
  await store.decideDevice(device.id, newDeviceGrant(), NOW);
  return device;
}

async function createClient(ttl = 3600) {
  const [id, record] = [toClientId(unique()), newClientRecord()];
  await store.createClient(id, record, ttl);
  return { id, record };
}

const expectUnavailable = (call: Promise<unknown>) =>
  expect(call).rejects.toBeInstanceOf(Unavailable);

describe('Redis store, frozen: devices and clients', () => {
  it('decides, spends, counts and writes nothing when Redis comes to it late', async () => {
    const [granted, denied, waiting, sessionless] = [
      await parkDevice(store),
      await parkDevice(store),
      await grantDevice(),
      await parkDevice(store),
    ];
    const [parked, created, client] = [newDevice(), toClientId(unique()), await createClient()];
    const sid = newSid();
    const membership = { offline: false, until: NOW + 600 };
    const inSession = newDeviceGrant({ membership, grant: { sid } });
    const next = newClientRecord();
    server.pause();

    await Promise.all([
      expectUnavailable(store.decideDevice(granted.id, newDeviceGrant(), NOW)),
      expectUnavailable(store.decideDevice(denied.id, DENIED, NOW)),
      expectUnavailable(store.decideDevice(sessionless.id, inSession, NOW)),
      expectUnavailable(poll(store, waiting)),
      expectUnavailable(store.parkDevice(parked, NOW)),
      expectUnavailable(store.count('guess', 'key', 60)),
      expectUnavailable(store.createClient(created, newClientRecord(), 60)),
      expectUnavailable(store.replaceClient(client.id, client.record.version, next, 60)),
    ]);
    server.resume();
    await untilUp();

    expect(await store.endSession(ofAlice(sid), 60)).toEqual([]);
    expect(await poll(store, granted)).toEqual({ kind: 'pending' });
    expect(await poll(store, denied)).toEqual({ kind: 'pending' });
    expect(await poll(store, waiting)).toMatchObject({ kind: 'fresh' });
    expect(await poll(store, parked)).toEqual({ kind: 'unknown' });
    expect(await store.findDevice(parked.userCodeHash, NOW)).toBeUndefined();
    expect(await store.count('guess', 'key', 60)).toBe(1);
    expect(await store.findClient(created)).toBeUndefined();
    expect(await store.findClient(client.id)).toEqual(client.record);
    const [budget = ''] = await admin.keys('*:pending');
    expect(await admin.zcard(budget)).toBe(3);
    const [clients = ''] = await admin.keys('*:clients');
    expect(await admin.zcard(clients)).toBe(1);
  });
});

describe('Redis store, cut off: devices and clients', () => {
  it('asks again for a poll and a replacement whose answer was lost, and gets the same one', async () => {
    const proxy = await startTcpProxy(server.port);
    cleanups.push(() => proxy.stop());
    const near = await open(`redis://127.0.0.1:${proxy.port}`, 2000);
    const [device, waiting, client] = [
      await grantDevice(),
      await parkDevice(store),
      await createClient(),
    ];
    const next = newClientRecord();
    // Redis knows the scripts, and nothing is under way.
    await poll(store, await grantDevice());
    await store.replaceClient(client.id, 'another', newClientRecord(), 60);
    await near.ping();

    proxy.cutNextAnswer();
    const redeemed = await poll(near, device, { refresh: { ...token(1), binding: 'key' } });
    proxy.cutNextAnswer();
    const polled = await poll(near, waiting);
    proxy.cutNextAnswer();
    const replaced = await near.replaceClient(client.id, client.record.version, next, 60);

    expect(proxy.cuts()).toBe(3);
    expect(redeemed).toMatchObject({ kind: 'fresh', refreshExpiresAt: NOW + 1000 });
    expect(await store.find(device.id, NOW)).toMatchObject({ refresh: { binding: 'key' } });
    expect(polled).toEqual({ kind: 'pending' });
    expect(replaced).toBe('replaced');
    expect(await store.findClient(client.id)).toEqual(next);
  });

  it('does not ask again for what is not idempotent', async () => {
    const proxy = await startTcpProxy(server.port);
    cleanups.push(() => proxy.stop());
    const near = await open(`redis://127.0.0.1:${proxy.port}`, 2000);
    await store.count('guess', 'warm', 60);
    await near.ping();

    proxy.cutNextAnswer();

    await expectUnavailable(near.count('guess', 'key', 60));
    expect(await store.count('guess', 'key', 60)).toBe(2);
  });
});

describe('Redis store, out of memory: devices and clients', () => {
  it('grants, counts and registers nothing, and still finds, removes and ends by replay', async () => {
    const [waiting, granted, spent, client, removed] = [
      await parkDevice(store),
      await grantDevice(),
      await grantDevice(),
      await createClient(),
      await createClient(),
    ];
    await poll(store, spent);
    const keys = (await admin.keys('*')).sort();
    await admin.config('SET', 'maxmemory', '1');

    await expectUnavailable(store.parkDevice(newDevice(), NOW));
    await expectUnavailable(poll(store, waiting));
    await expectUnavailable(poll(store, granted));
    await expectUnavailable(store.decideDevice(waiting.id, newDeviceGrant(), NOW));
    await expectUnavailable(store.decideDevice(waiting.id, DENIED, NOW));
    await expectUnavailable(store.count('guess', 'key', 60));
    await expectUnavailable(store.createClient(toClientId(unique()), newClientRecord(), 60));
    const { id, record } = client;
    await expectUnavailable(store.replaceClient(id, record.version, newClientRecord(), 60));
    expect((await admin.keys('*')).sort()).toEqual(keys);
    expect(await store.findDevice(waiting.userCodeHash, NOW)).toBeDefined();
    expect(await store.findClient(id)).toEqual(record);
    expect(await store.removeClient(removed.id)).toBe(true);
    expect(await poll(store, spent)).toEqual({ kind: 'replayed' });
    expect(await store.find(spent.id, NOW)).toBeUndefined();

    await admin.config('SET', 'maxmemory', '0');
    expect(await poll(store, waiting)).toEqual({ kind: 'pending' });
    expect(await poll(store, granted)).toMatchObject({ kind: 'fresh' });
    expect(await store.decideDevice(waiting.id, newDeviceGrant(), NOW)).toBe('decided');
    expect(await store.count('guess', 'key', 60)).toBe(1);
  });
});
