// A map whose entries end by themselves, of values as texts. No timer per entry (a million of them cost
// 200 MB, and one of 30 days fires at once), no sweep over everything (a million entries are a pause of
// 23 ms), no object per entry: whoever writes removes a few of those that have ended.

import { COLUMN } from './columns.ts';
import { createEnds } from './ends.ts';
import { type Name, toName } from './name.ts';
import { createSlots } from './slots.ts';
import { createTexts, NOTHING } from './texts.ts';

export type ExpiringMap<Value> = {
  /** Undefined also when the entry has ended and merely was not removed yet. */
  get(key: string, now: number): Value | undefined;
  set(key: string, value: Value, expiresAt: number): void;
  delete(key: string): boolean;
  /** Removes at most so many entries that have ended. */
  sweep(now: number, limit: number): void;
  /**
   * What is in one slot, of which there are `size`. The last slot moves into each that is emptied: who
   * goes through them from the last to the first misses nothing that is there all the time.
   */
  at(slot: number, now: number): Value | undefined;
  /** Entries that are there, ended ones not yet removed included. */
  size(): number;
};

/** How values are kept; what is printed is what is parsed, and nothing else ever is. */
export type Form<Value> = {
  print(value: Value): string;
  parse(text: string): Value;
};

/** For what is JSON without loss: absent members, but no undefined ones. */
export const asJson = <Value>(): Form<Value> => ({
  print: JSON.stringify,
  parse: (text) => JSON.parse(text) as Value,
});

/** For what is there or not; takes no room. */
export const asMark: Form<true> = { print: () => '', parse: () => true };

/** The last second that fits into a word is in 2106, and stands for never. */
const NEVER = 2 ** 32 - 1;
const toEnd = (moment: number): number => Math.min(Math.max(Math.ceil(moment), 0), NEVER);

/**
 * Empty; `set` never refuses, its callers count. @param onGone told of each value that has been
 * removed, by whichever way.
 */
export function createExpiringMap<Value>(
  { print, parse }: Form<Value>,
  onGone?: (value: Value) => void,
): ExpiringMap<Value> {
  const slots = createSlots((from, to) => {
    ends.rename(from, to);
    texts.rename(rows.get(from, COLUMN.text), to);
  });
  const { rows } = slots;
  const ends = createEnds(rows);
  const texts = createTexts((slot, start) => rows.set(slot, COLUMN.text, start));

  const hasEnded = (slot: number, now: number): boolean => {
    const end = ends.endOf(slot);
    return now >= end && end !== NEVER;
  };

  const read = (slot: number): Value => parse(texts.read(rows.get(slot, COLUMN.text)));

  function add(name: Name, end: number): number {
    const slot = slots.add(name);
    rows.set(slot, COLUMN.text, NOTHING);
    ends.add(slot, end);
    return slot;
  }

  function remove(slot: number): void {
    const gone = onGone === undefined ? undefined : read(slot);
    ends.remove(slot);
    texts.put(slot, rows.get(slot, COLUMN.text), '');
    slots.remove(slot);
    if (gone !== undefined) onGone?.(gone);
  }

  return {
    get(key, now) {
      const slot = slots.find(toName(key));
      return slot === undefined || hasEnded(slot, now) ? undefined : read(slot);
    },
    set(key, value, expiresAt) {
      const text = print(value);
      const name = toName(key);
      const end = toEnd(expiresAt);
      const known = slots.find(name);
      if (known !== undefined) ends.move(known, end);
      const slot = known ?? add(name, end);
      texts.put(slot, rows.get(slot, COLUMN.text), text);
    },
    delete(key) {
      const slot = slots.find(toName(key));
      if (slot !== undefined) remove(slot);
      return slot !== undefined;
    },
    sweep(now, limit) {
      for (let removed = 0; removed < limit; removed += 1) {
        const slot = ends.first();
        if (slot === undefined || !hasEnded(slot, now)) return;
        remove(slot);
      }
    },
    at: (slot, now) => (slot >= rows.size() || hasEnded(slot, now) ? undefined : read(slot)),
    size: rows.size,
  };
}
