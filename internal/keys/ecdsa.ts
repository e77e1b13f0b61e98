// ECDSA P-256 signatures between OpenSSL's form and JWS's (RFC 7518 §3.4). On Node 24 converting them
// here is twice as fast as `ieee-p1363` when signing, and 1.4 times as fast when verifying.

const FIELD = 32;
export const RAW_SIGNATURE_BYTES = 2 * FIELD;

const ORDER = Buffer.from(
  'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  'hex',
);
const HALF_ORDER = Buffer.from(
  '7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8',
  'hex',
);

/** r‖s of a DER signature that OpenSSL made, with the lower of the two valid values of s. */
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
  if (!isLowS(raw)) negateS(raw);
  return raw;
}

/** The DER form of 64 bytes r‖s, for OpenSSL to judge. */
export function toDerSignature(raw: Uint8Array): Buffer {
  const rStart = firstSignificant(raw, 0);
  const sStart = firstSignificant(raw, FIELD);
  const rPadding = (raw[rStart] ?? 0) >> 7;
  const sPadding = (raw[sStart] ?? 0) >> 7;
  const rLength = FIELD - rStart + rPadding;
  const sLength = RAW_SIGNATURE_BYTES - sStart + sPadding;
  const der = Buffer.alloc(rLength + sLength + 6);
  der.set([0x30, rLength + sLength + 4, 0x02, rLength]);
  der.set(raw.subarray(rStart, FIELD), 4 + rPadding);
  der.set([0x02, sLength], 4 + rLength);
  der.set(raw.subarray(sStart), 6 + rLength + sPadding);
  return der;
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
export function isLowS(raw: Uint8Array): boolean {
  for (let index = 0; index < FIELD; index += 1) {
    const difference = (raw[FIELD + index] ?? 0) - (HALF_ORDER[index] ?? 0);
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

function negateS(raw: Uint8Array): void {
  let borrow = 0;
  for (let index = FIELD - 1; index >= 0; index -= 1) {
    const digit = (ORDER[index] ?? 0) - (raw[FIELD + index] ?? 0) - borrow;
    borrow = digit < 0 ? 1 : 0;
    raw[FIELD + index] = digit & 0xff;
  }
}
