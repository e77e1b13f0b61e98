import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KeyEvent } from '../../internal/keys/events.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import type { KeyShelf } from '../../internal/store/shelf.ts';
import { createTestClock } from '../support/clock.ts';
import { findFreePort } from '../support/free-port.ts';
import { DAY, START, until } from '../support/keys.ts';
import { startReplicatedRedis } from '../support/redis-replica.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type KeyHouse, startKeyHouse } from '../support/stored-keys.ts';

const typesOf = (events: readonly KeyEvent[]) => events.map(({ type }) => type);
const kidsOf = (keys: readonly { readonly kid: string }[]) => keys.map(({ kid }) => kid);

describe('a Redis that is not there', () => {
  const started: (KeyHouse | RedisServer)[] = [];
  afterEach(async () => {
    for (const one of started.splice(0).reverse()) await one.stop();
  });
  const start = async (port?: number) => {
    const server = await startRedis([], port);
    const house = await startKeyHouse(server);
    started.push(house);
    return house;
  };

  it('when a replica starts: it starts, signs nothing, and does so as soon as Redis answers', async () => {
    const port = await findFreePort();
    const elsewhere = await start();
    const issuer = elsewhere.newIssuer();
    const { keys, events } = await elsewhere.open(issuer, { url: `redis://127.0.0.1:${port}` });
    expect(keys.publicKeys()).toEqual([]);
    await expect(keys.sign('ES256', 'JWT', {})).rejects.toThrow(Unavailable);
    await keys.reload();
    expect(typesOf(events)).toEqual(['keys.not_loaded']);

    await start(port);
    await keys.usable;

    expect(await keys.verify(await keys.sign('ES256', 'JWT', {}))).toBeDefined();
    expect(typesOf(events).filter((type) => type === 'keys.loaded')).toHaveLength(1);
  });

  it('any more: the keys stay, and one that nobody has yet is a 503', async () => {
    const house = await start();
    const { keys, events } = await house.open(house.newIssuer(), { deadlineMs: 200 });
    const token = await keys.sign('ES256', 'JWT', {});

    await house.server.kill();
    await until(() => typesOf(events).includes('keys.reload_failed'));
    await keys.reload();

    expect(await keys.verify(token)).toBeDefined();
    expect(await keys.verify(await keys.sign('ES256', 'JWT', {}))).toBeDefined();
    await expect(keys.sign('RS256', 'JWT', {})).rejects.toThrow(Unavailable);
    expect(typesOf(events).filter((type) => type === 'keys.reload_failed')).toHaveLength(1);
  });

  it('but its replica, whatever the address led to for a moment, is none to read from', async () => {
    const redis = await startReplicatedRedis();
    const house = await startKeyHouse(redis.primary);
    started.push({ stop: redis.stop } as KeyHouse);
    const issuer = house.newIssuer();
    const [a, b] = [await house.open(issuer), await house.open(issuer, { url: redis.url })];
    await redis.caughtUp();
    redis.lead('replica');
    redis.cut();
    await until(() => typesOf(b.events).includes('keys.reload_failed'));
    redis.lead('primary');
    redis.partition();

    const token = await a.keys.sign('ES512', 'JWT', {});

    await until(() => b.keys.publicKeys().length === 2);
    expect(await b.keys.verify(token)).toBeDefined();
    await Promise.all([a.keys.close(), b.keys.close()]);
  });

  it('and comes back empty: it has the keys again from whoever still has them', async () => {
    const house = await start();
    const issuer = house.newIssuer();
    const [a, b] = [await house.open(issuer), await house.open(issuer)];
    const token = await a.keys.sign('ES512', 'JWT', {});
    await b.keys.reload();
    const kids = kidsOf((await house.content(issuer)).keys).sort();
    await house.server.kill();

    await start(house.server.port);
    const restored = () =>
      [...a.events, ...b.events].filter(({ type }) => type === 'keys.restored');
    await until(() => restored().length > 0);

    expect(kidsOf((await house.content(issuer)).keys).sort()).toEqual(kids);
    const fresh = await house.open(issuer);
    expect(await fresh.keys.verify(token)).toBeDefined();
    expect(fresh.keys.publicKeys()).toEqual(a.keys.publicKeys());
    expect(restored()).toHaveLength(1);
  });
});

describe('a Redis that lost the last write', () => {
  let house: KeyHouse;
  beforeAll(async () => {
    house = await startKeyHouse();
  });
  afterAll(() => house.stop());

  it('has the key again that was in it, from whoever read it', async () => {
    const issuer = house.newIssuer();
    const [a, b] = [await house.open(issuer), await house.open(issuer)];
    const before = (await house.text(issuer)) ?? '';
    const token = await a.keys.sign('EdDSA', 'JWT', {});
    await b.keys.verify(token);
    await a.keys.close();

    await house.put(issuer, before);
    await b.keys.reload();

    expect((await house.content(issuer)).keys.map(({ kind }) => kind)).toContain('EdDSA');
    expect(await (await house.open(issuer)).keys.verify(token)).toBeDefined();
  });

  it('and is empty after an outage is watched as long as one that always was', async () => {
    const issuer = house.newIssuer();
    const shelf = await house.openShelf(issuer);
    let isAway = false;
    let hasOutage = true;
    const reads: number[] = [];
    const flaky: KeyShelf = {
      ...shelf,
      async read(known) {
        if (isAway) throw new Unavailable('store', 'read keys');
        reads.push(performance.now());
        isAway = hasOutage;
        return shelf.read(known);
      },
    };
    const { keys, events } = await house.open(issuer, { shelf: flaky, checkEvery: 100 });
    expect(typesOf(events)).toEqual(['keys.not_loaded']);
    await pause(350);
    reads.splice(0);

    [isAway, hasOutage] = [false, false];
    await keys.usable;

    expect(performance.now() - (reads[0] ?? 0)).toBeGreaterThan(290);
    expect(typesOf(events)).toEqual([
      'keys.not_loaded',
      'key.created',
      'key.created',
      'keys.loaded',
    ]);
  });

  it('while it takes no writes: signs on, makes no key, says so once, and recovers', async () => {
    const issuer = house.newIssuer();
    const clock = createTestClock(START);
    const options = { clock, rotateEvery: DAY, publishAhead: 600 };
    const { keys, events } = await house.open(issuer, options);
    const before = await house.text(issuer);
    await house.raw.replicaof('127.0.0.1', '1');
    try {
      clock.advance(DAY);
      await until(() => typesOf(events).includes('keys.rotation_failed'));
      await expect(keys.sign('RS256', 'JWT', {})).rejects.toThrow(Unavailable);
      expect(await keys.verify(await keys.sign('ES256', 'JWT', {}))).toBeDefined();
      expect(keys.publicKeys()).toHaveLength(1);
      expect(await house.text(issuer)).toBe(before);
    } finally {
      await house.raw.replicaof('no', 'one');
    }

    await until(() => keys.publicKeys().length === 2);
    expect(typesOf(events).filter((type) => type === 'keys.rotation_failed')).toHaveLength(1);
  });
});
