import { createPublicKey, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { CompactSign, compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { isLowS, P256, toDerSignature, toRawSignature } from '../../internal/keys/ecdsa.ts';
import { newP256 } from '../support/keys.ts';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

/** DER as X.690 wants it: the shortest form, a zero byte where the first bit would be a sign. */
function toDer(r: bigint, s: bigint): Buffer {
  const integer = (value: bigint) => {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex');
    const padded = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
    return Buffer.concat([Buffer.from([0x02, padded.length]), padded]);
  };
  const body = Buffer.concat([integer(r), integer(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

const lower = (s: bigint): bigint => (s > ORDER / 2n ? ORDER - s : s);

/** Integers of every length from one byte up, leading zeros and set first bits included. */
const integer = fc
  .tuple(fc.integer({ min: 1, max: 32 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([length, bytes]) => (toInteger(bytes.subarray(0, length)) % (ORDER - 1n)) + 1n);

describe('ECDSA signatures: DER to r‖s (RFC 7518 §3.4, TC-1)', () => {
  it('keeps both integers, whatever their length in DER', () => {
    fc.assert(
      fc.property(integer, integer, (r, s) => {
        const raw = toRawSignature(toDer(r, s));

        expect(raw).toHaveLength(64);
        expect(raw.equals(Buffer.concat([toBytes(r), toBytes(lower(s))]))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  const EDGES = [1n, 127n, 128n, 255n, 256n, ORDER / 2n, ORDER / 2n + 1n, ORDER - 1n];
  for (const r of EDGES)
    for (const s of EDGES)
      it(`keeps r = ${r.toString(16)} and the lower of ±${s.toString(16)}`, () => {
        const raw = toRawSignature(toDer(r, s));

        expect([toInteger(raw.subarray(0, 32)), toInteger(raw.subarray(32))]).toEqual([
          r,
          lower(s),
        ]);
      });

  it('verifies as ieee-p1363 for four thousand signatures of OpenSSL, short integers among them', () => {
    const privateKey = newP256();
    const key = { key: createPublicKey(privateKey), dsaEncoding: 'ieee-p1363' } as const;
    const lengths = new Set<number>();

    for (let index = 0; index < 4000; index += 1) {
      const message = Buffer.from(`message ${index}`);
      const der = sign('sha256', message, privateKey);
      lengths.add(der.length);
      const raw = toRawSignature(der);
      if (!verify('sha256', message, key, raw) || !isLowS(raw, P256))
        throw new Error(der.toString('hex'));
    }

    expect(lengths.size).toBeGreaterThan(2);
  });

  it('verifies in jose for a thousand signatures', async () => {
    const privateKey = newP256();
    const publicKey = createPublicKey(privateKey);
    const header = Buffer.from('{"alg":"ES256"}').toString('base64url');

    for (let index = 0; index < 1000; index += 1) {
      const input = `${header}.${Buffer.from(`payload ${index}`).toString('base64url')}`;
      const raw = toRawSignature(sign('sha256', Buffer.from(input), privateKey));

      await compactVerify(`${input}.${raw.toString('base64url')}`, publicKey);
    }

    const own = await new CompactSign(Buffer.from('x'))
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey);
    await expect(compactVerify(own, createPublicKey(newP256()))).rejects.toThrow();
  });

  it('throws for what is not a DER signature rather than return another one', () => {
    const der = toDer(ORDER - 1n, 7n);
    const long = toDer(2n ** 264n, 7n);

    for (const bad of [der.subarray(0, -1), Buffer.concat([der, der]), Buffer.alloc(8), long])
      expect(() => toRawSignature(bad)).toThrow('not a DER signature');
  });
});

describe('ECDSA signatures: r‖s to DER', () => {
  it('is the shortest form, for integers of every length', () => {
    fc.assert(
      fc.property(integer, integer, (r, s) => {
        const der = toDerSignature(Buffer.concat([toBytes(r), toBytes(s)]));

        expect(der.equals(toDer(r, s))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('gives OpenSSL what it verifies, and zeros as what it refuses', () => {
    const privateKey = newP256();
    const publicKey = createPublicKey(privateKey);
    const verifies = (message: Buffer, raw: Buffer) =>
      verify('sha256', message, publicKey, toDerSignature(raw));

    for (let index = 0; index < 1000; index += 1) {
      const message = Buffer.from(`message ${index}`);
      const raw = toRawSignature(sign('sha256', message, privateKey));
      if (!verifies(message, raw)) throw new Error(raw.toString('hex'));
    }

    expect(toDerSignature(Buffer.alloc(64)).toString('hex')).toBe('3006020100020100');
    expect(verifies(Buffer.from('message'), Buffer.alloc(64))).toBe(false);
    expect(verifies(Buffer.from('message'), Buffer.alloc(64, 0xff))).toBe(false);
  });
});

describe('ECDSA signatures: the lower s', () => {
  const CASES = [
    { given: '1', s: 1n, expected: true },
    { given: 'half the order', s: ORDER / 2n, expected: true },
    { given: 'one more than half the order', s: ORDER / 2n + 1n, expected: false },
    { given: 'the order less one', s: ORDER - 1n, expected: false },
  ];
  for (const { given, s, expected } of CASES)
    it(`${expected ? 'is' : 'is not'} ${given}`, () => {
      expect(isLowS(Buffer.concat([toBytes(5n), toBytes(s)]), P256)).toBe(expected);
    });
});
