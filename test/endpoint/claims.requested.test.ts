import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { scopeNamesOf } from '../support/consent.ts';
import { ALICE, createTestIssuer } from '../support/issuer.ts';
import { claimsOf } from '../support/tokens.ts';

const ask = (userinfo: object, id_token: object = {}) => JSON.stringify({ userinfo, id_token });

const create = () => {
  const test = createTestIssuer({ clients: [makeClient('lean', { idTokenClaims: 'minimal' })] });
  test.users.set('alice', { ...ALICE, 'name#ja': 'アリス', 'name#de': 'Alice', 'shoe#de': 'x' });
  return test;
};

/** What UserInfo says after a sign-in with these claims. */
async function told(claims: string, scope = 'openid') {
  const test = create();
  const { access_token } = await test.signIn({ client_id: 'lean', scope, claims });
  const { sub: _sub, ...rest } = (await test.userinfo(access_token)).json;
  return rest;
}

describe('claims asked for by value (OIDC Core §5.5.1; AZ-13)', () => {
  it('are told when the value is one of those, at both places', async () => {
    const wanted = { value: 'Alice Example' };
    const test = create();
    const claims = ask({ name: wanted }, { name: { values: ['x', 'Alice Example'] } });
    const tokens = await test.signIn({ client_id: 'lean', scope: 'openid', claims });

    expect((await test.userinfo(tokens.access_token)).json['name']).toBe('Alice Example');
    expect(claimsOf(tokens.id_token)['name']).toBe('Alice Example');
  });

  it('are not told when it is another, and that is no error even for an essential one', async () => {
    const wanted = { value: 'Bob Example', essential: true };
    const test = create();
    const tokens = await test.signIn({
      client_id: 'lean',
      scope: 'openid',
      claims: ask({ name: wanted, email: { values: [] } }, { name: wanted }),
    });

    expect((await test.userinfo(tokens.access_token)).json).toEqual({
      sub: 'alice',
      email: 'alice@example.test',
    });
    expect(claimsOf(tokens.id_token)).not.toHaveProperty('name');
  });

  it('are compared as JSON: a text is no number, and members have no order', async () => {
    const address = { country: 'US', locality: 'Springfield' };

    expect(await told(ask({ updated_at: { value: '1700000000' } }))).toEqual({});
    expect(await told(ask({ updated_at: { value: 1_700_000_000 } }))).toEqual({
      updated_at: 1_700_000_000,
    });
    expect(await told(ask({ address: { value: address } }))).toEqual({ address });
    expect(await told(ask({ website: { value: null } }))).toEqual({});
  });

  it('are told all the same where their scope was granted', async () => {
    expect(await told(ask({ email: { value: 'x' } }), 'openid email')).toEqual({
      email: 'alice@example.test',
      email_verified: true,
    });
  });
});

describe('claims asked for in a language (OIDC Core §5.2; AZ-13)', () => {
  it('are told under the name they were asked for by', async () => {
    expect(await told(ask({ 'name#ja': null, 'name#fr': null }))).toEqual({ 'name#ja': 'アリス' });
  });

  it('only where the claim itself may be asked for', async () => {
    const claims = ask({ 'shoe#de': null, 'name#de#ja': null, 'sub#de': null, '#de': null });

    expect(await told(claims)).toEqual({});
  });

  it('and the End-User is asked about their scope', async () => {
    const test = create();
    test.clients.set('lean', makeClient('lean', { consent: 'always' }));
    const { page } = await test.authorize({
      client_id: 'lean',
      scope: 'openid',
      claims: ask({ 'name#de': null }),
    });

    expect(scopeNamesOf(page)).toEqual(['openid', 'profile']);
  });
});

describe('claims about the sign-in (OIDC Core §5.5.1.1; AZ-13)', () => {
  const identity = { subject: 'alice' as never, claims: {}, authTime: 1_799_999_000, acr: 'mfa' };

  for (const [what, request, error] of [
    ['acr, essential, as it is', { acr: { essential: true, values: ['pwd', 'mfa'] } }, null],
    [
      'acr, essential, as it is not',
      { acr: { essential: true, value: 'hwk' } },
      'unmet_authentication_requirements',
    ],
    ['acr, as it is not, but only wished for', { acr: { value: 'hwk' } }, null],
    ['sub as it is', { sub: { value: 'alice' } }, null],
    ['sub of somebody else', { sub: { value: 'bob' } }, 'login_required'],
    ['auth_time, essential', { auth_time: { essential: true } }, null],
  ] as const) {
    it(`${what}: ${error ?? 'a code'}`, async () => {
      const { authorize } = create();
      const { params } = await authorize({ claims: ask({}, request) }, identity);

      expect(params.get('error')).toBe(error);
      expect(params.has('code')).toBe(error === null);
    });
  }

  it('auth_time, essential, where nobody knows it: login_required', async () => {
    const { authorize } = create();
    const { authTime: _authTime, ...unknown } = identity;
    const claims = ask({}, { auth_time: { essential: true } });

    expect((await authorize({ claims }, unknown)).params.get('error')).toBe('login_required');
  });
});
