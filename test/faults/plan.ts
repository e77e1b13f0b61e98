// Which faults strike which topology.

import { CLUSTER_FAULTS } from './faults/cluster.ts';
import type { Fault } from './faults/fault.ts';
import { ISSUER_FAULTS } from './faults/issuer.ts';
import { NETWORK_FAULTS } from './faults/network.ts';
import { REDIS_FAULTS } from './faults/redis.ts';
import { SENTINEL_FAULTS } from './faults/sentinel.ts';
import { CLUSTER } from './topologies/cluster.ts';
import { ACKNOWLEDGED, SENTINEL } from './topologies/sentinel.ts';
import { PROXIED, SINGLE } from './topologies/single.ts';
import type { Deployment, Topology } from './topologies/topology.ts';

/** A topology with the faults that make sense there, told to whoever can run any of them. */
export type Part = <Result>(
  run: <Layout extends Deployment>(
    topology: Topology<Layout>,
    faults: readonly Fault<Layout>[],
  ) => Result,
) => Result;

const part =
  <Layout extends Deployment>(topology: Topology<Layout>, faults: readonly Fault<Layout>[]): Part =>
  (run) =>
    run(topology, faults);

/** Lanes run beside each other, the parts of one of them in turn. */
export const LANES: readonly (readonly Part[])[] = [
  [part(SINGLE, [...REDIS_FAULTS, ...ISSUER_FAULTS])],
  [
    part(PROXIED, NETWORK_FAULTS),
    part(SENTINEL, SENTINEL_FAULTS),
    part(ACKNOWLEDGED, SENTINEL_FAULTS),
    part(CLUSTER, CLUSTER_FAULTS),
  ],
];
