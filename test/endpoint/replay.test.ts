import { describe, expect, it } from 'vitest';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { PKCE, VERIFIER } from '../support/pkce.ts';
import type { Answer } from '../support/requests.ts';
import { unevenPause } from '../support/weather.ts';

const HUNDRED = Array.from({ length: 100 });

/** Every verb of the store takes a while, and never the same while. */
function slowDown({ weather }: TestIssuer): void {
  weather.pause = unevenPause(1);
}

async function expectEnded(test: TestIssuer, winner: Answer): Promise<void> {
  const [access, renewal] = [winner.json['access_token'], winner.json['refresh_token']].map(String);
  expect((await test.userinfo(access)).status).toBe(401);
  expect((await test.introspect(access)).json).toEqual({ active: false });
  expect((await test.introspect(renewal)).json).toEqual({ active: false });
  expect((await test.refresh(renewal ?? '')).json['error']).toBe('invalid_grant');
}

describe('one code, a hundred redemptions at once (RFC 6749 §4.1.2; AC-3)', () => {
  for (const speed of ['fast', 'slow'] as const) {
    it(`has one winner and 99 replays that end what it won (${speed} store)`, async () => {
      const test = createTestIssuer();
      if (speed === 'slow') slowDown(test);
      const text = await test.code(PKCE);

      const answers = await Promise.all(
        HUNDRED.map(() => test.redeem(text, { code_verifier: VERIFIER })),
      );

      const [winner, ...others] = answers.filter(({ status }) => status === 200);
      expect(others).toEqual([]);
      const lost = answers.filter(({ status }) => status !== 200);
      expect(lost).toHaveLength(99);
      for (const { status, json } of lost) {
        expect({ status, ...json }).toMatchObject({
          status: 400,
          error: 'invalid_grant',
          reason: 'code_replayed',
        });
      }
      if (winner === undefined) throw new Error('nobody won');
      await expectEnded(test, winner);
    });
  }

  it('has one winner for each of fifty codes, and no code spoils another', async () => {
    const test = createTestIssuer();
    slowDown(test);
    const codes = await Promise.all(Array.from({ length: 50 }, () => test.code()));
    const untouched = await test.signIn();

    const answers = await Promise.all(
      codes.map((text) => Promise.all(Array.from({ length: 4 }, () => test.redeem(text)))),
    );

    for (const attempts of answers) {
      expect(attempts.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(attempts.filter(({ json }) => json['error'] === 'invalid_grant')).toHaveLength(3);
    }
    expect((await test.userinfo(untouched.access_token)).status).toBe(200);
  });

  it('has an untroubled winner when every other attempt is a mismatch', async () => {
    const test = createTestIssuer();
    slowDown(test);
    const text = await test.code(PKCE);

    const attempts = HUNDRED.map((_, i) =>
      i === 50
        ? test.redeem(text, { code_verifier: VERIFIER })
        : test.redeem(text, { code_verifier: VERIFIER }, 'conf2'),
    );
    const answers = await Promise.all(attempts);

    expect(answers.filter(({ status }) => status === 200)).toEqual([answers[50]]);
    expect((await test.userinfo(String(answers[50]?.json['access_token']))).status).toBe(200);
  });
});

describe('one request put aside, a hundred answers at once (CO-6)', () => {
  it('becomes one code, and the others are refused', async () => {
    const test = createTestIssuer();
    slowDown(test);
    const { page } = await test.authorize({ prompt: 'consent', nonce: 'n-1' });
    const handle = page?.kind === 'consent' ? page.handle : '';

    const answers = await Promise.all(
      HUNDRED.map((_, i) => test.consent({ handle, decision: i % 2 === 0 ? 'allow' : 'deny' })),
    );

    const codes = answers.filter(({ params }) => params.has('code'));
    const denials = answers.filter(({ params }) => params.get('error') === 'access_denied');
    expect(codes.length + denials.length).toBe(1);
    expect(answers.length).toBe(100);
  });
});

describe('one nonce, a hundred requests at once (OIDC Core §15.5.2)', () => {
  it('becomes one code', async () => {
    const test = createTestIssuer();
    slowDown(test);

    const answers = await Promise.all(HUNDRED.map(() => test.authorize({ nonce: 'once' })));

    expect(answers.filter(({ params }) => params.has('code'))).toHaveLength(1);
    expect(answers.filter(({ params }) => params.get('error') === 'invalid_request')).toHaveLength(
      99,
    );
  });
});
