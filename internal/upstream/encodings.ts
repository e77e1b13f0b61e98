// Declared encodings → text. Node hands over one character per byte; which text those bytes are is
// what the proxy's configuration says, and never what they look like.

import type { Encoding } from './options.ts';
import { decodeEncodedWords } from './rfc2047.ts';

/** Undefined where the value is not written in that encoding. */
type Decode = (raw: string) => string | undefined;

const PRINTABLE = /^[ -~]*$/;
const BYTES = /^[\0-\xff]*$/;
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One entry per encoding; every decoder refuses what it would otherwise have to guess. */
export const DECODERS: Readonly<Record<Encoding, Decode>> = {
  ascii: (raw) => (PRINTABLE.test(raw) ? raw : undefined),
  'utf-8': (raw) => {
    if (PRINTABLE.test(raw)) return raw;
    return BYTES.test(raw) ? decodeUtf8(Buffer.from(raw, 'latin1')) : undefined;
  },
  latin1: (raw) => (BYTES.test(raw) ? raw : undefined),
  percent: (raw) => (PRINTABLE.test(raw) ? decodePercent(raw) : undefined),
  rfc2047: (raw) => (PRINTABLE.test(raw) ? decodeEncodedWords(raw, decodeUtf8) : undefined),
  base64url: (raw) => {
    const bytes = Buffer.from(raw, 'base64url');
    // Canonical only: two spellings of one value would be two names for one End-User.
    return bytes.toString('base64url') === raw ? decodeUtf8(bytes) : undefined;
  },
};

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

// No encoder escapes these: whoever does wants `%61dmin` to be somebody else's name.
const ESCAPED_LETTER_OR_DIGIT = /%(?:3\d|[46][1-9A-Fa-f]|[57][0-9Aa])/;

function decodePercent(raw: string): string | undefined {
  if (ESCAPED_LETTER_OR_DIGIT.test(raw)) return undefined;
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}
