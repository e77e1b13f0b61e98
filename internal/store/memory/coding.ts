// Texts as words and back: UTF-8 behind its length in bytes, the last word filled up with whatever is there.

type Coding = {
  /** The words of a text; good until the next call. */
  encode(text: string): Uint32Array;
  /** Where to put the words of a text of so many bytes, before `decode`. */
  room(bytes: number): Uint32Array;
  decode(words: Uint32Array): string;
};

const BYTES = 4;

/** What most texts fit into, and is used again and again. */
const USUAL = 2 ** 14;

export function createCoding(): Coding {
  const usual = new Uint32Array(USUAL / BYTES);

  function room(bytes: number): Uint32Array {
    const words = 1 + Math.ceil(bytes / BYTES);
    const found = words <= usual.length ? usual.subarray(0, words) : new Uint32Array(words);
    found[0] = bytes;
    return found;
  }

  return {
    room,
    encode(text) {
      const bytes = Buffer.byteLength(text);
      const words = room(bytes);
      viewOf(words).write(text, BYTES);
      return words;
    },
    decode: (words) => viewOf(words).toString('utf8', BYTES, BYTES + (words[0] ?? 0)),
  };
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
