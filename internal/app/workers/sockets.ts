// What stands before the first worker: how workers are started, and where Unix sockets will be. It is
// the primary that listens, on behalf of all.

import cluster from 'node:cluster';
import { prepareUnixSocket } from '../../http/unix-socket.ts';
import type { Snapshot } from '../../loader/load.ts';
import { type Environment, toListenOptions } from '../listeners.ts';

/** The words that make this program a worker. */
const WORKER_COMMAND = 'worker';

/** Before the first worker, and once in a process. */
export function prepareCluster(): void {
  // Whoever has least to do gets the next connection only if the primary accepts them (SCHED_RR); and
  // only then is it the primary that makes a Unix socket, with its own umask.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ args: [WORKER_COMMAND], serialization: 'advanced' });
}

export type Prepared = {
  /** That of before, for those who make other files. */
  readonly umask: number;
  /** Somebody else opened sockets for us: once the primary has closed one, nobody can listen there again. */
  readonly hasHandedOver: boolean;
};

/**
 * Throws when the place of a Unix socket is not safe, or taken. From here on the primary makes files
 * that nobody else may open; each worker gives a socket its permissions once it listens.
 */
export async function prepareSockets(
  snapshot: Snapshot,
  env: Environment,
  pid: number,
): Promise<Prepared> {
  const addresses = toListenOptions(snapshot, env, pid).map(([, { address }]) => address);
  for (const address of addresses) {
    if (address.kind === 'unix') await prepareUnixSocket(address);
  }
  return {
    umask: process.umask(0o177),
    hasHandedOver: addresses.some(({ kind }) => kind === 'fd'),
  };
}
