import { describe, expect, it } from 'vitest';
import { toClientId, toSessionId, toSubject } from '../../internal/protocol/ids.ts';
import {
  decideRedeem,
  decideRotate,
  toAuthorization,
} from '../../internal/store/memory/authorization.ts';
import { asAuthorization } from '../../internal/store/memory/record.ts';
import type { Grant } from '../../internal/store/store.ts';
import {
  EXPECTED,
  GRANT,
  newAuthorization,
  newRedemption,
  toNext,
} from '../support/authorizations.ts';

const { print, parse } = asAuthorization;

/** With everything that a grant may have. */
const FULL: Required<Grant> = {
  ...GRANT,
  clientId: toClientId('client,"with" [everything]'),
  subject: toSubject('ali\u0000ce \u{1d11e} \ud800\n'),
  nonce: '',
  stateHash: 'half',
  challenge: 'challenge',
  jkt: 'thumbprint',
  authTime: 0,
  acr: 'gold',
  amr: [],
  sid: toSessionId('sid'),
  resource: ['https://api.example', 'urn:x'],
  claimsRequest: { idToken: [], userinfo: [] },
  authorizationDetails: [{ type: 'payment', amount: { value: null } }],
  snapshot: { groups: [], empty: null, ['__proto__']: 'x', nested: { '': [false, -1.5e9] } },
};

const rotated = toNext(1, { next: { hash: 'token-2', seal: 'seal\n"2"' } });
const token1 = { family: 'family', hash: 'token-1' };

describe('records of the memory store (N1)', () => {
  const granted = toAuthorization(newAuthorization({ grant: FULL }), 'device_code');
  const bare = toAuthorization(newAuthorization());
  const { refresh: _, ...unrefreshed } = newAuthorization();
  const states = [
    ['granted, with all that there is', granted],
    ['granted, with little', bare],
    ['granted, without refresh terms', toAuthorization(unrefreshed)],
  ] as const;

  it.each(states)('%s, is read as it was kept', (_name, held) => {
    expect(parse(print(held))).toEqual(held);
    expect(JSON.stringify(Object.keys(parse(print(held)).compared))).toContain('redirectUriSent');
  });

  it('keeps every state that decisions lead to, and each goes on as the one that was kept', () => {
    const { code } = newAuthorization();
    const held = toAuthorization(newAuthorization({ code }));
    const binding = 'thumbprint';
    const refresh = { ...token1, binding };
    const redeemed =
      decideRedeem(held, code.hash, EXPECTED, newRedemption({ refresh })).next ?? held;
    const expected = { clientId: EXPECTED.clientId, binding };
    const next = decideRotate(redeemed, token1, expected, rotated).next ?? held;
    const ended = decideRedeem(next, code.hash, EXPECTED, newRedemption()).next ?? held;
    const alone = decideRedeem(
      held,
      code.hash,
      EXPECTED,
      newRedemption({ refresh: undefined }),
    ).next;

    expect([redeemed, next, ended].map(({ state }) => state)).toEqual([
      ...['redeemed', 'redeemed', 'ended'],
    ]);
    for (const state of [redeemed, next, ended, alone ?? held]) {
      expect(parse(print(state))).toEqual(state);
    }
    expect(decideRotate(parse(print(next)), token1, expected, toNext(1)).answer).toMatchObject({
      kind: 'grace',
      seal: 'seal\n"2"',
    });
  });

  it('keeps nothing of the grant once it has ended', () => {
    const { code } = newAuthorization();
    const held = toAuthorization(newAuthorization({ code, grant: { nonce: 'its-nonce' } }));
    const redeemed = decideRedeem(held, code.hash, EXPECTED, newRedemption()).next ?? held;
    const ended = decideRedeem(redeemed, code.hash, EXPECTED, newRedemption()).next ?? held;

    expect(print(redeemed)).toContain('alice@example.com');
    expect(print(ended)).not.toContain('alice');
    expect(print(ended)).not.toContain('its-nonce');
  });
});
