// The names in a certificate: its subject, and its subject alternative names.

import type { SanType } from '../protocol/client-certificate.ts';
import { type DnAttribute, isNamed, printDn } from '../protocol/distinguished-name.ts';
import { canonicalIpv6 } from '../protocol/ip-text.ts';
import { type Element, malformed, openElement, readElements, readOid, TAGS } from './der.ts';

/** @param content of the Name (RFC 5280 §4.1.2.4). */
export const readSubject = (names: readonly Element[]): string =>
  printDn(
    names.map((_, index) => {
      const attributes = openElement(names, index, TAGS.set);
      return attributes.map((_, place) => readAttribute(openElement(attributes, place, 0x30)));
    }),
  );

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Tag → text. The others have no one way to be read, and are compared as bytes. */
const TEXTS: ReadonlyMap<number, (bytes: Buffer) => string> = new Map([
  [0x0c, (bytes: Buffer) => STRICT_UTF8.decode(bytes)],
  [0x13, (bytes: Buffer) => bytes.toString('latin1')], // PrintableString
  [0x16, (bytes: Buffer) => bytes.toString('latin1')], // IA5String
]);

function readAttribute([type, value, ...rest]: readonly Element[]): DnAttribute {
  if (type === undefined || value === undefined || rest.length > 0) throw malformed();
  const oid = readOid(type);
  const { tag, content } = value;
  // RFC 4514 §2.4: a type without a name has its value in hexadecimal.
  const read = isNamed(oid) ? TEXTS.get(tag) : undefined;
  return { oid, value: read === undefined ? toHex(value) : { kind: 'text', text: read(content) } };
}

function toHex({ tag, content }: Element) {
  const { length } = content;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  const hex = Buffer.concat([Buffer.from([tag, ...size]), content]).toString('hex');
  return { kind: 'hex', hex } as const;
}

type Sans = Readonly<Record<SanType, readonly string[]>>;

/** (RFC 5280 §4.2.1.6) */
const SAN_TAGS: ReadonlyMap<number, SanType> = new Map([
  [0x81, 'email'],
  [0x82, 'dns'],
  [0x86, 'uri'],
  [0x87, 'ip'],
]);

/** @param value of the extension; undefined: there is none. */
export function readSans(value: Buffer | undefined): Sans {
  const sans: Record<SanType, string[]> = { dns: [], uri: [], ip: [], email: [] };
  if (value === undefined) return sans;
  for (const { tag, content } of openElement(readElements(value), 0, TAGS.sequence)) {
    const type = SAN_TAGS.get(tag);
    if (type === undefined) continue;
    const name = type === 'ip' ? readAddress(content) : readName(content);
    if (name !== undefined) sans[type].push(name);
  }
  return sans;
}

/** No name that a client could be registered by has a blank, a NUL or a letter beyond ASCII in it. */
const readName = (bytes: Buffer): string | undefined =>
  /^[!-~]+$/.exec(bytes.toString('latin1'))?.[0];

function readAddress(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return undefined;
  return canonicalIpv6(bytes.toString('hex').replace(/.{4}(?!$)/g, '$&:'));
}
