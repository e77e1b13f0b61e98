// Rows of 32-bit words outside of the heap of JavaScript, without gaps. What is live by the million and
// made of objects is walked by the garbage collector again and again, which is a pause of 16 ms and
// more; numbers in typed arrays it does not look into. Grows and shrinks at its end, a chunk at a time,
// and so nothing is ever copied to make it larger.

export type Rows = {
  get(row: number, column: number): number;
  set(row: number, column: number, word: number): void;
  /** Answers the row it has added at the end; what is in it is of no account. */
  add(): number;
  /** Takes the last row away, and gives its memory back with its chunk. */
  drop(): void;
  copy(from: number, to: number): void;
  size(): number;
};

const ROWS_IN_CHUNK = 2 ** 12;
const SHIFT = 12;
const REST = ROWS_IN_CHUNK - 1;

/** One chunk more than is needed stays, so that what comes and goes at an edge allocates nothing. */
const SPARE = 1;

/** Empty, each row of so many words. Takes no memory before the first row. */
export function createRows(width: number): Rows {
  const chunks: Uint32Array[] = [];
  let size = 0;

  function chunkOf(row: number): Uint32Array {
    const chunk = chunks[row >>> SHIFT];
    if (chunk === undefined) throw new Error('no such row');
    return chunk;
  }

  return {
    get: (row, column) => chunkOf(row)[(row & REST) * width + column] ?? 0,
    set(row, column, word) {
      chunkOf(row)[(row & REST) * width + column] = word;
    },
    add() {
      if (size === chunks.length * ROWS_IN_CHUNK) {
        chunks.push(new Uint32Array(ROWS_IN_CHUNK * width));
      }
      size += 1;
      return size - 1;
    },
    drop() {
      size -= 1;
      if (size <= (chunks.length - SPARE - 1) * ROWS_IN_CHUNK) chunks.pop();
    },
    copy(from, to) {
      const source = chunkOf(from);
      const target = chunkOf(to);
      const start = (from & REST) * width;
      const place = (to & REST) * width;
      for (let n = 0; n < width; n += 1) target[place + n] = source[start + n] ?? 0;
    },
    size: () => size,
  };
}
