// Reads DER (X.690 §10): tags, lengths and contents, and no more. The structure of a certificate was
// checked by OpenSSL before; the names in it are read here, because as text they can be made to look
// like others.

export type Element = { readonly tag: number; readonly content: Buffer };

/** All elements, one after the other; throws unless they fill the bytes exactly. */
export function readElements(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const { start, end } = readLength(bytes, at + 1);
    // Tags of several bytes occur in no certificate.
    if ((tag & 0x1f) === 0x1f || end > bytes.length) throw malformed();
    elements.push({ tag, content: bytes.subarray(start, end) });
    at = end;
  }
  return elements;
}

/** The elements inside of the one at this place; throws when there is none of this tag. */
export function openElement(elements: readonly Element[], index: number, tag: number) {
  const element = elements[index];
  if (element?.tag !== tag) throw malformed();
  return readElements(element.content);
}

function readLength(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = bytes[at] ?? 0x80;
  if (first < 0x80) return { start: at + 1, end: at + 1 + first };
  const count = first & 0x7f;
  if (count === 0 || count > 3 || at + 1 + count > bytes.length) throw malformed();
  const start = at + 1 + count;
  return { start, end: start + bytes.readUIntBE(at + 1, count) };
}

/** Dotted. */
export function readOid({ tag, content }: Element): string {
  if (tag !== TAGS.oid || content.length === 0) throw malformed();
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}

export const TAGS = {
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

export const malformed = (): Error => new Error('not DER as certificates have it');
