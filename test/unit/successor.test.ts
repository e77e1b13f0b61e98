import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSuccessor, sealSuccessor } from '../../internal/oidc/grants/successor.ts';

describe('sealed successor of a refresh token (RFC 9700 §4.14.2; RT-3, TK-6)', () => {
  it('opens with the presented secret and with no other', () => {
    const seal = sealSuccessor('presented', 'the next one');

    expect(openSuccessor('presented', seal)).toBe('the next one');
    expect(openSuccessor('presentee', seal)).toBeUndefined();
    expect(openSuccessor('', seal)).toBeUndefined();
  });

  it('holds neither secret in the clear', () => {
    const bytes = Buffer.from(sealSuccessor('presented', 'the next one'), 'base64url');

    expect(bytes.toString('latin1')).not.toContain('the next one');
    expect(bytes.toString('latin1')).not.toContain('presented');
  });

  it('does not open when any bit of it was changed or a part of it is missing', () => {
    const seal = Buffer.from(sealSuccessor('presented', 'the next one'), 'base64url');
    fc.assert(
      fc.property(fc.nat(seal.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(seal);
        changed.writeUInt8(seal.readUInt8(at) ^ flip, at);

        expect(openSuccessor('presented', changed.toString('base64url'))).toBeUndefined();
        expect(
          openSuccessor('presented', seal.subarray(0, at).toString('base64url')),
        ).toBeUndefined();
      }),
    );
  });
});
