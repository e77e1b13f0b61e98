import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import type { RedisStoreOptions } from '../../internal/store/redis/connection/options.ts';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import { createAuthority } from '../support/certificates.ts';
import { findFreePort } from '../support/free-port.ts';
import { startCluster } from '../support/redis-cluster.ts';
import { startSentinel } from '../support/redis-sentinel.ts';
import { startRedis } from '../support/redis-server.ts';
import { createRedisTls, type RedisTls, toArguments } from '../support/redis-tls.ts';
import { useEveryVerb } from '../support/verbs.ts';

type Way = Pick<RedisStoreOptions, 'url' | 'sentinel' | 'cluster'>;

let tls: RedisTls;
beforeAll(async () => {
  tls = await createRedisTls();
});
afterAll(() => tls.remove());

const open = (way: Way, ca = tls.ca) =>
  openRedisStore({
    ...{ issuer: 'https://issuer.example', maxPending: 100, deadlineMs: 2000, tls: { ca } },
    ...way,
  });

const WAYS: ReadonlyArray<
  readonly [string, () => Promise<{ readonly way: Way; stop(): Promise<void> }>]
> = [
  [
    'one Redis',
    async () => {
      const port = await findFreePort();
      const redis = await startRedis(toArguments(tls.directives(port)));
      return { way: { url: `rediss://127.0.0.1:${port}` }, stop: redis.stop };
    },
  ],
  [
    'sentinels',
    async () => {
      const { name, nodes, stop } = await startSentinel({ tls });
      return { way: { url: 'rediss://', sentinel: { name, nodes } }, stop };
    },
  ],
  [
    'a cluster',
    async () => {
      const ports: number[] = [];
      const { stop } = await startCluster({
        async argsOf() {
          const port = await findFreePort();
          ports.push(port);
          return [...toArguments(tls.directives(port)), '--tls-cluster', 'yes'];
        },
      });
      const nodes = ports.map((port) => `127.0.0.1:${port}`);
      return { way: { url: 'rediss://', cluster: { nodes } }, stop };
    },
  ],
];

describe.each(WAYS)('TLS to %s', (_, start) => {
  let started: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(() => started.stop());

  it('carries every verb, where the CA is the one that is trusted', async () => {
    const store = await open(started.way);

    await useEveryVerb(store);
    await store.close();
  });

  it('carries nothing where it is another', async () => {
    const store = await open(started.way, createAuthority('CA of Redis').cert);

    await expect(store.ping()).rejects.toThrow(Unavailable);
    await store.close();
  });
});

describe('a Unix socket to Redis', () => {
  it('carries every verb', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'asteroid-socket-'));
    const socket = join(folder, 's');
    const redis = await startRedis(['--unixsocket', socket]);
    const store = await openRedisStore({
      ...{ url: `unix://${socket}?db=3`, issuer: 'https://issuer.example', maxPending: 100 },
    });

    await useEveryVerb(store);

    await store.close();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });
});
