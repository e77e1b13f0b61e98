// Whom to ask for the map of a cluster: a primary we are connected to, or else anybody who was ever part of it.

import { Redis } from 'ioredis';
import { type Address, printAddress } from './addresses.ts';
import { inAnyOrder } from './chance.ts';
import type { Node } from './node.ts';
import type { ClientOptions } from './options.ts';
import { parseSlots, type SlotRange } from './slots.ts';

export type SlotSource = {
  /** Of many who ask at the same time only the first does. Throws when nobody answers. */
  ask(connected: readonly Node[]): Promise<readonly SlotRange[]>;
  close(): void;
};

/** @param seeds the addresses of the configuration: where all is forgotten, they remain. */
export function createSlotSource(
  seeds: readonly Address[],
  toOptions: (address: Address) => ClientOptions,
): SlotSource {
  let known: readonly Address[] = [];
  let asking: Promise<readonly SlotRange[]> | undefined;
  let guest: Redis | undefined;

  async function askAnybody(connected: readonly Node[]): Promise<readonly SlotRange[]> {
    const [first] = inAnyOrder(connected);
    if (first !== undefined) {
      const ranges = await askSlots(first.redis, first.host).catch(() => []);
      if (ranges.length > 0) return ranges;
    }
    let reason: unknown;
    const addresses = new Map([...known, ...seeds].map((one) => [printAddress(one), one]));
    for (const address of inAnyOrder([...addresses.values()])) {
      try {
        return await askStranger(address);
      } catch (error) {
        reason = error;
      }
    }
    throw reason ?? new Error('no node of the cluster is known');
  }

  async function askStranger(address: Address): Promise<readonly SlotRange[]> {
    let lastError: unknown;
    const stranger = new Redis({
      ...toOptions(address),
      ...{ retryStrategy: () => null, lazyConnect: true, enableReadyCheck: false },
    });
    guest = stranger;
    stranger.on('error', (error) => {
      lastError = error;
    });
    try {
      await stranger.connect();
      const ranges = await askSlots(stranger, address.host);
      if (ranges.length === 0) throw new Error('the cluster has no slots');
      return ranges;
    } catch (error) {
      throw lastError ?? error;
    } finally {
      stranger.disconnect();
    }
  }

  return {
    ask(connected) {
      asking ??= askAnybody(connected)
        .then((ranges) => {
          known = ranges.flatMap(({ nodes }) => nodes);
          return ranges;
        })
        .finally(() => {
          asking = undefined;
        });
      return asking;
    },
    close: () => guest?.disconnect(),
  };
}

const askSlots = async (redis: Redis, host: string): Promise<readonly SlotRange[]> =>
  parseSlots(await redis.cluster('SLOTS'), host);
