import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { CHALLENGE, PKCE, VERIFIER } from '../support/pkce.ts';
import { type Query, sentTo } from '../support/requests.ts';

const SPA = { client_id: 'spa', redirect_uri: 'https://spa.example/callback' };
const refused = {
  to: 'https://spa.example/callback',
  error: 'invalid_request',
  state: 'state-1',
  iss: ISSUER,
};

describe('authorization endpoint: PKCE (RFC 7636 §4.3, RFC 9700 §2.1.1; AZ-11)', () => {
  it('is required of public clients: without a challenge invalid_request, with one a code', async () => {
    const { authorize } = createTestIssuer();

    expect(sentTo(await authorize(SPA))).toEqual(refused);
    expect((await authorize({ ...SPA, ...PKCE })).params.get('code')).not.toBeNull();
  });

  it('is optional for confidential clients and checked whenever it is used', async () => {
    const { code, redeem } = createTestIssuer();

    const plain = await redeem(await code());
    const proven = await redeem(await code(PKCE), { code_verifier: VERIFIER });
    const unproven = await redeem(await code(PKCE));

    expect([plain.status, proven.status]).toEqual([200, 200]);
    expect(unproven).toMatchObject({ status: 400, json: { reason: 'code_verifier_mismatch' } });
  });

  it('is required of a confidential client that was told so', async () => {
    const strict = makeClient('strict', { requirePkce: true });
    const { authorize } = createTestIssuer({ clients: [strict] });

    const { params } = await authorize({ client_id: 'strict' });

    expect(params.get('error')).toBe('invalid_request');
    expect((await authorize({ client_id: 'strict', ...PKCE })).params.get('code')).not.toBeNull();
  });

  for (const [what, query] of [
    ['plain', { ...PKCE, code_challenge_method: 'plain' }],
    ['no method, which means plain', { code_challenge: CHALLENGE }],
    ['an empty challenge', { ...PKCE, code_challenge: '' }],
    ['42 characters', { ...PKCE, code_challenge: CHALLENGE.slice(1) }],
    ['44 characters', { ...PKCE, code_challenge: `${CHALLENGE}x` }],
    ['129 characters', { ...PKCE, code_challenge: 'x'.repeat(129) }],
    ['a plus sign', { ...PKCE, code_challenge: `+${CHALLENGE.slice(1)}` }],
    ['a slash', { ...PKCE, code_challenge: `/${CHALLENGE.slice(1)}` }],
    ['padding', { ...PKCE, code_challenge: `${CHALLENGE.slice(1)}=` }],
  ] as const satisfies ReadonlyArray<readonly [string, Query]>) {
    it(`refuses a challenge with ${what} with invalid_request`, async () => {
      const { authorize } = createTestIssuer();

      expect(sentTo(await authorize({ ...SPA, ...query }))).toEqual(refused);
    });
  }
});
