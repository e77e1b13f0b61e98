// Three primaries that share the slots, each with a replica.

import { type RedisCluster, startCluster } from '../../support/redis-cluster.ts';
import { onCleanUp } from '../cleanup.ts';
import type { Deployment, Topology } from './topology.ts';

export type Sharded = Deployment & { readonly cluster: RedisCluster };

async function open(): Promise<Sharded> {
  const cluster = await startCluster({ withReplicas: true });
  const stop = onCleanUp(cluster.stop);
  const settings = { cluster: { nodes: cluster.nodes } };
  const isPrimary = async (port: number): Promise<boolean> => {
    const server = [...cluster.primaries, ...cluster.replicas].find((one) => one.port === port);
    if (server === undefined) return false;
    const role = await cluster.tell(server, 'ROLE').catch(() => []);
    return Array.isArray(role) && role[0] === 'master';
  };
  return {
    cluster,
    stop,
    stores: [settings, settings],
    async primaries() {
      const ports = [...cluster.primaries, ...cluster.replicas].map(({ port }) => port);
      const are = await Promise.all(ports.map(isPrimary));
      return ports.filter((_, index) => are[index]);
    },
  };
}

export const CLUSTER: Topology<Sharded> = { name: 'cluster', durability: 'fast', open };
