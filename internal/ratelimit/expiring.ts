// What a process remembers of limits by itself: entries that end, and no more than so many.

export type Expiring<Value> = {
  /**
   * Undefined where there is none, or it has ended, or is of a moment that is still to come: a clock that
   * was ahead and is set back would make it last for as long as that was.
   */
  get(key: string, now: number): Value | undefined;
  /** False where there is no room for another one. */
  set(key: string, value: Value, until: number, now: number): boolean;
  /** Whether there is room for another one. */
  hasRoom(now: number): boolean;
};

const SWEPT = 8;

type Entry<Value> = { readonly value: Value; readonly from: number; readonly until: number };

const lasts = ({ from, until }: Entry<unknown>, now: number): boolean => from <= now && now < until;

/**
 * Entries end about in the order in which they are set: the oldest are looked at first. Some do not, because
 * a client has a window of its own or a clock was set back: without room, others are looked at in turn.
 */
export function createExpiring<Value>(most: number): Expiring<Value> {
  const entries = new Map<string, Entry<Value>>();

  const sweep = (now: number): void => {
    const isFull = entries.size >= most;
    let looked = 0;
    for (const [key, entry] of entries) {
      if (looked >= SWEPT) return;
      looked += 1;
      const isOver = !lasts(entry, now);
      if (!isOver && !isFull) continue;
      entries.delete(key);
      if (!isOver) entries.set(key, entry);
    }
  };

  return {
    get(key, now) {
      const entry = entries.get(key);
      return entry !== undefined && lasts(entry, now) ? entry.value : undefined;
    },
    set(key, value, until, now) {
      sweep(now);
      // Set anew it is the youngest.
      if (!entries.delete(key) && entries.size >= most) return false;
      entries.set(key, { value, from: now, until });
      return true;
    },
    hasRoom(now) {
      sweep(now);
      return entries.size < most;
    },
  };
}
