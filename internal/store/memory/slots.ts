// Entries by name, as rows of numbers without gaps: the last one moves into the place of each that goes.

import { createBuckets } from './buckets.ts';
import { COLUMN, NAME_WORDS, SLOT_WORDS } from './columns.ts';
import type { Name } from './name.ts';
import { createRows, type Rows } from './rows.ts';

export type Slots = {
  readonly rows: Rows;
  /** Undefined when nothing has this name. */
  find(name: Name): number | undefined;
  /** Answers the slot of a name that had none. */
  add(name: Name): number;
  remove(slot: number): void;
};

/** @param onMoved told of each slot that is about to get another number. */
export function createSlots(onMoved: (from: number, to: number) => void): Slots {
  const rows = createRows(SLOT_WORDS);
  const buckets = createBuckets(rows);

  const isOf = (slot: number, [first, second, third, fourth]: Name): boolean =>
    rows.get(slot, COLUMN.name) === first &&
    rows.get(slot, COLUMN.name + 1) === second &&
    rows.get(slot, COLUMN.name + 2) === third &&
    rows.get(slot, COLUMN.name + 3) === fourth;

  return {
    rows,
    find(name) {
      let slot = buckets.first(name[0]);
      while (slot !== undefined && !isOf(slot, name)) slot = buckets.after(slot);
      return slot;
    },
    add(name) {
      const slot = rows.add();
      for (let n = 0; n < NAME_WORDS; n += 1) rows.set(slot, COLUMN.name + n, name[n] ?? 0);
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
