// Modules of the plan for FAPI 2.0 about proofs of a key: at PAR, at the token endpoint and at a resource.

import { base64url, CompactSign, importJWK, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { createHolder, type Holder, type ProofParts, USERINFO_URL } from '../support/dpop.ts';
import { startHttp } from '../support/http-app.ts';
import { ISSUER } from '../support/issuer.ts';
import { ask } from '../support/raw-http.ts';
import {
  authorize,
  createSuite,
  errorOf,
  proveAtPar,
  push,
  redeem,
  type Suite,
  signIn,
  tokensOf,
} from './fapi2.fixture.ts';

/** UserInfo by the first client, with what a module wants different. */
async function call({ test, first }: Suite, token: string, proof: ProofParts = {}) {
  return (await test.userinfo(undefined, await first.call(token, proof))).status;
}

describe('FAPI 2.0 conformance: proofs that count', () => {
  for (const scheme of ['dPOP', 'DPOP', 'dpop']) {
    it(`fapi2-security-profile-final-access-token-type-header-case-sensitivity: takes a token under ${scheme}`, async () => {
      const suite = await createSuite();
      const { access_token } = (await signIn(suite, suite.first)).tokens;
      const { headers = {} } = await suite.first.call(access_token);
      const authorization = `${scheme} ${access_token}`;
      const more = { headers: { ...headers, authorization } };

      expect((await suite.test.userinfo(undefined, more)).status).toBe(200);
    });
  }

  for (const [module, claimsAt] of [
    [
      'fapi2-security-profile-final-check-dpop-proof-nbf-exp',
      (now: number) => ({ nbf: now, exp: now + 60 }),
    ],
    [
      'fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-before-succeeds',
      (now: number) => ({ iat: now - 10 }),
    ],
    [
      'fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-after-succeeds',
      (now: number) => ({ iat: now + 8 }),
    ],
  ] as const) {
    it(`${module}: takes it at PAR, at the token endpoint and at the resource`, async () => {
      const suite = await createSuite();
      const { test, first } = suite;
      const proof = { claims: claimsAt(test.clock()) };
      const pushed = await authorize(suite, first, {}, await proveAtPar(first, proof));
      const answer = await redeem(suite, first, pushed.code, {}, await first.prove(proof));
      const { access_token } = await tokensOf(suite, first, pushed.pushed, answer);

      expect(await call(suite, access_token, proof)).toBe(200);
    });
  }
});

describe('FAPI 2.0 conformance: codes that are bound to a key', () => {
  it('fapi2-security-profile-final-ensure-dpopproof-at-par-endpoint-binding-success: redeems with the key of the proof at PAR', async () => {
    const suite = await createSuite();

    await signIn(suite, suite.first, {}, await proveAtPar(suite.first));
  });

  it('fapi2-security-profile-final-ensure-dpop-auth-code-binding-success: redeems with the key that dpop_jkt names', async () => {
    const suite = await createSuite();

    await signIn(suite, suite.first, { dpop_jkt: suite.first.holder.jkt });
  });

  it('fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails: answers invalid_dpop_proof where the two differ', async () => {
    const suite = await createSuite();
    const { first, second } = suite;
    const { jkt: dpop_jkt } = second.holder;
    const { answer } = await push(suite, first, { dpop_jkt }, await proveAtPar(first));

    expect(errorOf(answer)).toBe('invalid_dpop_proof');
    const agreed = { dpop_jkt: first.holder.jkt };
    await authorize(suite, first, agreed, await proveAtPar(first));
  });

  for (const [module, bind] of [
    [
      'fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt',
      async (suite: Suite) => authorize(suite, suite.first, {}, await proveAtPar(suite.first)),
    ],
    [
      'fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-jkt',
      async (suite: Suite) => authorize(suite, suite.first, { dpop_jkt: suite.first.holder.jkt }),
    ],
  ] as const) {
    it(`${module}: answers invalid_grant to another key`, async () => {
      const suite = await createSuite();
      const { test, first } = suite;
      const { pushed, code } = await bind(suite);
      const other = await createHolder('ES256', test.clock);

      const wrong = await redeem(suite, first, code, {}, await first.prove({}, other));
      expect(errorOf(wrong)).toBe('invalid_grant');
      await tokensOf(suite, first, pushed, await redeem(suite, first, code));
    });
  }
});

const without = (name: string): ProofParts => ({ claims: { [name]: undefined } });
const header = (different: object): ProofParts => ({ header: { ...different } });
const claims = (different: object): ProofParts => ({ claims: { ...different } });

const HOUR = 3600;

/** What has to be refused, by what it is. */
const WRONG: Readonly<Record<string, (suite: Suite) => ProofParts>> = {
  'without typ': () => header({ typ: undefined }),
  'without jwk': () => header({ jwk: undefined }),
  'without jti': () => without('jti'),
  'without htm': () => without('htm'),
  'without htu': () => without('htu'),
  'without iat': () => without('iat'),
  'without ath': () => without('ath'),
  'with another typ': () => header({ typ: 'jwt' }),
  'with its private key': ({ first }) => header({ jwk: first.holder.privateJwk }),
  'for another method': () => claims({ htm: 'PUT' }),
  'for another URL': () => claims({ htu: `${ISSUER}/other` }),
  'made an hour ago': ({ test }) => claims({ iat: test.clock() - HOUR }),
  'made in an hour': ({ test }) => claims({ iat: test.clock() + HOUR }),
  'for another token': () => claims({ ath: base64url.encode('another token') }),
};

/** What has to be taken. */
const RIGHT: Readonly<Record<string, ProofParts>> = {
  'with a query and a fragment': claims({ htu: `${USERINFO_URL}?query=1#fragment` }),
  'with unknown members': { header: { odd: 'x' }, claims: { odd: { x: 1 } } },
  'with scheme and host in upper case': claims({
    htu: USERINFO_URL.replace('https://op.example', 'HTTPS://OP.EXAMPLE'),
  }),
  'with the port that is the default': claims({
    htu: USERINFO_URL.replace('op.example', 'op.example:443'),
  }),
};

/** The same proof, but its first part is another. */
function withHeaderOf(proof: string, different: object): string {
  const [first = '', ...rest] = proof.split('.');
  const members = JSON.parse(Buffer.from(first, 'base64url').toString());
  return [base64url.encode(JSON.stringify({ ...members, ...different })), ...rest].join('.');
}

async function signWithRs256({ privateJwk }: Holder, proof: string): Promise<string> {
  const { alg: _, ...members }: JWK = privateJwk;
  const [first = '', payload = ''] = proof.split('.');
  const { jwk } = JSON.parse(Buffer.from(first, 'base64url').toString());
  return new CompactSign(Buffer.from(payload, 'base64url'))
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'RS256', jwk })
    .sign(await importJWK(members, 'RS256'));
}

/** Spoilt after it was signed. */
const SPOILT: Readonly<Record<string, (proof: string, suite: Suite) => string | Promise<string>>> =
  {
    'that is no JWT': (proof) => proof.replaceAll('.', ''),
    'without alg': (proof) => withHeaderOf(proof, { alg: undefined }),
    'with alg none': (proof) =>
      `${withHeaderOf(proof, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`,
    'with a signature of something else': (proof) => withHeaderOf(proof, { odd: 'x' }),
    'signed with RS256': (proof, { first }) => signWithRs256(first.holder, proof),
  };

describe('FAPI 2.0 conformance: proofs at the resource', () => {
  it('fapi2-security-profile-final-dpop-negative-tests: refuses all that is wrong, takes all that is not, and the token stays good', async () => {
    const suite = await createSuite({ dpopAlg: 'PS256' });
    const { test, first, second } = suite;
    const { access_token } = (await signIn(suite, first)).tokens;

    for (const [what, make] of Object.entries(WRONG)) {
      expect(await call(suite, access_token, make(suite)), what).toBe(401);
    }
    for (const [what, proof] of Object.entries(RIGHT)) {
      expect(await call(suite, access_token, proof), what).toBe(200);
    }
    for (const [what, spoil] of Object.entries(SPOILT)) {
      const { headers = {} } = await first.call(access_token);
      const dpop = await spoil(headers['dpop'] ?? '', suite);
      const answer = await test.userinfo(undefined, { headers: { ...headers, dpop } });
      expect(answer.status, what).toBe(401);
    }
    const byOther = await first.call(access_token, {}, second.holder);
    expect((await test.userinfo(undefined, byOther)).status, 'another key').toBe(401);
    const none = { headers: { authorization: `DPoP ${access_token}` } };
    expect((await test.userinfo(undefined, none)).status, 'no proof').toBe(401);
    expect((await test.userinfo(access_token)).status, 'as a bearer token').toBe(401);
    const jti = 'the same twice';
    expect(await call(suite, access_token, claims({ jti }))).toBe(200);
    expect(await call(suite, access_token, claims({ jti })), 'a second time').toBe(401);
    expect(await call(suite, access_token), 'a right one at the end').toBe(200);
  });

  it('fapi2-security-profile-final-dpop-negative-tests: over HTTP, takes DPOP for DPoP, and never two of them', async () => {
    const suite = await createSuite();
    const { test, first } = suite;
    const { access_token } = (await signIn(suite, first)).tokens;
    const { target } = await startHttp({ issuerUrl: ISSUER, deps: { issuer: () => test.issuer } });
    const send = async (path: string, names: readonly string[]) => {
      const proofs = await Promise.all(
        names.map(async (name) => `${name}: ${await first.holder.proveAt(access_token)}`),
      );
      const lines = [`GET ${path} HTTP/1.1`, 'Host: op.example', ...proofs];
      return (await ask(target, [...lines, `Authorization: DPoP ${access_token}`])).status;
    };

    expect(await send('/a/userinfo', ['DPOP'])).toBe(200);
    expect(await send('/a/userinfo?of=the-url', ['DPoP'])).toBe(200);
    expect(await send('/a/userinfo', ['DPoP', 'DPoP'])).toBe(401);
    expect(await send('/a/userinfo', ['DPoP'])).toBe(200);
  });
});
