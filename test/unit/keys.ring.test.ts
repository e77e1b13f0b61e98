import { describe, expect, it } from 'vitest';
import { parsePrivateKey, toSigningKey } from '../../internal/keys/material.ts';
import { createRing } from '../../internal/keys/ring.ts';
import { toSealingKey } from '../../internal/keys/sealing-key.ts';
import { createTestClock } from '../support/clock.ts';
import { DAY, HOUR, newP256, RSA_PEM, START } from '../support/keys.ts';

const ecKey = (activeFrom: number) => toSigningKey(newP256(), 'ES256', activeFrom);
const A = ecKey(START - 10 * DAY);
const B = ecKey(START);
const C = ecKey(START + DAY);

function ringOf(signing: readonly (typeof A)[], at = START) {
  const clock = createTestClock(at);
  const ring = createRing({ signing, sealing: [] }, { now: clock, tokenLifetime: () => HOUR });
  const published = () => ring.published().map(({ kid }) => kid);
  return { ring, clock, published };
}

describe('ring: who signs', () => {
  it('changes at the activation time and not before', () => {
    const { ring, clock } = ringOf([C, A, B]);

    const before = ring.signer('ES256');
    clock.advance(DAY - 1);
    const justBefore = ring.signer('ES256');
    clock.advance(1);

    expect([before, justBefore, ring.signer('ES256')]).toEqual([B, B, C]);
  });

  it('is nobody for an algorithm without a key, and a key is for its own algorithm only', () => {
    const rsa = toSigningKey(parsePrivateKey(RSA_PEM), 'RS256', START);

    expect(ringOf([A]).ring.signer('RS256')).toBeUndefined();
    expect(ringOf([A, rsa]).ring.signer('RS256')).toBe(rsa);
    expect(ringOf([A, rsa]).ring.signer('ES256')).toBe(A);
  });

  it('stays when the clock is set back, because relying parties have dropped the one before', () => {
    const { ring, clock, published } = ringOf([A, B, C]);
    ring.signer('ES256');

    clock.advance(-2 * HOUR);

    expect(ring.signer('ES256')).toBe(B);
    expect(published()[0]).toBe(B.id);
  });

  it('is always published, wherever the clock jumps to', () => {
    const { ring, clock, published } = ringOf([A, B, C]);

    for (const jump of [1, -HOUR, 3 * DAY, -30 * DAY, 365 * DAY, -400 * DAY, DAY]) {
      clock.advance(jump);
      expect(published()).toContain(ring.signer('ES256')?.id);
    }
  });

  it('is the next best when the key that signed is withdrawn', () => {
    const { ring } = ringOf([A, B]);
    ring.signer('ES256');

    ring.replace({ signing: [A], sealing: [] });

    expect(ring.signer('ES256')).toBe(A);
    expect(ring.findSigningKey(B.id)).toBeUndefined();
  });
});

describe('ring: what is published (JW-3)', () => {
  it('is the signing key first, then next keys on sight and the last one while its tokens live', () => {
    const { clock, published } = ringOf([A, B, C]);

    const at = [published()];
    clock.advance(HOUR);
    at.push(published());
    clock.advance(DAY - HOUR);
    at.push(published());

    expect(at).toEqual([
      [B.id, A.id, C.id],
      [B.id, C.id],
      [C.id, B.id],
    ]);
  });

  it('is the same array until it changes, so that its bytes are made once', () => {
    const { ring, clock } = ringOf([A, B]);
    const first = ring.published();

    clock.advance(HOUR - 1);
    expect(ring.published()).toBe(first);
    ring.replace({ signing: [A, B], sealing: [] });
    expect(ring.published()).toBe(first);

    clock.advance(1);
    expect(ring.published()).not.toBe(first);
  });
});

describe('ring: what still verifies', () => {
  it('is known for 90 days after it stopped signing, and then no more', () => {
    const { ring, clock, published } = ringOf([A, B]);

    clock.advance(90 * DAY - 1);
    expect(ring.findSigningKey(A.id)).toBe(A);
    expect(published()).not.toContain(A.id);

    clock.advance(1);
    expect(ring.findSigningKey(A.id)).toBeUndefined();
    expect(ring.findSigningKey(B.id)).toBe(B);
  });

  it('includes a next key: a replica whose clock is ahead signs with it', () => {
    expect(ringOf([A, C]).ring.findSigningKey(C.id)).toBe(C);
  });
});

describe('ring: what seals', () => {
  const sealingKey = (activeFrom: number) => toSealingKey(Buffer.alloc(32, activeFrom), activeFrom);
  const OLD = sealingKey(START - 7);
  const NEXT = sealingKey(START + 60);

  it('is the sealing key of the time, and every other one opens', () => {
    const { ring, clock } = ringOf([A]);
    ring.replace({ signing: [A], sealing: [NEXT, OLD] });

    expect(ring.sealer()).toBe(OLD);
    clock.advance(60);
    expect(ring.sealer()).toBe(NEXT);
    expect(ring.findSealingKey(OLD.id)).toBe(OLD);
  });

  it('is derived from the signing key where there is none, and still opens when there is one', () => {
    const { ring } = ringOf([A]);
    const derived = ring.sealer();

    ring.replace({ signing: [A], sealing: [OLD] });

    expect(derived).toBe(A.sealing);
    expect(ring.sealer()).toBe(OLD);
    expect(ring.findSealingKey(A.sealing.id)).toBe(A.sealing);
  });
});
