// The connections to the primaries of a cluster, one each.

import { type Address, printAddress } from './addresses.ts';
import { createNode, type Node, type NodeTerms } from './node.ts';
import type { ClientOptions } from './options.ts';

export type NodePool = {
  get(name: string | undefined): Node | undefined;
  /** Resolves when it has answered, or is known not to; at once where there is one already. */
  add(address: Address): Promise<unknown>;
  /** Closes all the others, but those that were asked for lately: a slot may be on its way to them. */
  keepOnly(names: ReadonlySet<string | undefined>): void;
  close(): Promise<void>;
};

export type PoolHooks = {
  readonly onUp: () => void;
  readonly onDown: (name: string, reason: string) => void;
  readonly onWarning: ((warning: string) => void) | undefined;
} & NodeTerms;

const KEPT_MS = 10_000;

export function createNodePool(
  toOptions: (address: Address) => ClientOptions,
  deadlineMs: number,
  { onUp, onDown, onWarning, onCreated, beforeUp }: PoolHooks,
): NodePool {
  const nodes = new Map<string, Node>();
  const addedAt = new Map<string, number>();
  let closed = false;

  return {
    get: (name) => (name === undefined ? undefined : nodes.get(name)),
    add(address) {
      const name = printAddress(address);
      addedAt.set(name, performance.now());
      if (closed || nodes.has(name)) return Promise.resolve();
      const { node, settled } = createNode(toOptions(address), deadlineMs, {
        ...{ onUp, onCreated, beforeUp },
        onDown: (reason) => onDown(name, reason),
        onWarning: onWarning && ((warning) => onWarning(`${name}: ${warning}`)),
      });
      nodes.set(name, node);
      return settled;
    },
    keepOnly(names) {
      const before = performance.now() - KEPT_MS;
      for (const [name, node] of nodes) {
        if (names.has(name) || (addedAt.get(name) ?? 0) > before) continue;
        nodes.delete(name);
        addedAt.delete(name);
        void node.close();
      }
    },
    async close() {
      closed = true;
      await Promise.all([...nodes.values()].map((node) => node.close()));
    },
  };
}
