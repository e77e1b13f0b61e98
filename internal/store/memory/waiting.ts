// Devices that wait for somebody to answer: by id for their polls, by user code for the End-User, and
// by client for the budget of each. One removal takes a device out of all three.

import type { AuthorizationId, ClientId } from '../../protocol/ids.ts';
import type { Device } from './device.ts';
import { createExpiringMap } from './expiring-map.ts';

export type Waiting = {
  get(id: AuthorizationId, now: number): Device | undefined;
  /** Only until its code expires; it can be polled a while longer. */
  findByUserCode(userCodeHash: string, now: number): Device | undefined;
  /** How many of this client can still be answered. */
  countOf(clientId: ClientId, now: number): number;
  /** Answerable until `until`, there until `gone`. */
  add(device: Device, until: number, gone: number): void;
  /** What a poll changed; its life stays. */
  update(device: Device): void;
  remove(id: AuthorizationId): boolean;
  sweep(now: number, limit: number): void;
  size(): number;
};

type Entry = { device: Device; readonly until: number };

/** Empty; refuses nothing, its callers count. */
export function createWaiting(): Waiting {
  const ofClient = new Map<ClientId, Set<Entry>>();
  const byUserCode = new Map<string, Entry>();
  const byId = createExpiringMap<Entry>(forget);

  function forget(entry: Entry): void {
    const { clientId, userCodeHash } = entry.device.request;
    const siblings = ofClient.get(clientId);
    siblings?.delete(entry);
    if (siblings?.size === 0) ofClient.delete(clientId);
    // A code that has expired may be another device's already.
    if (byUserCode.get(userCodeHash) === entry) byUserCode.delete(userCodeHash);
  }

  return {
    get: (id, now) => byId.get(id, now)?.device,
    findByUserCode(userCodeHash, now) {
      const entry = byUserCode.get(userCodeHash);
      return entry !== undefined && now < entry.until ? entry.device : undefined;
    },
    countOf(clientId, now) {
      let count = 0;
      for (const { until } of ofClient.get(clientId) ?? []) if (now < until) count += 1;
      return count;
    },
    add(device, until, gone) {
      const { id, clientId, userCodeHash } = device.request;
      const entry = { device, until };
      const siblings = ofClient.get(clientId) ?? new Set();
      ofClient.set(clientId, siblings.add(entry));
      byUserCode.set(userCodeHash, entry);
      byId.set(id, entry, gone);
    },
    update(device) {
      const entry = byId.get(device.request.id, Number.NEGATIVE_INFINITY);
      if (entry !== undefined) entry.device = device;
    },
    remove: (id) => byId.delete(id),
    sweep: byId.sweep,
    size: byId.size,
  };
}
