// Which slots to look at for a name. A Map that grows copies itself, a third of a second at a million
// entries, and holds 16.7 million at most. Linear hashing (Litwin, 1980) has one bucket more with each
// entry, and shares out only what was in one other.

import { COLUMN } from './columns.ts';
import { createRows, type Rows } from './rows.ts';

export type Buckets = {
  /** The first slot to look at for a name that begins with this word, … */
  first(word: number): number | undefined;
  /** … and the one to look at then. */
  after(slot: number): number | undefined;
  add(slot: number): void;
  remove(slot: number): void;
  /** While both numbers are of rows that are there. */
  rename(from: number, to: number): void;
};

// A link is the number of a slot and one; 0 is the end of a chain.
const END = 0;
const toSlot = (link: number): number | undefined => (link === END ? undefined : link - 1);

/** Over slots that hold, in their columns, the word to go by and the link to the next of their bucket. */
export function createBuckets(slots: Rows): Buckets {
  const heads = createRows(1);
  let entries = 0;
  /** The largest power of two that is no more than there are buckets. */
  let round = 1;
  heads.set(heads.add(), 0, END);

  const wordOf = (slot: number): number => slots.get(slot, COLUMN.name);

  /** Buckets that this round has not reached yet hold what is to be the new one's, too. */
  function bucketOf(word: number): number {
    const bucket = word & (2 * round - 1);
    return bucket < heads.size() ? bucket : bucket - round;
  }

  function push(bucket: number, slot: number): void {
    slots.set(slot, COLUMN.chain, heads.get(bucket, 0));
    heads.set(bucket, 0, slot + 1);
  }

  /** Takes a chain out of its bucket, and each of its slots to where it is to be by then. */
  function share(bucket: number, resize: () => void): void {
    let link = heads.get(bucket, 0);
    heads.set(bucket, 0, END);
    resize();
    while (link !== END) {
      const slot = link - 1;
      link = slots.get(slot, COLUMN.chain);
      push(bucketOf(wordOf(slot)), slot);
    }
  }

  function grow(): void {
    share(heads.size() - round, () => {
      heads.set(heads.add(), 0, END);
      if (heads.size() === 2 * round) round *= 2;
    });
  }

  function shrink(): void {
    share(heads.size() - 1, () => {
      if (heads.size() === round) round /= 2;
      heads.drop();
    });
  }

  /** Has whatever linked to `slot` link to `link` instead. */
  function relink(slot: number, link: number): void {
    const bucket = bucketOf(wordOf(slot));
    if (heads.get(bucket, 0) === slot + 1) {
      heads.set(bucket, 0, link);
      return;
    }
    let before = heads.get(bucket, 0) - 1;
    while (slots.get(before, COLUMN.chain) !== slot + 1)
      before = slots.get(before, COLUMN.chain) - 1;
    slots.set(before, COLUMN.chain, link);
  }

  return {
    first: (word) => toSlot(heads.get(bucketOf(word), 0)),
    after: (slot) => toSlot(slots.get(slot, COLUMN.chain)),
    add(slot) {
      entries += 1;
      if (entries > heads.size()) grow();
      push(bucketOf(wordOf(slot)), slot);
    },
    remove(slot) {
      relink(slot, slots.get(slot, COLUMN.chain));
      entries -= 1;
      while (heads.size() > 1 && heads.size() > 2 * entries) shrink();
    },
    rename: (from, to) => relink(from, to + 1),
  };
}
