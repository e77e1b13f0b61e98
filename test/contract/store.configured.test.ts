import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConfiguredStore } from '../../internal/app/parts.ts';
import { toClientId } from '../../internal/protocol/ids.ts';
import type { Store } from '../../internal/store/store.ts';
import { createLog } from '../../internal/telemetry/log.ts';
import { NOW, newClientRecord, newPending, unique } from '../support/authorizations.ts';
import { newDevice } from '../support/devices.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { CONFIG, createFolder, loadFolder } from '../unit/loader.fixture.ts';

describe('the store of a configuration', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  async function open(store: string): Promise<Store> {
    const folder = await createFolder({ 'asteroid.yaml': `${CONFIG}store: ${store}\n` });
    const log = createLog({ level: 'silent', format: 'json' });
    return openConfiguredStore(await loadFolder(folder), { log, now: () => NOW });
  }

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
