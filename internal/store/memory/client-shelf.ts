// Registered clients in memory, and their ids in the order in which they came: names are kept as hashes,
// and nobody could list those.

import type { ClientRecord } from '../clients.ts';
import { asJson, createExpiringMap, type ExpiringMap } from './expiring-map.ts';

export type ClientShelf = ExpiringMap<ClientRecord> & {
  /** At most so many, each with its place, of those whose place is beyond `after`. */
  list(after: number, limit: number): readonly { readonly id: string; readonly place: number }[];
};

type Kept = { readonly id: string; readonly record: ClientRecord };

export function createClientShelf(): ClientShelf {
  const places = new Map<string, number>();
  let last = 0;
  const kept = createExpiringMap(asJson<Kept>(), ({ id }) => {
    places.delete(id);
  });
  return {
    ...kept,
    at: (slot, now) => kept.at(slot, now)?.record,
    get: (id, now) => kept.get(id, now)?.record,
    set(id, record, expiresAt) {
      kept.set(id, { id, record }, expiresAt);
      if (places.has(id)) return;
      last += 1;
      places.set(id, last);
    },
    list(after, limit) {
      const found: { readonly id: string; readonly place: number }[] = [];
      for (const [id, place] of places) {
        if (found.length === limit) break;
        if (place > after) found.push({ id, place });
      }
      return found;
    },
  };
}
