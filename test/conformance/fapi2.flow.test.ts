// Modules of the plan for FAPI 2.0 about the flow as a whole: what it may be like, and what comes back.

import { describe, expect, it } from 'vitest';
import { startHttp } from '../support/http-app.ts';
import { ISSUER } from '../support/issuer.ts';
import { ask } from '../support/raw-http.ts';
import { identify, makeRequest, settle, toParams } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';
import {
  authorize,
  checkUserinfo,
  codeOf,
  createSuite,
  errorAt,
  push,
  redeem,
  type Suite,
  signIn,
  tokensOf,
  VARIANTS,
  visit,
} from './fapi2.fixture.ts';

const LONG_STATE = 'aZ09-._~'.repeat(16);

const readMetadata = async ({ test }: Suite) =>
  (await settle(test.issuer.discovery(makeRequest({ method: 'GET' })))).json;

describe('FAPI 2.0 conformance: metadata', () => {
  for (const variant of VARIANTS) {
    it(`fapi2-security-profile-final-discovery-end-point-verification: offers what a run by ${variant} needs`, async () => {
      const metadata = await readMetadata(await createSuite({ variant }));
      const listOf = (member: string) => expect.soft(metadata[member], member);

      expect(metadata).toMatchObject({
        issuer: ISSUER,
        authorization_response_iss_parameter_supported: true,
        pushed_authorization_request_endpoint: expect.stringMatching(/^https:/),
        require_pushed_authorization_requests: expect.any(Boolean),
        tls_client_certificate_bound_access_tokens: true,
      });
      for (const member of [
        'dpop_signing_alg_values_supported',
        'id_token_signing_alg_values_supported',
        'token_endpoint_auth_signing_alg_values_supported',
      ]) {
        listOf(member).toEqual(expect.arrayContaining(['PS256', 'ES256', 'EdDSA']));
      }
      listOf('response_types_supported').toContain('code');
      listOf('code_challenge_methods_supported').toContain('S256');
      listOf('grant_types_supported').toContain('authorization_code');
      listOf('scopes_supported').toContain('openid');
      listOf('subject_types_supported').toContain('public');
      listOf('token_endpoint_auth_methods_supported').toEqual(
        expect.arrayContaining([
          'private_key_jwt',
          'tls_client_auth',
          'self_signed_tls_client_auth',
        ]),
      );
    });
  }
});

describe('FAPI 2.0 conformance: a sign-in', () => {
  for (const variant of VARIANTS) {
    it(`fapi2-security-profile-final-happy-flow: signs in both clients by ${variant}, and neither with the other’s key`, async () => {
      const suite = await createSuite({ variant });
      const { test, first, second } = suite;
      const { tokens: firstTokens } = await signIn(suite, first);
      const more = { state: LONG_STATE, nonce: 'bY18-._~'.repeat(5).concat('abc') };
      const { tokens } = await signIn(suite, second, {
        ...more,
        ...(variant === 'mTLS' ? {} : { dpop_jkt: second.holder.jkt }),
      });

      expect(claimsOf(tokens.id_token)['nonce']).toHaveLength(43);
      const stolen = await first.call(tokens.access_token);
      expect((await test.userinfo(undefined, stolen)).status).toBe(401);
      const { headers, ...rest } = await second.call(tokens.access_token);
      const odd = {
        'x-fapi-customer-ip-address': '2001:db8::1893:25c8:1946',
        'x-fapi-interaction-id': 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a',
        accept: 'application/json; charset=iso-8859-1, application/json;q=0.5, */*;q=0.1',
      };
      const called = await test.userinfo(undefined, { ...rest, headers: { ...headers, ...odd } });
      expect(called.status).toBe(200);
      await checkUserinfo(suite, first, firstTokens);
    });
  }

  it('fapi2-security-profile-final-happy-flow: over HTTP, with a Date and never with the token in the query', async () => {
    const suite = await createSuite();
    const { test, first } = suite;
    const { tokens } = await signIn(suite, first);
    const { target } = await startHttp({ issuerUrl: ISSUER, deps: { issuer: () => test.issuer } });
    const call = async (query: string, withToken: boolean) => {
      const { headers = {} } = await first.call(tokens.access_token);
      return ask(target, [
        `GET /a/userinfo${query} HTTP/1.1`,
        'Host: op.example',
        ...(withToken ? [`Authorization: ${headers['authorization']}`] : []),
        `DPoP: ${headers['dpop']}`,
        'x-fapi-interaction-id: c770aef3-6784-41f7-8e0e-ff5f97bddb3a',
      ]);
    };

    const honest = await call('', true);
    expect(honest.status).toBe(200);
    expect(Date.parse(honest.headers['date'] ?? '')).not.toBeNaN();
    expect([undefined, 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a']).toContain(
      honest.headers['x-fapi-interaction-id'],
    );
    expect((await call(`?access_token=${tokens.access_token}`, false)).status).toBe(401);
  });

  it('fapi2-security-profile-final-user-rejects-authentication: sends access_denied to both clients, with a state of 128 characters', async () => {
    const suite = await createSuite({ more: { consent: 'always' } });
    for (const party of [suite.first, suite.second]) {
      const pushed = await push(suite, party, { state: LONG_STATE });
      const { page } = await visit(suite, pushed);
      if (page?.kind !== 'consent') throw new Error('nobody was asked');
      const answer = await suite.test.consent({ handle: page.handle, decision: 'deny' });

      expect(LONG_STATE).toHaveLength(128);
      expect(errorAt(pushed, answer)).toBe('access_denied');
    }
  });

  it('fapi2-security-profile-final-ensure-authorization-request-without-state-success: sends no state back', async () => {
    const suite = await createSuite();
    const { pushed } = await signIn(suite, suite.first, { state: undefined });

    expect(pushed.query['state']).toBeUndefined();
  });

  it('fapi2-security-profile-final-ensure-authorization-request-without-nonce-success: has no nonce in the ID Token', async () => {
    const suite = await createSuite();
    const { tokens } = await signIn(suite, suite.first, { nonce: undefined });

    expect(claimsOf(tokens.id_token)).not.toHaveProperty('nonce');
  });

  it('fapi2-security-profile-final-ensure-authorization-request-with-64-char-nonce-success: has it in the ID Token, intact', async () => {
    const suite = await createSuite();
    const nonce = 'Zz9-._~x'.repeat(8);
    const { tokens } = await signIn(suite, suite.first, { nonce });

    expect(nonce).toHaveLength(64);
    expect(claimsOf(tokens.id_token)['nonce']).toBe(nonce);
  });

  it('fapi2-security-profile-final-ensure-authorization-request-with-long-nonce: has all 384 characters in the ID Token', async () => {
    const suite = await createSuite();
    const nonce = 'Zz9-._~x'.repeat(48);
    const { tokens } = await signIn(suite, suite.first, { nonce });

    expect(nonce).toHaveLength(384);
    expect(claimsOf(tokens.id_token)['nonce']).toBe(nonce);
  });

  it('fapi2-security-profile-final-ensure-authorization-request-with-long-state: sends all 1000 characters back', async () => {
    const suite = await createSuite();
    const state = 'Zz9-._~x'.repeat(125);
    await signIn(suite, suite.first, { state });

    expect(state).toHaveLength(1000);
  });

  it('fapi2-security-profile-final-ensure-other-scope-order-succeeds: takes the scope in another order', async () => {
    const suite = await createSuite();
    const { tokens } = await signIn(suite, suite.first, { scope: 'profile email openid' });

    expect(String(claimsOf(tokens.access_token)['scope']).split(' ').sort()).toEqual([
      'email',
      'openid',
      'profile',
    ]);
  });
});

/** Members that OIDC Core §5.1 has, as the suite asks for them. */
const STANDARD =
  `name given_name family_name middle_name nickname preferred_username profile picture website gender
  birthdate zoneinfo locale email email_verified phone_number phone_number_verified address
  updated_at`.split(/\s+/);

describe('FAPI 2.0 conformance: claims asked for by name', () => {
  it('fapi2-security-profile-final-test-claims-parameter-identity-claims: tells each where it was asked for', async () => {
    const suite = await createSuite();
    const supported = await readMetadata(suite);
    const names = STANDARD.filter((name) =>
      (supported['claims_supported'] as readonly string[]).includes(name),
    );
    const known = Object.fromEntries(names.map((name) => [name, `a ${name}`]));
    suite.test.users.set('alice', known);
    const ways = [null, {}, { essential: true }, { essential: false }, { essential: true, odd: 1 }];
    const wanted = Object.fromEntries(
      names.map((name, index) => [name, ways[index % ways.length]]),
    );
    const everywhere = { ...wanted, 'https://suite.example/unknown': { essential: true } };
    const claims = JSON.stringify({ id_token: everywhere, userinfo: everywhere, odd: {} });

    expect(supported['claims_parameter_supported']).toBe(true);
    expect(names).toHaveLength(STANDARD.length);
    const { tokens } = await signIn(suite, suite.first, { claims });
    const { json } = await checkUserinfo(suite, suite.first, tokens);
    expect(json).toMatchObject(known);
    expect(claimsOf(tokens.id_token)).toMatchObject(known);
    expect(Object.keys(json).sort()).toEqual(['sub', ...names].sort());
  });
});

describe('FAPI 2.0 conformance: what stands beside a pushed request', () => {
  it('fapi2-security-profile-final-par-without-duplicate-parameters: takes the client and the reference alone', async () => {
    const suite = await createSuite();
    for (const party of [suite.first, suite.second]) {
      const pushed = await push(suite, party);
      const code = codeOf(pushed, await visit(suite, pushed, {}));

      await tokensOf(suite, party, pushed, await redeem(suite, party, code));
    }
  });

  it('fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object: uses the nonce that was pushed', async () => {
    const suite = await createSuite();
    const pushed = await push(suite, suite.first, { nonce: 'inside' });
    const code = codeOf(pushed, await visit(suite, pushed, { nonce: 'outside' }));
    const tokens = await tokensOf(
      suite,
      suite.first,
      pushed,
      await redeem(suite, suite.first, code),
    );

    expect(claimsOf(tokens.id_token)['nonce']).toBe('inside');
  });

  it('fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object: sends the state back that was pushed', async () => {
    const suite = await createSuite();
    const pushed = await push(suite, suite.first, { state: 'inside' });
    const answer = await visit(suite, pushed, { state: 'outside' });

    expect(codeOf(pushed, answer)).not.toBe('');
    expect(answer.params.getAll('state')).toEqual(['inside']);
  });

  it('fapi2-security-profile-final-state-only-outside-request-object-not-used: sends no state back', async () => {
    const suite = await createSuite();
    const pushed = await push(suite, suite.first, { state: undefined });
    const answer = await visit(suite, pushed, { state: 'outside' });

    expect(codeOf(pushed, answer)).not.toBe('');
    expect(answer.params.has('state')).toBe(false);
  });

  it('fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails: answers invalid_request, and no code', async () => {
    const suite = await createSuite();
    const { query } = await push(suite, suite.first);
    const params = toParams(query);
    const answer = await suite.test.authorize({}, identify('alice'), { params });

    expect(errorAt({ query, answer }, answer)).toBe('invalid_request');
    await authorize(suite, suite.first);
  });
});
