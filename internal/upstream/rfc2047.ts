// Encoded words (RFC 2047), as Go's mime package and mail libraries write them into headers.
// Strict: what only looks like an encoded word is refused instead of passed on as text.

const WORD = /^=\?([A-Za-z0-9-]+)\?([QqBb])\?([!->@-~]*)\?=$/;
const QUOTED = /^(?:[!-<>@-~]|=[0-9A-Fa-f]{2})*$/;

/** @param decodeUtf8 strict: undefined where the bytes are not UTF-8. */
export function decodeEncodedWords(
  raw: string,
  decodeUtf8: (bytes: Uint8Array) => string | undefined,
): string | undefined {
  let text = '';
  let blank = '';
  let afterWord = false;
  for (const token of raw.split(/( +)/)) {
    if (token.startsWith(' ')) {
      blank = token;
      continue;
    }
    if (token === '') continue;
    const isWord = token.includes('=?');
    const decoded = isWord ? decodeWord(token, decodeUtf8) : token;
    if (decoded === undefined) return undefined;
    // RFC 2047 §6.2: space between two encoded words is not part of the text.
    text += (isWord && afterWord ? '' : blank) + decoded;
    blank = '';
    afterWord = isWord;
  }
  return text + blank;
}

function decodeWord(
  token: string,
  decodeUtf8: (bytes: Uint8Array) => string | undefined,
): string | undefined {
  const [, charset = '', form = '', body = ''] = WORD.exec(token) ?? [];
  const bytes = form.toUpperCase() === 'B' ? fromBase64(body) : fromQuoted(body);
  if (bytes === undefined) return undefined;
  switch (charset.toLowerCase()) {
    case 'utf-8':
      return decodeUtf8(bytes);
    case 'us-ascii':
      return bytes.every((byte) => byte < 0x80) ? bytes.toString('latin1') : undefined;
    case 'iso-8859-1':
      return bytes.toString('latin1');
    default:
      return undefined;
  }
}

/** Canonical only: Buffer would ignore what does not belong there. */
function fromBase64(body: string): Buffer | undefined {
  const bytes = Buffer.from(body, 'base64');
  return bytes.toString('base64') === body ? bytes : undefined;
}

function fromQuoted(body: string): Buffer | undefined {
  if (!QUOTED.test(body)) return undefined;
  const unescaped = body
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(unescaped, 'latin1');
}
