// A map whose entries end by themselves. No timer per entry (a million of them cost 200 MB, and one
// of 30 days fires at once), no sweep over everything (a million entries are a pause of 23 ms): a
// heap knows which entry ends next, and whoever writes removes a few of those that have ended.

import { createHeap, type Ending } from './heap.ts';

type Entry<Value> = Ending & { readonly key: string; value: Value };

export type ExpiringMap<Value> = {
  /** Undefined also when the entry has ended and merely was not removed yet. */
  get(key: string, now: number): Value | undefined;
  set(key: string, value: Value, expiresAt: number): void;
  delete(key: string): boolean;
  /** Removes at most so many entries that have ended. */
  sweep(now: number, limit: number): void;
  /** Entries that are there, ended ones not yet removed included. */
  size(): number;
};

// A Map that grows copies itself, which takes a third of a second at a million entries; 256 of them
// take turns at it.
const SHARDS = 256;

/**
 * Empty; `set` never refuses, its callers count. @param onGone told of each value that has been
 * removed, by whichever way.
 */
export function createExpiringMap<Value>(
  onGone: (value: Value) => void = () => {},
): ExpiringMap<Value> {
  const shards = Array.from({ length: SHARDS }, () => new Map<string, Entry<Value>>());
  const ends = createHeap<Entry<Value>>();

  function shardOf(key: string): Map<string, Entry<Value>> {
    let sum = key.length;
    for (let n = 0; n < key.length; n += 1) sum = (sum * 31 + key.charCodeAt(n)) | 0;
    const shard = shards[sum & (SHARDS - 1)];
    if (shard === undefined) throw new Error('no such shard');
    return shard;
  }

  return {
    get(key, now) {
      const entry = shardOf(key).get(key);
      return entry !== undefined && now < entry.expiresAt ? entry.value : undefined;
    },
    set(key, value, expiresAt) {
      const shard = shardOf(key);
      const known = shard.get(key);
      if (known === undefined) {
        const entry = { key, value, expiresAt, place: 0 };
        shard.set(key, entry);
        ends.add(entry);
        return;
      }
      known.value = value;
      known.expiresAt = expiresAt;
      ends.moved(known);
    },
    delete(key) {
      const shard = shardOf(key);
      const entry = shard.get(key);
      if (entry === undefined) return false;
      ends.remove(entry);
      onGone(entry.value);
      return shard.delete(key);
    },
    sweep(now, limit) {
      for (let removed = 0; removed < limit; removed += 1) {
        const next = ends.first();
        if (next === undefined || now < next.expiresAt) return;
        ends.remove(next);
        shardOf(next.key).delete(next.key);
        onGone(next.value);
      }
    },
    size: ends.size,
  };
}
