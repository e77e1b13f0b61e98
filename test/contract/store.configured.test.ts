import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConfiguredStore } from '../../internal/app/parts.ts';
import { toClientId } from '../../internal/protocol/ids.ts';
import type { Store } from '../../internal/store/store.ts';
import { createLog } from '../../internal/telemetry/log.ts';
import { NOW, newClientRecord, newPending, unique } from '../support/authorizations.ts';
import { newDevice } from '../support/devices.ts';
import { startCluster } from '../support/redis-cluster.ts';
import { startSentinel } from '../support/redis-sentinel.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { CONFIG, createFolder, loadFolder } from '../unit/loader.fixture.ts';

async function open(store: string, files: Readonly<Record<string, string>> = {}): Promise<Store> {
  const folder = await createFolder({
    'asteroid.yaml': `${CONFIG}store: ${store}\n`,
    ...files,
  });
  const log = createLog({ level: 'silent', format: 'json' });
  return openConfiguredStore(await loadFolder(folder), { log, now: () => NOW });
}

describe('the store of a configuration', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  for (const [driver, options] of [
    ['memory', () => '{ driver: memory, memory: { max_pending: 2, max_clients: 1 } }'],
    [
      'redis',
      () => `{ driver: redis, redis: { url: "${server.url}", max_pending: 2, max_clients: 1 } }`,
    ],
  ] as const) {
    it(`has the bounds of ${driver}`, async () => {
      const store = await open(options());
      const create = () => store.createClient(toClientId(unique()), newClientRecord(), 60);

      expect([await create(), await create()]).toEqual(['created', 'full']);
      expect(await store.park(newPending(), NOW)).toBe('parked');
      expect(await store.parkDevice(newDevice(), NOW)).toBe('parked');
      expect(await store.parkDevice(newDevice(), NOW)).toBe('full');
      await store.close();
    });
  }
});

describe('the store of a configuration: Redis that is more than one server', () => {
  it('is found by sentinels, with the passwords of both in files', async () => {
    const redis = await startSentinel({ password: 'of-data', sentinelPassword: 'of-sentinels' });
    const sentinel = `{ name: ${redis.name}, nodes: ${JSON.stringify(redis.nodes)}, password_file: s }`;

    const store = await open(
      `{ driver: redis, redis: { url: "redis:///2", password_file: d, sentinel: ${sentinel} } }`,
      { d: 'of-data\n', s: 'of-sentinels\n' },
    );
    await store.once('jti', unique(), 60);

    const keyspace = await redis.tell(await redis.primary(), 'INFO', 'keyspace');
    // The mark, and since when it remembers.
    expect(keyspace).toMatch(/^db2:keys=2/m);
    await store.close();
    await redis.stop();
  });

  it('is found by the nodes of a cluster', async () => {
    const redis = await startCluster();

    const store = await open(
      `{ driver: redis, redis: { cluster: { nodes: ["${redis.nodes[0]}"] } } }`,
    );

    await expect(store.ping()).resolves.toBeUndefined();
    await store.close();
    await redis.stop();
  });
});
