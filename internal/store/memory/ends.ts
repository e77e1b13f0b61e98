// Which of many slots ends first: a heap of their ends, kept in order as they are added, moved and
// taken back. Each slot knows its place, so that nothing stale is left behind. Every place has four below
// it, side by side: half as deep as with two, and what is compared with each other is one look at memory.

import { COLUMN } from './columns.ts';
import { createRows, type Rows } from './rows.ts';

export type Ends = {
  first(): number | undefined;
  endOf(slot: number): number;
  add(slot: number, end: number): void;
  /** Its end is another one. */
  move(slot: number, end: number): void;
  remove(slot: number): void;
  /** While both numbers are of rows that are there. */
  rename(from: number, to: number): void;
};

const END = 0;
const SLOT = 1;
const WIDTH = 2;

/** Over slots that hold their place, which is the heap's to write. */
export function createEnds(slots: Rows): Ends {
  const heap = createRows(WIDTH);

  function put(place: number, slot: number, end: number): void {
    heap.set(place, END, end);
    heap.set(place, SLOT, slot);
    slots.set(slot, COLUMN.place, place);
  }

  /** Where what ends then belongs, if not below `place`: what ends later has moved down. */
  function rise(from: number, end: number): number {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >>> 2;
      const later = heap.get(above, END);
      if (later <= end) break;
      put(place, heap.get(above, SLOT), later);
      place = above;
    }
    return place;
  }

  /** Where it belongs, if not above `place`: what ends earlier has moved up. */
  function sink(from: number, end: number): number {
    let place = from;
    for (;;) {
      const next = firstBelow(place);
      if (next === undefined) return place;
      const earlier = heap.get(next, END);
      if (earlier >= end) return place;
      put(place, heap.get(next, SLOT), earlier);
      place = next;
    }
  }

  /** Of the four places below, that which ends first. */
  function firstBelow(place: number): number | undefined {
    const left = 4 * place + 1;
    const right = Math.min(left + 4, heap.size());
    if (left >= right) return undefined;
    let first = left;
    let end = heap.get(left, END);
    for (let other = left + 1; other < right; other += 1) {
      const otherEnd = heap.get(other, END);
      if (otherEnd >= end) continue;
      first = other;
      end = otherEnd;
    }
    return first;
  }

  const settle = (place: number, slot: number, end: number): void =>
    put(sink(rise(place, end), end), slot, end);

  return {
    first: () => (heap.size() === 0 ? undefined : heap.get(0, SLOT)),
    endOf: (slot) => heap.get(slots.get(slot, COLUMN.place), END),
    add: (slot, end) => put(rise(heap.add(), end), slot, end),
    move: (slot, end) => settle(slots.get(slot, COLUMN.place), slot, end),
    remove(slot) {
      const place = slots.get(slot, COLUMN.place);
      const last = heap.size() - 1;
      const moved = heap.get(last, SLOT);
      const end = heap.get(last, END);
      heap.drop();
      if (place !== last) settle(place, moved, end);
    },
    rename(from, to) {
      heap.set(slots.get(from, COLUMN.place), SLOT, to);
    },
  };
}
