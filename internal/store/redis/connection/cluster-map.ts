// Who has which slot of a cluster at the moment, and whether anything of it is missing. A map may be out of
// date at any time: the nodes themselves say so.

import { type Address, parseAddress, printAddress } from './addresses.ts';
import { outOfStep } from './chance.ts';
import { reasonOf } from './errors.ts';
import type { Node, NodeTerms } from './node.ts';
import { createNodePool, type NodePool } from './node-pool.ts';
import { type RedisStoreOptions, toClientOptions } from './options.ts';
import { createPresence } from './presence.ts';
import { createSlotSource } from './slot-source.ts';
import { SLOTS, type SlotRange } from './slots.ts';

export type ClusterStoreOptions = RedisStoreOptions &
  NodeTerms & {
    readonly cluster: NonNullable<RedisStoreOptions['cluster']>;
  };

export type ClusterMap = {
  readonly pool: NodePool;
  /** The name of the primary that has it, as far as we know. */
  ownerOf(slot: number): string | undefined;
  /** A node has said who has the slot. */
  learn(slot: number, owner: Address): void;
  /** Asks for the map; never throws. */
  refresh(): Promise<void>;
  /** Whether there has been a map. */
  isKnown(): boolean;
  whenKnown(milliseconds: number): Promise<boolean>;
  /** Whoever has a slot, as far as we know. */
  primaries(): readonly (readonly [name: string, node: Node])[];
  /** Whether somebody has each slot, and answers. */
  isWhole(): boolean;
  close(): Promise<void>;
};

const DEFAULT_PORT = 6379;

/** How often the map is asked for while something of the cluster is missing. */
const WATCH_MS = 300;

export function createClusterMap(options: ClusterStoreOptions, deadlineMs: number): ClusterMap {
  const { onWarning, onCreated, beforeUp } = options;
  const toOptions = (address: Address) => toClientOptions(options, deadlineMs, address);
  const seeds = options.cluster.nodes.map((node) => parseAddress(node, DEFAULT_PORT));
  // What cannot be understood is no outage.
  for (const seed of seeds) toOptions(seed);
  const presence = createPresence(deadlineMs, options);
  const source = createSlotSource(seeds, toOptions);
  const owners = new Array<string | undefined>(SLOTS).fill(undefined);
  const pool = createNodePool(toOptions, deadlineMs, {
    onUp: takeStock,
    onDown: (name, reason) => {
      if (owners.includes(name)) miss(`${name}: ${reason}`);
    },
    ...{ onWarning, onCreated, beforeUp },
  });
  let known = false;
  let watching: NodeJS.Timeout | undefined;
  let closed = false;

  const primaries = () =>
    [...new Set(owners)].flatMap((name) => {
      const node = pool.get(name);
      return name === undefined || node === undefined ? [] : [[name, node] as const];
    });
  const isWhole = () =>
    known && !owners.includes(undefined) && primaries().every(([, node]) => node.isUp());

  function takeStock(): void {
    if (isWhole() && !presence.isUp()) presence.rise();
  }

  /** The operator hears of it, and the map is asked for until nothing is missing. */
  function miss(reason: string): void {
    if (closed) return;
    presence.fall(reason);
    watching ??= setTimeout(watch, outOfStep(WATCH_MS));
  }

  async function watch(): Promise<void> {
    await refresh();
    watching = undefined;
    if (!closed && !isWhole()) watching = setTimeout(watch, outOfStep(WATCH_MS));
  }

  async function refresh(): Promise<void> {
    try {
      const ranges = await source.ask(
        primaries().flatMap(([, node]) => (node.isUp() ? [node] : [])),
      );
      if (closed) return;
      await Promise.all(adopt(ranges, owners, pool));
      known = true;
      if (owners.includes(undefined)) miss('the cluster has slots that no node serves');
      else takeStock();
    } catch (error) {
      miss(reasonOf(error));
    }
  }

  return {
    pool,
    ownerOf: (slot) => owners[slot],
    learn(slot, owner) {
      owners[slot] = printAddress(owner);
      void pool.add(owner);
      void refresh();
    },
    refresh,
    primaries,
    isKnown: () => known,
    whenKnown: async (milliseconds) => known || (await presence.whenUp(milliseconds)) || known,
    isWhole,
    async close() {
      closed = true;
      clearTimeout(watching);
      source.close();
      presence.leave();
      await pool.close();
    },
  };
}

/** Connects to whoever has a slot, and to nobody else. */
function adopt(
  ranges: readonly SlotRange[],
  owners: (string | undefined)[],
  pool: NodePool,
): readonly Promise<unknown>[] {
  owners.fill(undefined);
  const opening = ranges.map(({ first, last, nodes: [primary] }) => {
    owners.fill(printAddress(primary), first, last + 1);
    return pool.add(primary);
  });
  pool.keepOnly(new Set(owners));
  return opening;
}
