// Which of many slots ends first: a heap of their numbers, kept in order as ends are added, moved and
// taken back. Each slot knows its place, so that nothing stale is left behind.

import { COLUMN } from './columns.ts';
import { createRows, type Rows } from './rows.ts';

export type Ends = {
  first(): number | undefined;
  add(slot: number): void;
  /** Its end has changed. */
  moved(slot: number): void;
  remove(slot: number): void;
  /** While both numbers are of rows that are there. */
  rename(from: number, to: number): void;
};

/** Over slots that hold their end and their place; the place is the heap's to write. */
export function createEnds(slots: Rows): Ends {
  const heap = createRows(1);

  const endAt = (place: number): number => slots.get(heap.get(place, 0), COLUMN.end);

  function put(slot: number, place: number): void {
    heap.set(place, 0, slot);
    slots.set(slot, COLUMN.place, place);
  }

  function rise(slot: number): void {
    const end = slots.get(slot, COLUMN.end);
    let place = slots.get(slot, COLUMN.place);
    while (place > 0) {
      const above = (place - 1) >>> 1;
      if (endAt(above) <= end) break;
      put(heap.get(above, 0), place);
      place = above;
    }
    put(slot, place);
  }

  /** Of the two places below, that which ends earlier. */
  function below(place: number): number | undefined {
    const left = 2 * place + 1;
    if (left >= heap.size()) return undefined;
    return left + 1 < heap.size() && endAt(left + 1) < endAt(left) ? left + 1 : left;
  }

  function sink(slot: number): void {
    const end = slots.get(slot, COLUMN.end);
    let place = slots.get(slot, COLUMN.place);
    for (;;) {
      const next = below(place);
      if (next === undefined || endAt(next) >= end) break;
      put(heap.get(next, 0), place);
      place = next;
    }
    put(slot, place);
  }

  function moved(slot: number): void {
    rise(slot);
    sink(slot);
  }

  return {
    first: () => (heap.size() === 0 ? undefined : heap.get(0, 0)),
    add(slot) {
      put(slot, heap.add());
      rise(slot);
    },
    moved,
    remove(slot) {
      const last = heap.get(heap.size() - 1, 0);
      heap.drop();
      if (last === slot) return;
      put(last, slots.get(slot, COLUMN.place));
      moved(last);
    },
    rename(from, to) {
      heap.set(slots.get(from, COLUMN.place), 0, to);
    },
  };
}
