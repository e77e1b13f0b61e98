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
  /** Puts so many words, those from `start` on, at the beginning of a row, … */
  write(row: number, words: Uint32Array, start: number, count: number): void;
  /** … and takes them from there. */
  read(row: number, words: Uint32Array, start: number, count: number): void;
  size(): number;
};

const ROWS_IN_CHUNK = 2 ** 12;
const SHIFT = 12;
const REST = ROWS_IN_CHUNK - 1;

/** One chunk more than is needed stays, so that what comes and goes at an edge allocates nothing. */
const SPARE = 1;

type Chunk = Uint32Array<ArrayBuffer>;

// A buffer that may be resized has pages of its own, and gives them back when it is: without waiting for the
// garbage collector, and without `malloc` keeping what was freed for the process.
function allocate(words: number): Chunk {
  const bytes = words * Uint32Array.BYTES_PER_ELEMENT;
  return new Uint32Array(new ArrayBuffer(bytes, { maxByteLength: bytes }), 0, words);
}

/** Empty, each row of so many words. Takes no memory before the first row. */
export function createRows(width: number): Rows {
  const chunks: Chunk[] = [];
  let size = 0;

  function chunkOf(row: number): Chunk {
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
        chunks.push(allocate(ROWS_IN_CHUNK * width));
      }
      size += 1;
      return size - 1;
    },
    drop() {
      size -= 1;
      if (size <= (chunks.length - SPARE - 1) * ROWS_IN_CHUNK) chunks.pop()?.buffer.resize(0);
    },
    copy(from, to) {
      const source = chunkOf(from);
      const target = chunkOf(to);
      const start = (from & REST) * width;
      const place = (to & REST) * width;
      for (let n = 0; n < width; n += 1) target[place + n] = source[start + n] ?? 0;
    },
    write(row, words, start, count) {
      const chunk = chunkOf(row);
      const place = (row & REST) * width;
      for (let n = 0; n < count; n += 1) chunk[place + n] = words[start + n] ?? 0;
    },
    read(row, words, start, count) {
      const chunk = chunkOf(row);
      const place = (row & REST) * width;
      for (let n = 0; n < count; n += 1) words[start + n] = chunk[place + n] ?? 0;
    },
    size: () => size,
  };
}
