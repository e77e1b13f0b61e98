// Distinguished names as text (RFC 4514), in one spelling each: two names are equal when their texts
// are, and then every value is, character by character. What a directory would also take for equal
// (case, blanks) may be two clients of two CAs.

/** `hex` is the BER form of a value that is no text, or of a type that has no name. */
type DnValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'hex'; readonly hex: string };

export type DnAttribute = {
  /** Dotted. */
  readonly oid: string;
  readonly value: DnValue;
};

/** From the most general to the most specific, as a certificate has it; several share a place. */
export type RelativeName = readonly DnAttribute[];

/** RFC 4514 §3 first, then what else CAs write into subjects. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.6', 'C'],
  ['2.5.4.9', 'STREET'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.12', 'title'],
  ['2.5.4.97', 'organizationIdentifier'],
]);

const OIDS: ReadonlyMap<string, string> = new Map(
  [...NAMES].map(([oid, name]) => [name.toLowerCase(), oid]),
);

/** Attributes of other types are compared by their bytes. */
export const isNamed = (oid: string): boolean => NAMES.has(oid);

/** The most specific comes first (RFC 4514 §2.1). */
export const printDn = (names: readonly RelativeName[]): string =>
  [...names]
    .reverse()
    .map((name) => name.map(printAttribute).sort().join('+'))
    .join(',');

const printAttribute = ({ oid, value }: DnAttribute): string =>
  `${NAMES.get(oid) ?? oid}=${value.kind === 'hex' ? `#${value.hex}` : escapeText(value.text)}`;

/** (RFC 4514 §2.4) */
const escapeText = (text: string): string =>
  text.replace(/["+,;<>\\]|^[ #]| $/g, '\\$&').replaceAll('\0', '\\00');

const TYPE = /(?<type>[A-Za-z][A-Za-z0-9-]*|(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+)=/y;
const HEX = /#(?<hex>(?:[0-9A-Fa-f]{2})+)/y;
/** Up to a separator; a blank at either end has to be escaped. */
const TEXT =
  /(?<text>(?:(?:[^ #"+,;<>\\]|\\(?:[ #"+,;<=>\\]|[0-9A-Fa-f]{2}))(?:(?:[^"+,;<>\\]|\\(?:[ #"+,;<=>\\]|[0-9A-Fa-f]{2}))*(?:[^ "+,;<>\\]|\\(?:[ #"+,;<=>\\]|[0-9A-Fa-f]{2})))?)?)/y;

/** The same name as `printDn` writes it; undefined unless the text is one, and names somebody. */
export function canonicalDn(text: string): string | undefined {
  const names: DnAttribute[][] = [[]];
  for (let at = 0; ; at += 1) {
    const read = readAttribute(text, at);
    if (read === undefined) return undefined;
    names.at(-1)?.push(read.attribute);
    at = read.end;
    if (at === text.length) return printDn(names.reverse());
    if (text[at] === ',') names.push([]);
    else if (text[at] !== '+') return undefined;
  }
}

function readAttribute(text: string, start: number) {
  const type = match(TYPE, text, start)?.groups?.['type'];
  if (type === undefined) return undefined;
  const oid = OIDS.get(type.toLowerCase()) ?? type;
  if (!oid.includes('.')) return undefined;
  const at = start + type.length + 1;
  const hex = match(HEX, text, at)?.groups?.['hex'];
  // One value, one spelling: what is known to be text is written as text.
  if (NAMES.has(oid) === (hex !== undefined)) return undefined;
  if (hex !== undefined) {
    const value = { kind: 'hex', hex: hex.toLowerCase() } as const;
    return { attribute: { oid, value }, end: at + hex.length + 1 };
  }
  const escaped = match(TEXT, text, at)?.groups?.['text'] ?? '';
  const plain = unescapeText(escaped);
  if (plain === undefined || plain === '') return undefined;
  const value = { kind: 'text', text: plain } as const;
  return { attribute: { oid, value }, end: at + escaped.length };
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** Escaped pairs of digits are bytes of UTF-8; undefined where they are none. */
function unescapeText(escaped: string): string | undefined {
  try {
    return escaped
      .replace(/(?:\\[0-9A-Fa-f]{2})+/g, (bytes) => decodeURIComponent(bytes.replaceAll('\\', '%')))
      .replace(/\\([^0-9A-Fa-f])/g, '$1');
  } catch {
    return undefined;
  }
}
