// Text → what a proxy writes into a header, one character per byte as Node takes them: the other way
// round of upstream/encodings.ts.

import type { Encoding } from '../upstream/options.ts';

type Encode = (text: string) => string;

const toBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** One entry per encoding. What ASCII cannot say goes out in UTF-8, as proxies do who never looked. */
export const ENCODERS: Readonly<Record<Encoding, Encode>> = {
  ascii: toBytes,
  'utf-8': toBytes,
  latin1: (text) => Buffer.from(text, 'latin1').toString('latin1'),
  percent: encodeURIComponent,
  rfc2047: encodeWords,
  base64url: (text) => Buffer.from(text, 'utf8').toString('base64url'),
};

const PLAIN = /^[\t -~]*$/;
const MAX_WORD = 75; // RFC 2047 §2
const START = '=?utf-8?q?';
const END = '?=';

/** Words of Q (RFC 2047 §4.2) as Go's mime package makes them, no character in two of them. */
function encodeWords(text: string): string {
  if (PLAIN.test(text)) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    const quoted = quote(character);
    if (START.length + word.length + quoted.length + END.length > MAX_WORD) {
      words.push(word);
      word = '';
    }
    word += quoted;
  }
  return [...words, word].map((one) => START + one + END).join(' ');
}

function quote(character: string): string {
  if (character === ' ') return '_';
  if (/^[!-~]$/.test(character) && !/[=?_]/.test(character)) return character;
  const bytes = [...Buffer.from(character, 'utf8')];
  return bytes.map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
