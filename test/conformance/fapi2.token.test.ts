// Modules of the plan for FAPI 2.0 about the token endpoint: who redeems a code, with what, and when.

import { CompactSign, exportJWK, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { JWT_BEARER } from '../support/assertions.ts';
import { createHolder } from '../support/dpop.ts';
import { NO_CREDENTIALS, type Query, withForm } from '../support/requests.ts';
import type { Signer } from '../support/signer.ts';
import { claimsOf } from '../support/tokens.ts';
import {
  type AssertionParts,
  authorize,
  createSuite,
  errorOf,
  type Party,
  redeem,
  type Suite,
  signIn,
  tokensOf,
  VARIANTS,
} from './fapi2.fixture.ts';

/** The error with which a code is refused; the right request gets its tokens with it afterwards. */
async function refusedOnce(
  suite: Suite,
  attempt: (code: string) => ReturnType<typeof redeem>,
): Promise<string> {
  const { pushed, code } = await authorize(suite, suite.first);
  const error = errorOf(await attempt(code));
  await tokensOf(suite, suite.first, pushed, await redeem(suite, suite.first, code));
  return error;
}

describe('FAPI 2.0 conformance: who redeems a code', () => {
  for (const variant of VARIANTS) {
    it(`fapi2-security-profile-final-ensure-client-id-in-token-endpoint: by ${variant}, answers invalid_client to the second client’s name with the first one’s key`, async () => {
      const suite = await createSuite({ variant });
      const { first, second } = suite;
      const byOther = async (): Promise<Awaited<ReturnType<Party['authenticate']>>> =>
        variant === 'mTLS'
          ? { ...(await second.authenticate()), certificate: first.certificate }
          : second.authenticate({ signer: first.signer });
      const client_id = second.client.clientId;
      const attempt = async (code: string) =>
        redeem(
          suite,
          first,
          code,
          { client_id },
          { ...(await first.prove()), ...(await byOther()) },
        );

      expect(await refusedOnce(suite, attempt)).toBe('invalid_client');
    });

    it(`fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client: by ${variant}, answers invalid_grant to the second client`, async () => {
      const suite = await createSuite({ variant });
      const { first, second } = suite;
      const attempt = async (code: string) => redeem(suite, first, code, {}, await second.prove());

      expect(await refusedOnce(suite, attempt)).toBe('invalid_grant');
    });
  }

  it('fapi2-security-profile-final-ensure-holder-of-key-required: answers invalid_dpop_proof without a proof', async () => {
    const suite = await createSuite();
    const attempt = async (code: string) =>
      redeem(suite, suite.first, code, {}, await suite.first.prove('none'));

    expect(await refusedOnce(suite, attempt)).toBe('invalid_dpop_proof');
  });

  it('fapi2-security-profile-final-ensure-holder-of-key-required: answers a client of mTLS without its certificate with invalid_client', async () => {
    const suite = await createSuite({ variant: 'mTLS' });
    const attempt = (code: string) =>
      redeem(suite, suite.first, code, {}, withForm({ client_id: suite.first.client.clientId }));

    expect(await refusedOnce(suite, attempt)).toBe('invalid_client');
  });

  it('fapi2-security-profile-final-ensure-holder-of-key-required: answers invalid_request where a key authenticates and a certificate binds', async () => {
    const more = { tls_client_certificate_bound_access_tokens: true };
    const suite = await createSuite({ more });
    const { first } = suite;
    const { code } = await authorize(suite, first);

    expect(errorOf(await redeem(suite, first, code, {}, await first.authenticate()))).toBe(
      'invalid_request',
    );
    const { certificate } = first;
    const shown = await redeem(
      suite,
      first,
      code,
      {},
      { ...(await first.authenticate()), certificate },
    );
    expect([shown.status, shown.json['token_type']]).toEqual([200, 'Bearer']);
  });
});

describe('FAPI 2.0 conformance: with which verifier', () => {
  for (const [module, form] of [
    [
      'fapi2-security-profile-final-ensure-pkce-code-verifier-required',
      { code_verifier: undefined },
    ],
    [
      'fapi2-security-profile-final-incorrect-pkce-code-verifier-rejected',
      { code_verifier: 'wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong' },
    ],
  ] as const satisfies readonly (readonly [string, Query])[]) {
    it(`${module}: answers invalid_grant`, async () => {
      const suite = await createSuite();
      const attempt = (code: string) => redeem(suite, suite.first, code, form);

      expect(await refusedOnce(suite, attempt)).toBe('invalid_grant');
    });
  }
});

describe('FAPI 2.0 conformance: when', () => {
  it('fapi2-security-profile-final-attempt-reuse-authorization-code-after-one-second: answers invalid_grant, and the first access token is dead', async () => {
    const suite = await createSuite();
    const { test, first } = suite;
    const { code, tokens } = await signIn(suite, first);
    test.clock.advance(1);

    expect(errorOf(await redeem(suite, first, code))).toBe('invalid_grant');
    const call = await first.call(tokens.access_token);
    expect((await test.userinfo(undefined, call)).status).toBe(401);
  });

  it('fapi2-security-profile-final-ensure-token-endpoint-fails-with-expired-auth-code: answers invalid_grant after 62 seconds', async () => {
    const suite = await createSuite();
    const [late, inTime] = [
      await authorize(suite, suite.first),
      await authorize(suite, suite.first),
    ];

    suite.test.clock.advance(59);
    const answer = await redeem(suite, suite.first, inTime.code);
    await tokensOf(suite, suite.first, inTime.pushed, answer);
    suite.test.clock.advance(3);
    expect(errorOf(await redeem(suite, suite.first, late.code))).toBe('invalid_grant');
  });
});

/** The same RSA key with the older padding. */
async function withRs256({ privateKey, jwk, ...signer }: Signer): Promise<Signer> {
  const { alg: _, ...members } = await exportJWK(privateKey);
  const key = await importJWK(members, 'RS256');
  const sign: Signer['sign'] = (claims) =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'RS256', kid: signer.kid })
      .sign(key);
  return { ...signer, privateKey, jwk, sign };
}

const assertions: Readonly<
  Record<string, (suite: Suite) => AssertionParts | Promise<AssertionParts>>
> = {
  'fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails': async ({
    first,
  }) => ({ signer: await withRs256(first.signer) }),
  'fapi2-security-profile-final-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails': ({
    test,
  }) => ({ claims: { iat: test.clock() - 360, exp: test.clock() - 300 } }),
  'fapi2-security-profile-final-ensure-client-assertion-with-wrong-aud-fails': () => ({
    claims: { aud: 'https://other.example' },
  }),
  'fapi2-security-profile-final-ensure-client-assertion-with-no-sub-fails': () => ({
    claims: { sub: undefined },
  }),
};

describe('FAPI 2.0 conformance: assertions at the token endpoint', () => {
  for (const [module, make] of Object.entries(assertions)) {
    it(`${module}: answers invalid_client`, async () => {
      const suite = await createSuite();
      const { first } = suite;
      const attempt = async (code: string) => {
        const { headers } = await first.prove();
        const wrong = await first.authenticate(await make(suite));
        return redeem(
          suite,
          first,
          code,
          { client_id: first.client.clientId },
          { ...wrong, headers },
        );
      };

      expect(await refusedOnce(suite, attempt)).toBe('invalid_client');
    });
  }

  for (const [what, form] of [
    ['nothing of it', {}],
    ['its type alone', { client_assertion_type: JWT_BEARER }],
  ] as const) {
    it(`fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint: answers invalid_client to ${what}`, async () => {
      const suite = await createSuite();
      const { first } = suite;
      const attempt = async (code: string) => {
        const { headers } = await first.prove();
        const named = { client_id: first.client.clientId, ...form };
        return redeem(suite, first, code, {}, { form: named, headers });
      };

      expect(await refusedOnce(suite, attempt)).toBe('invalid_client');
    });
  }
});

describe('FAPI 2.0 conformance: refreshing', () => {
  for (const variant of VARIANTS) {
    it(`fapi2-security-profile-final-refresh-token: by ${variant}, refreshes with another key and goes on with the same token`, async () => {
      const suite = await createSuite({ variant });
      const { test, first, second } = suite;
      const { pushed, tokens } = await signIn(suite, first);
      const other = await signIn(suite, second);
      const { refresh_token } = tokens;
      const renewed: Party = { ...first, holder: await createHolder('ES256', test.clock) };
      const prove = () => first.prove({}, renewed.holder);
      test.clock.advance(1);

      const again = await test.refresh(refresh_token, {}, await prove());
      const query = { ...pushed.query, nonce: undefined };
      const next = await tokensOf(suite, first, { ...pushed, query }, again);
      for (const name of ['iss', 'sub', 'aud', 'azp', 'auth_time']) {
        expect(claimsOf(next.id_token)[name], name).toEqual(claimsOf(tokens.id_token)[name]);
      }
      const call = await first.call(next.access_token, {}, renewed.holder);
      expect((await test.userinfo(undefined, call)).status).toBe(200);
      expect(next.refresh_token).toBe(refresh_token);
      test.clock.advance(30);
      expect((await test.refresh(refresh_token, {}, await prove())).status).toBe(200);

      const { headers } = await prove();
      const anonymous = await test.refresh(refresh_token, {}, { ...NO_CREDENTIALS, headers });
      expect(errorOf(anonymous)).toBe('invalid_client');
      const stolen = await test.refresh(other.tokens.refresh_token, {}, await prove());
      expect(errorOf(stolen)).toBe('invalid_grant');
    });
  }

  it('fapi2-security-profile-final-refresh-token: answers invalid_dpop_proof without a proof', async () => {
    const suite = await createSuite();
    const { tokens } = await signIn(suite, suite.first);
    const unbound = await suite.first.prove('none');

    expect(errorOf(await suite.test.refresh(tokens.refresh_token, {}, unbound))).toBe(
      'invalid_dpop_proof',
    );
  });
});
