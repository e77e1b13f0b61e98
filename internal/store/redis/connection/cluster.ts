// A Redis Cluster. The client library has a client for it too, but that one sends a redirected command as it
// is, and the last moment in it is in the time of the node that did not execute it; and it has queues, in which
// a command outlives its deadline.

import { setTimeout as pause } from 'node:timers/promises';
import { printAddress } from './addresses.ts';
import { type ClusterMap, type ClusterStoreOptions, createClusterMap } from './cluster-map.ts';
import type { Connection } from './connection.ts';
import { isClusterDown, NotConnected } from './errors.ts';
import type { Node } from './node.ts';
import { parseRedirect, type Redirect, SLOTS, toSlot } from './slots.ts';

/** How often a node may send us to another one for one command. */
const MAX_HOPS = 5;

/** As in ask.ts: the last fifth of the deadline is for the answer to come back in. */
const SPENDABLE = 0.8;

/** A slot that is on its way arrives soon. */
const BREATH_MS = 5;

/** Resolves when every primary has answered, or is known not to. */
export async function openCluster(
  options: ClusterStoreOptions,
  deadlineMs: number,
): Promise<Connection> {
  const map = createClusterMap(options, deadlineMs);
  await map.refresh();
  const at = createRouter(map, deadlineMs);

  return {
    isUp: map.isKnown,
    whenUp: map.whenKnown,
    at,
    keepers() {
      if (!map.isWhole()) throw new NotConnected('all of the cluster');
      return map.primaries().map(([name, node]) => ({ name, node }));
    },
    async probe(name) {
      if (!map.isWhole()) throw new NotConnected('all of the cluster');
      await Promise.all(
        map.primaries().map(async ([owner, node]) => {
          const key = findKey(name, (slot) => map.ownerOf(slot) === owner);
          // A replica answers every question; only a write shows that it is one.
          await Promise.all([
            node.greet(),
            key && at(key, ({ call }) => call('del', [key], Number)),
          ]);
        }),
      );
    },
    renew: () => void map.refresh(),
    close: map.close,
  };
}

const createRouter =
  (map: ClusterMap, deadlineMs: number): Connection['at'] =>
  (key, send) =>
    travel(map, { slot: toSlot(key), until: performance.now() + deadlineMs * SPENDABLE }, send);

type Trip = {
  readonly slot: number;
  readonly until: number;
  readonly hops?: number;
  /** Who has only this command of the slot. */
  readonly asked?: string;
};

async function travel<Answer>(
  map: ClusterMap,
  trip: Trip,
  send: (node: Node) => Promise<Answer>,
): Promise<Answer> {
  const { slot, until, hops = 0, asked } = trip;
  const node = await reach(map, () => asked ?? map.ownerOf(slot), until);
  try {
    node.gather();
    if (asked !== undefined) node.redis.asking().catch(() => {});
    return await send(node);
  } catch (error) {
    if (isClusterDown(error)) void map.refresh();
    const redirect = parseRedirect(error, node.host);
    if (redirect === undefined || hops > MAX_HOPS || performance.now() >= until) throw error;
    return travel(map, { slot, until, ...(await follow(map, redirect, hops)) }, send);
  }
}

async function follow(
  map: ClusterMap,
  redirect: Redirect,
  hops: number,
): Promise<Pick<Trip, 'hops' | 'asked'>> {
  switch (redirect.kind) {
    case 'moved':
      map.learn(redirect.slot, redirect.to);
      return { hops: hops + 1 };
    case 'ask':
      void map.pool.add(redirect.to);
      return { hops: hops + 1, asked: printAddress(redirect.to) };
    case 'again':
      await pause(BREATH_MS);
      return { hops };
  }
}

/** Throws unless the node of that name is up, or is in time. */
async function reach(
  { pool }: ClusterMap,
  toName: () => string | undefined,
  until: number,
): Promise<Node> {
  for (;;) {
    const name = toName();
    const node = pool.get(name);
    if (node === undefined) throw new NotConnected(name);
    if (node.isUp() || (await node.whenUp(until - performance.now()))) return node;
    // Somebody else may have taken its place meanwhile.
    if (pool.get(name) === node && toName() === name) throw new NotConnected(name);
  }
}

/** A key of a slot that fits: of 16,384 slots, each node has many. */
function findKey(name: string, fits: (slot: number) => boolean): string | undefined {
  for (let number = 0; number < SLOTS; number += 1) {
    const key = `${name}:{${number}}`;
    if (fits(toSlot(key))) return key;
  }
  return undefined;
}
