// Texts of any length in cells of one size, chained. Any free room fits any text, and the last cell moves
// into every gap: however lengths change and whatever goes first, what is taken is what is live.

import { countWords, createCoding } from './coding.ts';
import { createRows } from './rows.ts';

/** Where a text begins; NOTHING for the empty one, which takes no cell. */
export type Start = number;
export const NOTHING: Start = 0;

export type Texts = {
  /** Writes it over what `owner` had at `start`, and tells where it begins. */
  put(owner: number, start: Start, text: string): void;
  read(start: Start): string;
  /** Its owner goes by another number from here on. */
  rename(start: Start, owner: number): void;
  /** How many cells there are. */
  size(): number;
};

// A cell is 30 words of text, the cell after it (its number and one, 0 at the end), and the
// cell before it, or in the first one its owner, told apart by the lowest bit. The text begins with its length.
const WORDS = 30;
const NEXT = WORDS;
const BEFORE = WORDS + 1;
const WIDTH = WORDS + 2;
const IS_OWNER = 1;

const cellBefore = (cell: number): number => cell * 2;
const ownerBefore = (owner: number): number => owner * 2 + IS_OWNER;

/** @param onStart told where a text begins: when it is put, and when it moves into a gap. */
export function createTexts(onStart: (owner: number, start: Start) => void): Texts {
  const cells = createRows(WIDTH);
  const coding = createCoding();

  /** The cell that follows `cell`, or that an owner's chain begins with; made where there is none. */
  function reach(link: number, before: number): number {
    if (link !== NOTHING) return link - 1;
    const cell = cells.add();
    cells.set(cell, NEXT, NOTHING);
    cells.set(cell, BEFORE, before);
    if ((before & IS_OWNER) === 0) cells.set(before >>> 1, NEXT, cell + 1);
    return cell;
  }

  /** Takes one cell away that nothing is linked to. */
  function fill(gap: number): void {
    const last = cells.size() - 1;
    if (gap !== last) {
      cells.copy(last, gap);
      const [before, next] = [cells.get(gap, BEFORE), cells.get(gap, NEXT)];
      if (next !== NOTHING) cells.set(next - 1, BEFORE, cellBefore(gap));
      if ((before & IS_OWNER) === 0) cells.set(before >>> 1, NEXT, gap + 1);
      else onStart(before >>> 1, gap + 1);
    }
    cells.drop();
  }

  /** Removes a chain from its end on, so that every link is true whenever a cell moves. */
  function cut(start: Start): void {
    let cell = start - 1;
    let length = 0;
    for (let link = start; link !== NOTHING; link = cells.get(cell, NEXT)) {
      cell = link - 1;
      length += 1;
    }
    for (; length > 0; length -= 1) {
      const last = cells.size() - 1;
      const before = cells.get(cell, BEFORE);
      if ((before & IS_OWNER) === 0) cells.set(before >>> 1, NEXT, NOTHING);
      fill(cell);
      // The one before it may just have moved into its place.
      if (before >>> 1 !== last) cell = before >>> 1;
    }
  }

  return {
    put(owner, start, text) {
      if (text === '') {
        cut(start);
        onStart(owner, NOTHING);
        return;
      }
      const words = coding.encode(text);
      const count = countWords(words[0] ?? 0);
      let cell = reach(start, ownerBefore(owner));
      onStart(owner, cell + 1);
      for (let n = 0; n < count; n += WORDS) {
        if (n > 0) cell = reach(cells.get(cell, NEXT), cellBefore(cell));
        cells.write(cell, words, n, Math.min(WORDS, count - n));
      }
      cut(cells.get(cell, NEXT));
    },
    read(start) {
      if (start === NOTHING) return '';
      let cell = start - 1;
      const words = coding.room(cells.get(cell, 0));
      const count = countWords(words[0] ?? 0);
      for (let n = 0; n < count; n += WORDS) {
        if (n > 0) cell = cells.get(cell, NEXT) - 1;
        cells.read(cell, words, n, Math.min(WORDS, count - n));
      }
      return coding.decode(words);
    },
    rename(start, owner) {
      if (start !== NOTHING) cells.set(start - 1, BEFORE, ownerBefore(owner));
    },
    size: cells.size,
  };
}
