// Devices that wait for somebody to answer: by id for their polls, by user code for the End-User, and
// by client for the budget of each. One removal takes a device out of all three.

import type { AuthorizationId, ClientId } from '../../protocol/ids.ts';
import type { Device } from './device.ts';
import { asJson, createExpiringMap } from './expiring-map.ts';

export type Waiting = {
  get(id: AuthorizationId, now: number): Device | undefined;
  /** Only until its code expires; it can be polled a while longer. */
  findByUserCode(userCodeHash: string, now: number): Device | undefined;
  /** How many of this client can still be answered. */
  countOf(clientId: ClientId, now: number): number;
  /** All of this client. */
  idsOf(clientId: ClientId): readonly AuthorizationId[];
  /** Answerable until `until`, there until `gone`. */
  add(device: Device, until: number, gone: number): void;
  /** What a poll changed; its life stays. */
  update(device: Device): void;
  remove(id: AuthorizationId): boolean;
  sweep(now: number, limit: number): void;
  size(): number;
};

type Entry = { readonly device: Device; readonly gone: number };

/** Also when it has ended and merely was not removed yet. */
const WHENEVER = Number.NEGATIVE_INFINITY;

/** Empty; refuses nothing, its callers count. */
export function createWaiting(): Waiting {
  /** Until when each of a client's can be answered. */
  const ofClient = new Map<ClientId, Map<AuthorizationId, number>>();
  const byUserCode = createExpiringMap(asJson<AuthorizationId>());
  const byId = createExpiringMap(asJson<Entry>(), forget);

  function forget({ device }: Entry): void {
    const { id, clientId, userCodeHash } = device.request;
    const siblings = ofClient.get(clientId);
    siblings?.delete(id);
    if (siblings?.size === 0) ofClient.delete(clientId);
    // A code that has expired may be another device's already.
    if (byUserCode.get(userCodeHash, WHENEVER) === id) byUserCode.delete(userCodeHash);
  }

  return {
    get: (id, now) => byId.get(id, now)?.device,
    findByUserCode(userCodeHash, now) {
      const id = byUserCode.get(userCodeHash, now);
      return id === undefined ? undefined : byId.get(id, now)?.device;
    },
    countOf(clientId, now) {
      let count = 0;
      for (const until of ofClient.get(clientId)?.values() ?? []) if (now < until) count += 1;
      return count;
    },
    idsOf: (clientId) => [...(ofClient.get(clientId)?.keys() ?? [])],
    add(device, until, gone) {
      const { id, clientId, userCodeHash } = device.request;
      const siblings = ofClient.get(clientId) ?? new Map<AuthorizationId, number>();
      ofClient.set(clientId, siblings.set(id, until));
      byUserCode.set(userCodeHash, id, until);
      byId.set(id, { device, gone }, gone);
    },
    update(device) {
      const entry = byId.get(device.request.id, WHENEVER);
      if (entry !== undefined) byId.set(device.request.id, { ...entry, device }, entry.gone);
    },
    remove: (id) => byId.delete(id),
    sweep: byId.sweep,
    size: byId.size,
  };
}
