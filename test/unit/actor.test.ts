import { describe, expect, it } from 'vitest';
import { type Actor, appendActor, mayAct, readActor } from '../../internal/protocol/actor.ts';

const OURS = 'https://sso.example';
const THEIRS = 'https://partner.example';

/** So many, the first of them outermost. */
const chain = (length: number): Actor =>
  length === 1 ? { sub: 'a1' } : { sub: `a${length}`, act: chain(length - 1) };

describe('act (RFC 8693 §4.1; TX-2)', () => {
  it('is read whole, without what else stands there', () => {
    expect(
      readActor({ sub: 'a', iss: 'i', role: 'x', act: { sub: 'b', exp: 1 } }, undefined),
    ).toEqual({
      sub: 'a',
      iss: 'i',
      act: { sub: 'b' },
    });
    expect(readActor({ sub: 'a', act: { sub: 'b', iss: 'i' } }, THEIRS)).toEqual({
      sub: 'a',
      iss: THEIRS,
      act: { sub: 'b', iss: 'i' },
    });
  });

  it('is five long at most, read and written', () => {
    expect(readActor(chain(5), undefined)).toEqual(chain(5));
    expect(readActor(chain(6), undefined)).toBeUndefined();
    expect(readActor(chain(500), undefined)).toBeUndefined();
    expect(appendActor({ sub: 'a5' }, chain(4))).toEqual(chain(5));
    expect(appendActor({ sub: 'a6' }, chain(5))).toBeUndefined();
    expect(appendActor({ sub: 'a', iss: 'i' }, undefined)).toEqual({ sub: 'a', iss: 'i' });
  });

  for (const act of [
    undefined,
    null,
    'a',
    ['a'],
    {},
    { sub: '' },
    { sub: 1 },
    { sub: 'a'.repeat(256) },
    { sub: 'a', iss: '' },
    { sub: 'a', iss: 1 },
    { sub: 'a', act: null },
    { sub: 'a', act: {} },
  ]) {
    it(`is nothing where it is ${JSON.stringify(act)?.slice(0, 40)}`, () => {
      expect(readActor(act, undefined)).toBeUndefined();
    });
  }

  it('may have names of 255 characters', () => {
    expect(readActor({ sub: 'a'.repeat(255) }, undefined)).toEqual({ sub: 'a'.repeat(255) });
  });
});

describe('may_act (RFC 8693 §4.4; TX-2)', () => {
  const names = [
    { iss: OURS, sub: 'k8s:worker' },
    { iss: THEIRS, sub: 'worker' },
  ];

  it('lets everybody act where it is not there', () => {
    expect(mayAct(undefined, [], OURS)).toBe(true);
  });

  it('lets act whom it names, by the name that its issuer has', () => {
    expect(mayAct({ sub: 'k8s:worker' }, names, OURS)).toBe(true);
    expect(mayAct({ sub: 'worker' }, names, THEIRS)).toBe(true);
    expect(mayAct({ sub: 'worker', iss: THEIRS }, names, OURS)).toBe(true);
  });

  it('lets nobody act by the name that another has, or on conditions that are not understood', () => {
    expect(mayAct({ sub: 'worker' }, names, OURS)).toBe(false);
    expect(mayAct({ sub: 'k8s:worker' }, names, THEIRS)).toBe(false);
    expect(mayAct({ sub: 'worker', iss: THEIRS, client_id: 'x' }, names, OURS)).toBe(false);
    expect(mayAct({ iss: OURS }, names, OURS)).toBe(false);
    expect(mayAct(null, names, OURS)).toBe(false);
    expect(mayAct([{ sub: 'k8s:worker' }], names, OURS)).toBe(false);
  });
});
