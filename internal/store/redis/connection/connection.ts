// The way from a key to the Redis that keeps it: one server, the primary that sentinels name, or a cluster.

import { openCluster } from './cluster.ts';
import { NotConnected } from './errors.ts';
import { type Node, type NodeTerms, openNode } from './node.ts';
import { type RedisStoreOptions, toClientOptions } from './options.ts';
import { watchSentinels } from './sentinel-watch.ts';

/** One server that keeps keys. */
export type Keeper = { readonly name: string; readonly node: Node };

export type Connection = {
  /** Whether there is anybody to send to. */
  isUp(): boolean;
  /** Whether there is within so many milliseconds; false at once when it has been away for long. */
  whenUp(milliseconds: number): Promise<boolean>;
  /**
   * Sends to the Redis that keeps the key. It is sent again only to whom a node named instead of executing
   * it, or where a slot is on its way: `send` has to send the command first, and at once.
   */
  at<Answer>(key: string, send: (node: Node) => Promise<Answer>): Promise<Answer>;
  /** All who keep keys, by name; throws unless all of them are known and up. */
  keepers(): readonly Keeper[];
  /** Throws unless every primary answers and takes a write of a key that begins with this name. */
  probe(name: string): Promise<void>;
  /** Begins anew, once a second at most: the address may stand for another server by now. */
  renew(): void;
  close(): Promise<void>;
};

/** Resolves when Redis has answered, or is known not to: an unreachable Redis is no error here. */
export async function openConnection(
  options: RedisStoreOptions & NodeTerms,
  deadlineMs: number,
): Promise<Connection> {
  const { cluster } = options;
  if (cluster !== undefined) return openCluster({ ...options, cluster }, deadlineMs);
  const node = await openNode(toClientOptions(options, deadlineMs), deadlineMs, options);
  const watch = options.sentinel === undefined ? undefined : watchSentinels(options, node);
  return {
    isUp: node.isUp,
    whenUp: node.whenUp,
    at(_key, send) {
      node.gather();
      return send(node);
    },
    keepers() {
      if (!node.isUp()) throw new NotConnected(undefined);
      return [{ name: '', node }];
    },
    async probe(name) {
      node.gather();
      // A replica answers every question; only a write shows that it is one.
      await Promise.all([node.greet(), node.call('del', [name], Number)]);
    },
    renew: node.renew,
    async close() {
      watch?.close();
      await node.close();
    },
  };
}
