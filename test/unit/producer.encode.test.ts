import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENCODERS } from '../../internal/producer/encode.ts';
import { DECODERS } from '../../internal/upstream/encodings.ts';
import type { Encoding } from '../../internal/upstream/options.ts';

const ascii = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map(toCharacter) });
const latin1 = fc.string({ unit: fc.integer({ min: 0xa1, max: 0xff }).map(toCharacter) });
const any = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map((text) => text.replace(/[\p{Cc}\p{Cf}]/gu, ''));

function toCharacter(code: number): string {
  return String.fromCharCode(code);
}

/** Which texts an encoding has a word for. */
const TEXTS: Readonly<Record<Encoding, fc.Arbitrary<string>>> = {
  ascii,
  'utf-8': any,
  latin1,
  percent: any,
  // Plain text that looks like an encoded word is passed on as it is, and is one for whoever reads it.
  rfc2047: any.filter((text) => !text.includes('=?') && text.trim() === text && !/ {2}/.test(text)),
  base64url: any,
};

describe('text in a header', () => {
  for (const encoding of Object.keys(TEXTS) as Encoding[]) {
    it(`in ${encoding} is read as what was written`, () => {
      fc.assert(
        fc.property(TEXTS[encoding], (text) => {
          expect(DECODERS[encoding](ENCODERS[encoding](text))).toBe(text);
        }),
      );
    });

    it(`in ${encoding} has one character for each byte`, () => {
      expect(ENCODERS[encoding]('Zoë 語')).toMatch(/^[\0-\xff]*$/);
    });
  }

  it('is in words of 75 characters at most, with no character in two of them (RFC 2047 §2)', () => {
    const words = ENCODERS.rfc2047('Zoë 語 = ? _ '.repeat(30).trim()).split(' ');

    expect(words.length).toBeGreaterThan(5);
    for (const word of words) {
      expect(word.length).toBeLessThanOrEqual(75);
      expect(DECODERS.rfc2047(word)).not.toContain('\ufffd');
    }
  });

  it('that ASCII can say stays as it is', () => {
    expect(ENCODERS.rfc2047('Alice = Example?')).toBe('Alice = Example?');
    expect(ENCODERS.rfc2047('Zoë')).toBe('=?utf-8?q?Zo=C3=AB?=');
  });
});
