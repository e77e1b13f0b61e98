// ES256 signatures between what OpenSSL makes (ASN.1) and what JWTs hold (RFC 7518 §3.4): asking
// OpenSSL for the latter costs twice a signature on Node 24.

const HALF = 32;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** r‖s of a signature in ASN.1. */
export function toRaw(asn1: Buffer): Buffer {
  const raw = Buffer.alloc(2 * HALF);
  let from = 3; // behind SEQUENCE, its length and INTEGER
  for (const end of [HALF, 2 * HALF]) {
    const length = asn1[from] ?? 0;
    const kept = Math.min(length, HALF); // one more is a sign
    asn1.copy(raw, end - kept, from + 1 + length - kept, from + 1 + length);
    from += length + 2;
  }
  return raw;
}

/** The inverse of it. */
export function toAsn1(raw: Buffer): Buffer {
  const integers = [raw.subarray(0, HALF), raw.subarray(HALF)].map(toInteger);
  const length = integers.reduce((sum, integer) => sum + integer.length, 0);
  return Buffer.concat([Buffer.from([SEQUENCE, length]), ...integers]);
}

function toInteger(half: Buffer): Buffer {
  let from = 0;
  while (from < HALF - 1 && half[from] === 0) from += 1;
  const digits = half.subarray(from);
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from([INTEGER, digits.length + sign.length, ...sign]), digits]);
}
