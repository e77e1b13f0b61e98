// Texts as words and back: UTF-8 behind its length in bytes, the last word filled up with whatever is there.

export type Coding = {
  /** The words of a text, as many as it takes and maybe others; good until the next call. */
  encode(text: string): Words;
  /** Where to put the words of a text of so many bytes, before `decode`. */
  room(bytes: number): Words;
  decode(words: Words): string;
};

type Words = Uint32Array<ArrayBuffer>;

const BYTES = Uint32Array.BYTES_PER_ELEMENT;

/** What most texts fit into, and is used again and again. */
const USUAL = 2 ** 14;

/** UTF-8 takes no more for what is one unit of UTF-16. */
const LONGEST = 3;

/** How many words there are of a text of so many bytes. */
export const countWords = (bytes: number): number => 1 + Math.ceil(bytes / BYTES);

export function createCoding(): Coding {
  const usual = new Uint32Array(USUAL);
  const usualBytes = bytesOf(usual);
  const view = (words: Words): Buffer => (words === usual ? usualBytes : bytesOf(words));

  function room(bytes: number): Words {
    const words = countWords(bytes) <= USUAL ? usual : new Uint32Array(countWords(bytes));
    words[0] = bytes;
    return words;
  }

  return {
    room,
    encode(text) {
      const words = room(text.length * LONGEST);
      words[0] = view(words).write(text, BYTES);
      return words;
    },
    decode: (words) => view(words).toString('utf8', BYTES, BYTES + (words[0] ?? 0)),
  };
}

const bytesOf = (words: Words): Buffer => Buffer.from(words.buffer);
