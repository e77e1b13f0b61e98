// A primary, a replica and three sentinels, on whose word issuers go.

import { tell } from '../../support/redis-client.ts';
import { type RedisSentinel, startSentinel } from '../../support/redis-sentinel.ts';
import { onCleanUp } from '../cleanup.ts';
import type { Durability } from '../promises.ts';
import type { Deployment, Topology } from './topology.ts';

export type Watched = Deployment & { readonly sentinel: RedisSentinel };

async function open(durability: Durability): Promise<Watched> {
  const sentinel = await startSentinel();
  const stop = onCleanUp(sentinel.stop);
  const { name, nodes } = sentinel;
  // They look at replicas once a second while the primary is down, and take nobody whom they have not
  // seen for five of these periods.
  for (const { port } of sentinel.sentinels) {
    await tell(port, {}, 'SENTINEL', 'DEBUG', 'PING-PERIOD', 1000);
  }
  const settings = { durability, sentinel: { name, nodes } };
  return {
    sentinel,
    stop,
    stores: [settings, settings],
    primaries: async () => [(await sentinel.primary()).port],
  };
}

export const SENTINEL: Topology<Watched> = {
  name: 'sentinel',
  durability: 'fast',
  open: () => open('fast'),
};

export const ACKNOWLEDGED: Topology<Watched> = {
  name: 'sentinel, acknowledged',
  durability: 'acknowledged',
  open: () => open('acknowledged'),
};
