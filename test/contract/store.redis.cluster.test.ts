import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { type AuthorizationId, toAuthorizationId } from '../../internal/protocol/ids.ts';
import type { RedisStoreOptions } from '../../internal/store/redis/connection/options.ts';
import { toSlot } from '../../internal/store/redis/connection/slots.ts';
import { createKeyNames } from '../../internal/store/redis/keys.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { Store } from '../../internal/store/store.ts';
import {
  createGranted,
  createRedeemed,
  EXPECTED,
  NOW,
  newMember,
  newRedemption,
  newSid,
  ofAlice,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { startLoop, untilReady } from '../support/outage.ts';
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { useEveryVerb, VERBS } from '../support/verbs.ts';

const ISSUER = 'https://issuer.example';
const DEADLINE_MS = 800;

const cleanups: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Parameters<typeof startCluster>[0] = {}): Promise<RedisCluster> {
  const cluster = await startCluster(options);
  cleanups.push(() => cluster.stop());
  return cluster;
}

async function open(
  { nodes }: Pick<RedisCluster, 'nodes'>,
  different: Partial<RedisStoreOptions> = {},
): Promise<Store> {
  const store = await openRedisStore({
    ...{ url: 'redis://', cluster: { nodes }, issuer: ISSUER, maxPending: 100 },
    ...{ deadlineMs: DEADLINE_MS, ...different },
  });
  cleanups.push(() => store.close());
  return store;
}

const names = createKeyNames(ISSUER);
const slotOf = (id: AuthorizationId) => toSlot(names.authorization(id));

function newIdIn(slot: number): AuthorizationId {
  for (;;) {
    const id = toAuthorizationId(unique());
    if (slotOf(id) === slot) return id;
  }
}

const otherThan = ({ primaries }: RedisCluster, server: RedisServer): RedisServer => {
  const other = primaries.find((one) => one !== server);
  if (other === undefined) throw new Error('a cluster of one');
  return other;
};

describe('Redis Cluster: slots that move (F-12)', () => {
  let cluster: RedisCluster;
  let store: Store;
  beforeEach(async () => {
    cluster = await start();
    store = await open(cluster);
  });

  it('spends a code and a refresh token that have moved, each exactly once', async () => {
    const [granted, redeemed] = [await createGranted(store), await createRedeemed(store)];
    for (const { id } of [granted, redeemed]) {
      const from = await cluster.ownerOf(slotOf(id));
      await cluster.moveSlot(slotOf(id), from, otherThan(cluster, from));
    }

    const { id, code } = granted;
    expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
      kind: 'fresh',
    });
    expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toEqual({
      kind: 'replayed',
    });
    expect(await store.rotate(redeemed.id, token(1), EXPECTED, toNext(1))).toMatchObject({
      kind: 'fresh',
    });
  });

  it('finds and makes what is in a slot on its way, there and here (ASK)', async () => {
    const first = await createRedeemed(store);
    const slot = slotOf(first.id);
    const second = await createRedeemed(store, { id: newIdIn(slot) });
    const from = await cluster.ownerOf(slot);
    const move = await cluster.beginMove(slot, from, otherThan(cluster, from));
    await move.carry(1);

    expect(await store.find(first.id, NOW)).toBeDefined();
    expect(await store.find(second.id, NOW)).toBeDefined();
    const third = await createGranted(store, { id: newIdIn(slot) });
    expect(await store.find(third.id, NOW)).toBeDefined();

    await move.settle();
    for (const { id } of [first, second, third]) {
      expect(await store.find(id, NOW)).toBeDefined();
    }
  });

  it('waits where only some keys of an authorization have moved (TRYAGAIN)', async () => {
    const { id } = await createRedeemed(store);
    await store.rotate(id, token(1), EXPECTED, toNext(1));
    const slot = slotOf(id);
    const from = await cluster.ownerOf(slot);
    const move = await cluster.beginMove(slot, from, otherThan(cluster, from));
    await move.carry(1);

    const rotating = store.rotate(id, token(2), EXPECTED, toNext(2));
    await move.settle();

    expect(await rotating).toMatchObject({ kind: 'fresh' });
  });

  it('waits also with what is sent only once', async () => {
    const sid = newSid();
    await store.create(newMember(sid), NOW);
    const slot = toSlot(names.session(ofAlice(sid))[0]);
    const from = await cluster.ownerOf(slot);
    const move = await cluster.beginMove(slot, from, otherThan(cluster, from));

    const creating = store.create(newMember(sid), NOW);
    await move.settle();

    expect(await creating).toBe('created');
    expect(await store.endSession(ofAlice(sid), 60)).toHaveLength(2);
  });

  it('answers 503 where such a slot stays on its way, and nothing was spent', async () => {
    const { id } = await createRedeemed(store);
    const slot = slotOf(id);
    const from = await cluster.ownerOf(slot);
    const move = await cluster.beginMove(slot, from, otherThan(cluster, from));

    await expect(store.rotate(id, token(1), EXPECTED, toNext(1))).rejects.toThrow(Unavailable);
    await move.settle();

    expect(await store.rotate(id, token(1), EXPECTED, toNext(1))).toMatchObject({ kind: 'fresh' });
  });

  it('fails nothing while slots move under sign-ins and refreshes', async () => {
    const spends: string[] = [];
    const loop = startLoop(async () => {
      const { id, code } = await createGranted(store);
      const { kind } = await store.redeem(id, code.hash, EXPECTED, newRedemption());
      const rotated = await store.rotate(id, token(1), EXPECTED, toNext(1));
      spends.push(kind, rotated.kind);
    }, DEADLINE_MS * 3);
    await loop.untilAnswered(5);

    for (let slot = 0; slot < 16_384; slot += 512) {
      const from = await cluster.ownerOf(slot);
      await cluster.moveSlot(slot, from, otherThan(cluster, from));
    }
    await loop.untilAnswered(5);
    await loop.stop();

    expect(loop.counts().unavailable).toBe(0);
    expect(new Set(spends)).toEqual(new Set(['fresh']));
  });

  it('sends a script again as text to each node that has forgotten it (F-15)', async () => {
    const loop = startLoop(() => store.once('jti', unique(), 60), DEADLINE_MS);
    for (let turn = 0; turn < 5; turn += 1) {
      for (const server of cluster.primaries) await cluster.tell(server, 'SCRIPT', 'FLUSH');
      await loop.untilAnswered(10);
    }
    await loop.stop();

    expect(loop.counts().unavailable).toBe(0);
  });
});

describe('Redis Cluster: nodes that are lost (F-8, F-13, N5, N6)', () => {
  it('goes on with the replica of a primary that was killed, and says so once', async () => {
    const cluster = await start({ withReplicas: true });
    const said: string[] = [];
    const store = await open(cluster, {
      onUp: () => void said.push('up'),
      onDown: () => void said.push('down'),
    });
    const granted = await createGranted(store, { id: newIdIn(1) });
    await untilReplicated(cluster);
    // Granted after the failover, by the clock of the test: codes of before it are over.
    const since = { grant: { grantedAt: NOW + 10 } };
    const loop = startLoop(() => createRedeemed(store, since), DEADLINE_MS * 3);
    await loop.untilAnswered(5);
    const killed = await cluster.ownerOf(1);

    await killed.kill();
    await cluster.untilFailedOver(killed);
    await untilReady(store);
    const { unavailable } = loop.counts();
    await loop.untilAnswered(20);
    await loop.stop();

    expect(loop.counts().unavailable).toBe(unavailable);
    expect(
      await store.redeem(granted.id, granted.code.hash, EXPECTED, newRedemption()),
    ).toMatchObject({ kind: 'expired' });
    expect(said).toEqual(['up', 'down', 'up']);
  });

  it('answers 503 within the deadline while a part is missing, and recovers with it', async () => {
    const cluster = await start();
    const store = await open(cluster);
    const frozen = await cluster.ownerOf(1);
    const redeemed = await createRedeemed(store, { id: newIdIn(1) });

    frozen.pause();
    const loop = startLoop(() => store.find(redeemed.id, NOW), DEADLINE_MS);
    await expect(store.ping()).rejects.toThrow(Unavailable);
    for (const server of cluster.primaries.filter((one) => one !== frozen)) {
      await expect
        .poll(() => cluster.tell(server, 'CLUSTER', 'INFO').then(String), { timeout: 20_000 })
        .toContain('cluster_state:fail');
    }
    await expect(store.find(redeemed.id, NOW)).rejects.toThrow(Unavailable);
    const elsewhere = newIdIn(16_000);
    await expect(store.find(elsewhere, NOW)).rejects.toThrow(Unavailable);

    frozen.resume();
    await untilReady(store);
    await loop.untilAnswered(5);
    await loop.stop();
    expect(await store.find(redeemed.id, NOW)).toBeDefined();
  });

  it('is not ready while one primary takes no writes', async () => {
    const cluster = await start();
    const store = await open(cluster);
    await store.ping();

    for (const server of cluster.primaries) {
      await cluster.tell(server, 'CONFIG', 'SET', 'min-replicas-to-write', 1);
      await expect(store.ping()).rejects.toThrow(Unavailable);

      await cluster.tell(server, 'CONFIG', 'SET', 'min-replicas-to-write', 0);
      await untilReady(store);
    }
  });

  it('opens while no node answers, and is there when they do', async () => {
    const cluster = await start();
    for (const server of cluster.primaries) server.pause();
    const reasons: string[] = [];

    const store = await open(cluster, { onDown: (reason) => void reasons.push(reason) });

    for (const verb of [VERBS.find, VERBS.once, VERBS.ping]) {
      await expect(verb(store)).rejects.toThrow(Unavailable);
    }
    expect(reasons).toHaveLength(1);
    for (const server of cluster.primaries) server.resume();
    await untilReady(store);
  });
});

describe('Redis Cluster: nothing is sent twice (F-5, F-19, N2)', () => {
  const proxies: TcpProxy[] = [];

  async function startBehindProxies(): Promise<RedisCluster> {
    proxies.length = 0;
    return start({
      async argsOf(port) {
        const proxy = await startTcpProxy(port);
        cleanups.push(() => proxy.stop());
        proxies.push(proxy);
        return ['--cluster-announce-port', String(proxy.port)];
      },
    });
  }

  it('counts once what was answered into a cut connection, and repeats what may be', async () => {
    const cluster = await startBehindProxies();
    const store = await open({ nodes: proxies.map(({ port }) => `127.0.0.1:${port}`) });
    let lost = 0;

    for (let turn = 0; turn < 20; turn += 1) {
      const key = unique();
      const slot = toSlot(names.tally('guess', key));
      const owner = cluster.primaries.indexOf(await cluster.ownerOf(slot));
      await store.ping().catch(() => {});
      await untilReady(store);
      proxies[owner]?.cutNextAnswer();
      const counted = await store.count('guess', key, 60).catch((error: unknown) => error);
      if (counted instanceof Unavailable) lost += 1;
      expect(await untilKnown(() => store.count('guess', key, 60))).toBeLessThanOrEqual(2);
    }
    expect(lost).toBeGreaterThan(10);

    const { id, code } = await createGranted(store);
    const owner = cluster.primaries.indexOf(await cluster.ownerOf(slotOf(id)));
    proxies[owner]?.cutNextAnswer();
    expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
      kind: 'fresh',
    });
  });
});

describe('Redis Cluster: rights and warnings', () => {
  it('needs no more than docs/storage.md says', async () => {
    const page = await readFile(new URL('../../docs/storage.md', import.meta.url), 'utf8');
    const [, rule = ''] = /^ACL SETUSER (asteroid .+)$/m.exec(page) ?? [];
    const cluster = await start();
    for (const server of cluster.primaries) {
      const words = rule.replace('PASSWORD', 'secret').split(' ');
      await cluster.tell(server, 'ACL', 'SETUSER', ...words);
      await cluster.tell(server, 'ACL', 'LOG', 'RESET');
    }
    const limited = await open(cluster, { username: 'asteroid', password: 'secret' });

    await useEveryVerb(limited);
    const { id } = await createRedeemed(limited);
    const from = await cluster.ownerOf(slotOf(id));
    const move = await cluster.beginMove(slotOf(id), from, otherThan(cluster, from));
    await move.carry();
    expect(await limited.find(id, NOW)).toBeDefined();
    await move.settle();
    expect(await limited.find(id, NOW)).toBeDefined();

    for (const server of cluster.primaries) {
      expect(await cluster.tell(server, 'ACL', 'LOG')).toEqual([]);
    }
  });

  it('keeps the keys of docs/storage.md, and none for ever but what lists clients', async () => {
    const cluster = await start();
    const store = await open(cluster);
    await useEveryVerb(store);
    const kinds = new Set<string | undefined>();

    for (const server of cluster.primaries) {
      const keys = await cluster.tell(server, 'KEYS', '*');
      for (const key of Array.isArray(keys) ? keys.map(String) : []) {
        const kind = /^asteroid:[\w-]{8}:(\w+)/.exec(key)?.[1];
        kinds.add(kind);
        const life = Number(await cluster.tell(server, 'PTTL', key));
        expect([key, life > 0 || kind === 'clients' || kind === 'memory']).toEqual([key, true]);
      }
    }

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
  });

  it('warns of each primary that may forget, by its address', async () => {
    const cluster = await start();
    const [first = await cluster.ownerOf(0)] = cluster.primaries;
    await cluster.tell(first, 'CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    const warnings: string[] = [];

    await open(cluster, { onWarning: (warning) => void warnings.push(warning) });

    await expect.poll(() => warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(new RegExp(`^127\\.0\\.0\\.1:${first.port}: .*used again`));
  });

  it('repeats no password when it is wrong', async () => {
    const cluster = await start({ password: 'right-password' });
    const reasons: string[] = [];

    const refused = await open(cluster, {
      ...{ password: 'wrong-password', onDown: (reason) => void reasons.push(reason) },
    });

    await expect(refused.ping()).rejects.toThrow(Unavailable);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/WRONGPASS/);
    expect(reasons[0]).not.toContain('wrong-password');
  });
});

const untilReplicated = async (cluster: RedisCluster): Promise<void> => {
  for (const server of cluster.primaries) await cluster.tell(server, 'WAIT', 1, 5000);
};

async function untilKnown<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  }
}
