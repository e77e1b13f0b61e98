import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hashSecret,
  parseHandle,
  parseRefreshToken,
  printHandle,
  printRefreshToken,
} from '../../internal/oidc/handle.ts';
import { toAuthorizationId } from '../../internal/protocol/ids.ts';

const ID = toAuthorizationId('A'.repeat(22));
const FAMILY = 'F'.repeat(22);
const SECRET = 's'.repeat(43);
const CODE = `ac_${ID}.${SECRET}`;
const REFRESH = `rt_${ID}.${FAMILY}.${SECRET}`;

describe('handles: codes and parked requests (RFC 6749 §10.5; TK-6, AC-6)', () => {
  it('reads what it printed, as an id and the hash of the secret', () => {
    expect(parseHandle('ac', printHandle('ac', ID, SECRET))).toEqual({
      id: ID,
      hash: hashSecret(SECRET),
    });
  });

  it('does not take a handle of one kind for another', () => {
    expect(parseHandle('pr', CODE)).toBeUndefined();
    expect(parseHandle('ac', CODE.replace('ac_', 'pr_'))).toBeUndefined();
    expect(parseHandle('ac', REFRESH)).toBeUndefined();
    expect(parseRefreshToken(CODE)).toBeUndefined();
  });

  for (const [what, text] of [
    ['truncated', CODE.slice(0, -1)],
    ['extended', `${CODE}a`],
    ['padded', `${CODE}=`],
    ['with a space behind it', `${CODE} `],
    ['with a newline behind it', `${CODE}\n`],
    ['with another prefix', CODE.toUpperCase()],
    ['of the bare secret', SECRET],
    ['of a megabyte', CODE + 'a'.repeat(1_000_000)],
  ] as const) {
    it(`has no meaning for a code ${what}`, () => {
      expect(parseHandle('ac', text)).toBeUndefined();
    });
  }

  it('tells apart secrets that differ in case only', () => {
    const upper = parseHandle('ac', `ac_${ID}.${SECRET.toUpperCase()}`);

    expect(upper?.hash).not.toBe(parseHandle('ac', CODE)?.hash);
  });
});

describe('handles: refresh tokens (TK-6)', () => {
  it('reads what it printed, as the parts that were presented', () => {
    const parts = { id: ID, family: FAMILY, secret: SECRET };

    expect(parseRefreshToken(printRefreshToken(parts))).toEqual(parts);
  });

  it('has no meaning for any single edit of a refresh token that changes its shape', () => {
    const edit = fc.record({
      at: fc.nat(REFRESH.length),
      insert: fc.constantFrom('', '.', ' ', 'a', '=', '\n', '+'),
      remove: fc.nat(2),
    });
    fc.assert(
      fc.property(edit, ({ at, insert, remove }) => {
        const text = REFRESH.slice(0, at) + insert + REFRESH.slice(at + remove);
        fc.pre(text.length !== REFRESH.length);

        expect(parseRefreshToken(text)).toBeUndefined();
      }),
    );
  });
});
