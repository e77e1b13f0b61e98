// Entries by name, as rows of numbers without gaps: the last one moves into the place of each that goes.

import { hash, randomBytes } from 'node:crypto';
import { createBuckets } from './buckets.ts';
import { COLUMN, NAME_WORDS, SLOT_WORDS } from './columns.ts';
import { createRows, type Rows } from './rows.ts';

/** A hash, a character for each byte: as a buffer it would be an allocation of its own, outside of the heap. */
export type Name = string;

export type Slots = {
  readonly rows: Rows;
  /** Undefined when nothing has this name. */
  find(name: Name): number | undefined;
  /** Answers the slot of a name that had none. */
  add(name: Name): number;
  remove(slot: number): void;
};

// Whoever can choose names, a nonce say, and could tell where they go, would make one bucket of them all
// and have every request walk through it.
const secret = randomBytes(16).toString('base64url');

/** However long the text is, what is remembered of it is as long as any other. */
export const toName = (text: string): Name => hash('sha256', secret + text, 'binary');

function wordOf(name: Name, n: number): number {
  let word = 0;
  for (let byte = 4 * n; byte < 4 * n + 4; byte += 1) word = (word << 8) | name.charCodeAt(byte);
  return word >>> 0;
}

/** @param onMoved told of each slot that is about to get another number. */
export function createSlots(onMoved: (from: number, to: number) => void): Slots {
  const rows = createRows(SLOT_WORDS);
  const buckets = createBuckets(rows);

  function isOf(slot: number, name: Name): boolean {
    for (let n = 0; n < NAME_WORDS; n += 1) {
      if (rows.get(slot, COLUMN.name + n) !== wordOf(name, n)) return false;
    }
    return true;
  }

  return {
    rows,
    find(name) {
      let slot = buckets.first(wordOf(name, 0));
      while (slot !== undefined && !isOf(slot, name)) slot = buckets.after(slot);
      return slot;
    },
    add(name) {
      const slot = rows.add();
      for (let n = 0; n < NAME_WORDS; n += 1) rows.set(slot, COLUMN.name + n, wordOf(name, n));
      buckets.add(slot);
      return slot;
    },
    remove(slot) {
      buckets.remove(slot);
      const last = rows.size() - 1;
      if (slot !== last) {
        onMoved(last, slot);
        buckets.rename(last, slot);
        rows.copy(last, slot);
      }
      rows.drop();
    },
  };
}
