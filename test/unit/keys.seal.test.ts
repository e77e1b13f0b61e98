import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal, unseal } from '../../internal/keys/seal.ts';
import {
  deriveSealingKey,
  parseSealingSecret,
  toSealingKey,
} from '../../internal/keys/sealing-key.ts';
import { newP256, START } from '../support/keys.ts';

const KEY = toSealingKey(randomBytes(32), START);
const find = (id: string) => (id === KEY.id ? KEY : undefined);
const TEXT = 'alice and what she may do';

describe('sealing', () => {
  it('opens what was sealed for the same purpose, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, purpose) => {
        expect(unseal(find, purpose, seal(KEY, purpose, text))).toBe(text);
      }),
    );
  });

  it('never gives the same text twice, and shows nothing of what it holds', () => {
    const sealed = Array.from({ length: 1000 }, () => seal(KEY, 'cookie', TEXT));

    expect(new Set(sealed).size).toBe(1000);
    expect(Buffer.from(sealed[0] ?? '', 'base64url').includes('alice')).toBe(false);
  });

  it('does not open for another purpose', () => {
    expect(unseal(find, 'token', seal(KEY, 'cookie', TEXT))).toBeUndefined();
  });

  it('does not open with any one bit changed', () => {
    const bytes = Buffer.from(seal(KEY, 'cookie', TEXT), 'base64url');

    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(unseal(find, 'cookie', changed.toString('base64url'))).toBeUndefined();
    }
  });

  it('does not open cut off at any place, nor with anything added', () => {
    const sealed = seal(KEY, 'cookie', TEXT);

    for (let length = 0; length < sealed.length; length += 1)
      expect(unseal(find, 'cookie', sealed.slice(0, length))).toBeUndefined();
    for (const added of ['=', '==', ' ', '\n', 'A', '.'])
      expect(unseal(find, 'cookie', sealed + added)).toBeUndefined();
    expect(unseal(find, 'cookie', ` ${sealed}`)).toBeUndefined();
  });

  it('has one text for one sealed value: spare bits of the last character count', () => {
    const sealed = seal(KEY, 'cookie', 'ab');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const variants = [...alphabet].map((last) => sealed.slice(0, -1) + last);

    expect(variants.filter((one) => unseal(find, 'cookie', one) !== undefined)).toEqual([sealed]);
  });

  it('does not open by another key, nor by another key under the same id', () => {
    const sealed = seal(KEY, 'cookie', TEXT);
    const impostor = { ...toSealingKey(randomBytes(32), START), id: KEY.id };

    expect(unseal(() => undefined, 'cookie', sealed)).toBeUndefined();
    expect(unseal(() => impostor, 'cookie', sealed)).toBeUndefined();
  });

  it('answers undefined for text that nobody sealed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(unseal(() => KEY, 'cookie', text)).toBeUndefined();
      }),
    );
    expect(unseal(() => KEY, 'cookie', 'A'.repeat(1_000_000))).toBeUndefined();
  });
});

describe('sealing keys', () => {
  it('have the same id and key wherever the same secret is', () => {
    const secret = randomBytes(32);

    const [a, b] = [toSealingKey(secret, START), toSealingKey(secret, START + 1)];

    expect(a.id).toBe(b.id);
    expect(a.key.equals(b.key)).toBe(true);
    expect(toSealingKey(randomBytes(32), START).id).not.toBe(a.id);
  });

  it('derived from a signing key are the same on every replica, and never the key itself', () => {
    const privateKey = newP256();
    const { d } = privateKey.export({ format: 'jwk' });

    const derived = deriveSealingKey(privateKey, START);

    expect(derived.key.equals(deriveSealingKey(privateKey, START).key)).toBe(true);
    expect(derived.key.export().toString('base64url')).not.toBe(d);
  });

  const good = randomBytes(32).toString('base64url');
  const CASES = [
    { given: 'nothing', text: '', problem: 'is empty' },
    { given: 'a short secret', text: good.slice(0, 42), problem: 'is damaged or truncated' },
    { given: 'a long secret', text: `${good}AAAA`, problem: 'is damaged or truncated' },
    {
      given: 'other characters',
      text: `${good.slice(0, 42)}!`,
      problem: 'is damaged or truncated',
    },
    { given: 'two lines', text: `${good}\n${good}`, problem: 'is damaged or truncated' },
  ];
  for (const { given, text, problem } of CASES)
    it(`are refused with ${given}, and none of it is repeated`, () => {
      expect(() => parseSealingSecret(text)).toThrow(problem);
      expect(() => parseSealingSecret(text)).not.toThrow(good.slice(0, 20));
    });

  it('are 32 bytes in base64url, with a newline or without', () => {
    expect(parseSealingSecret(`${good}\n`)).toHaveLength(32);
    expect(parseSealingSecret(good)).toHaveLength(32);
  });
});
