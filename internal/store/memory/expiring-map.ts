// A map whose entries end by themselves. No timer per entry (a million of them cost 200 MB, and one
// of 30 days fires at once), no sweep over everything (a million entries are a pause of 23 ms): a
// heap knows which entry ends next, and whoever writes removes a few of those that have ended.

type Entry<Value> = {
  readonly key: string;
  value: Value;
  expiresAt: number;
  /** Where the entry stands in the heap. */
  place: number;
};

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

export function createExpiringMap<Value>(): ExpiringMap<Value> {
  const entries = new Map<string, Entry<Value>>();
  const heap: Entry<Value>[] = [];

  function put(entry: Entry<Value>, place: number) {
    heap[place] = entry;
    entry.place = place;
  }

  function rise(entry: Entry<Value>) {
    let place = entry.place;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.expiresAt <= entry.expiresAt) break;
      put(parent, place);
      place = above;
    }
    put(entry, place);
  }

  function sink(entry: Entry<Value>) {
    let place = entry.place;
    for (;;) {
      const child = earlier(heap[2 * place + 1], heap[2 * place + 2]);
      if (child === undefined || child.expiresAt >= entry.expiresAt) break;
      const below = child.place;
      put(child, place);
      place = below;
    }
    put(entry, place);
  }

  function remove(entry: Entry<Value>) {
    entries.delete(entry.key);
    const last = heap.pop();
    if (last === undefined || last === entry) return;
    put(last, entry.place);
    rise(last);
    sink(last);
  }

  return {
    get(key, now) {
      const entry = entries.get(key);
      return entry !== undefined && now < entry.expiresAt ? entry.value : undefined;
    },
    set(key, value, expiresAt) {
      const known = entries.get(key);
      if (known === undefined) {
        const entry = { key, value, expiresAt, place: heap.length };
        entries.set(key, entry);
        rise(entry);
        return;
      }
      known.value = value;
      known.expiresAt = expiresAt;
      rise(known);
      sink(known);
    },
    delete(key) {
      const entry = entries.get(key);
      if (entry === undefined) return false;
      remove(entry);
      return true;
    },
    sweep(now, limit) {
      for (let removed = 0; removed < limit; removed += 1) {
        const next = heap[0];
        if (next === undefined || now < next.expiresAt) return;
        remove(next);
      }
    },
    size: () => entries.size,
  };
}

function earlier<Value>(
  left: Entry<Value> | undefined,
  right: Entry<Value> | undefined,
): Entry<Value> | undefined {
  if (left === undefined || right === undefined) return left;
  return right.expiresAt < left.expiresAt ? right : left;
}
