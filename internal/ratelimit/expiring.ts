// What a process remembers of limits by itself: entries that end, and no more than so many.

export type Expiring<Value> = {
  /** Undefined where there is none, or it has ended. */
  get(key: string, now: number): Value | undefined;
  /** False where there is no room for another one. */
  set(key: string, value: Value, until: number, now: number): boolean;
  /** Whether there is room for another one. */
  hasRoom(now: number): boolean;
};

const SWEPT = 8;

/** Entries end about in the order in which they are set: the oldest are looked at first. */
export function createExpiring<Value>(most: number): Expiring<Value> {
  const entries = new Map<string, { readonly value: Value; readonly until: number }>();

  const sweep = (now: number): void => {
    let looked = 0;
    for (const [key, { until }] of entries) {
      if (until <= now) entries.delete(key);
      looked += 1;
      if (looked >= SWEPT) return;
    }
  };

  return {
    get(key, now) {
      const entry = entries.get(key);
      return entry === undefined || entry.until <= now ? undefined : entry.value;
    },
    set(key, value, until, now) {
      sweep(now);
      // Set anew it is the youngest.
      if (!entries.delete(key) && entries.size >= most) return false;
      entries.set(key, { value, until });
      return true;
    },
    hasRoom(now) {
      sweep(now);
      return entries.size < most;
    },
  };
}
