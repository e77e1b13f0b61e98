// One redis-server that writes everything down; behind a proxy for each issuer where the network is to
// be at fault.

import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { onCleanUp } from '../cleanup.ts';
import { type RedisProcess, startRedisProcess } from './redis-process.ts';
import type { Deployment, StoreSettings, Topology } from './topology.ts';

export type Single = Deployment & { readonly redis: RedisProcess };
export type Proxied = Single & { readonly proxies: readonly [TcpProxy, TcpProxy] };

const at = (port: number): StoreSettings => ({ url: `redis://127.0.0.1:${port}` });

async function openSingle(): Promise<Single> {
  const redis = await startRedisProcess();
  return {
    redis,
    stores: [at(redis.port), at(redis.port)],
    primaries: async () => [redis.port],
    stop: redis.kill,
  };
}

async function openProxied(): Promise<Proxied> {
  const single = await openSingle();
  const [first, second] = await Promise.all([
    startTcpProxy(single.redis.port),
    startTcpProxy(single.redis.port),
  ]);
  const endProxies = onCleanUp(() => Promise.all([first.stop(), second.stop()]));
  return {
    ...single,
    proxies: [first, second],
    stores: [at(first.port), at(second.port)],
    async stop() {
      await endProxies();
      await single.stop();
    },
  };
}

export const SINGLE: Topology<Single> = { name: 'single', durability: 'fast', open: openSingle };

export const PROXIED: Topology<Proxied> = {
  name: 'single, by a network',
  durability: 'fast',
  open: openProxied,
};
