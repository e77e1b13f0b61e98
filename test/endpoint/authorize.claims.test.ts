import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { sentTo } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const refused = (error: string) => ({
  to: 'https://rp.example/callback',
  error,
  state: 'state-1',
  iss: ISSUER,
});

describe('authorization endpoint: claims parameter (OIDC Core §5.5; AZ-13)', () => {
  it('releases a claim that is asked for by name at the place it is asked for', async () => {
    const { signIn, userinfo } = createTestIssuer({
      clients: [makeClient('lean', { idTokenClaims: 'minimal' })],
    });
    const claims = JSON.stringify({
      userinfo: { name: { essential: true } },
      id_token: { email: null },
    });

    const tokens = await signIn({ client_id: 'lean', scope: 'openid', claims });

    expect((await userinfo(tokens.access_token)).json).toEqual({
      sub: 'alice',
      name: 'Alice Example',
    });
    expect(claimsOf(tokens.id_token)).toHaveProperty('email', 'alice@example.test');
    expect(claimsOf(tokens.id_token)).not.toHaveProperty('name');
  });

  it('goes on counting after a refresh', async () => {
    const { signIn, refresh, userinfo } = createTestIssuer();
    const tokens = await signIn({ scope: 'openid', claims: '{"userinfo":{"name":null}}' });

    const { json } = await refresh(tokens.refresh_token);

    const answer = await userinfo(String(json['access_token']));
    expect(answer.json).toEqual({ sub: 'alice', name: 'Alice Example' });
  });

  for (const claims of [
    '{',
    '[]',
    '5',
    'null',
    '{"id_token":{"sub":5}}',
    '{"id_token":{"a":1},"id_token":{"a":1}}',
    '['.repeat(8000),
    `{"id_token":${'{"a":'.repeat(1000)}1${'}'.repeat(1001)}`,
    `{"x":"${'a'.repeat(1_000_000)}"}`,
  ]) {
    it(`refuses ${claims.slice(0, 40)} (${claims.length}) with invalid_request`, async () => {
      const { authorize } = createTestIssuer();

      expect(sentTo(await authorize({ claims }))).toEqual(refused('invalid_request'));
    });
  }

  it('never releases what is not the End-User’s to have: reserved and dangerous names', async () => {
    const { signIn, userinfo, users } = createTestIssuer();
    const reserved = { client_id: 'root', scope: 'admin', act: 'x', acr: 'high', auth_time: 1 };
    users.set('alice', { name: 'A', ...reserved });
    const names = Object.fromEntries(
      [...Object.keys(reserved), 'constructor', 'toString', '__proto__'].map((name) => [
        name,
        null,
      ]),
    );
    const claims = JSON.stringify({ userinfo: names, id_token: names });

    const tokens = await signIn({ scope: 'openid', claims });

    expect((await userinfo(tokens.access_token)).json).toEqual({ sub: 'alice' });
    for (const name of Object.keys(names)) {
      expect(Object.keys(claimsOf(tokens.id_token))).not.toContain(name);
    }
  });

  it('gives no claim to a client that could not have asked for its scope', async () => {
    const client = makeClient('few', { scope: ['openid', 'profile'] });
    const { signIn, userinfo } = createTestIssuer({ clients: [client] });
    const names = { email: { essential: true }, name: null, groups: null };
    const claims = JSON.stringify({ userinfo: names, id_token: names });

    const tokens = await signIn({ client_id: 'few', scope: 'openid', claims });

    expect((await userinfo(tokens.access_token)).json).toEqual({
      sub: 'alice',
      name: 'Alice Example',
    });
    expect(claimsOf(tokens.id_token)).toHaveProperty('name', 'Alice Example');
    expect(claimsOf(tokens.id_token)).not.toHaveProperty('email');
    expect(claimsOf(tokens.id_token)).not.toHaveProperty('groups');
  });

  it('answers a sub of somebody else with login_required and the right one with a code', async () => {
    const { authorize } = createTestIssuer();
    const claims = (value: unknown) => JSON.stringify({ id_token: { sub: { value } } });

    expect(sentTo(await authorize({ claims: claims('bob') }))).toEqual(refused('login_required'));
    expect(sentTo(await authorize({ claims: claims(['alice']) }))).toEqual(
      refused('login_required'),
    );
    expect((await authorize({ claims: claims('alice') })).params.has('code')).toBe(true);
  });

  it('answers an essential auth_time that nobody knows with login_required', async () => {
    const { authorize } = createTestIssuer();
    const claims = '{"id_token":{"auth_time":{"essential":true}}}';

    expect(sentTo(await authorize({ claims }))).toEqual(refused('login_required'));
  });

  it('ignores claims it does not know', async () => {
    const { signIn } = createTestIssuer();
    const claims = '{"id_token":{"https://x.example/shoe_size":{"essential":true}}}';

    const { id_token } = await signIn({ claims });

    expect(claimsOf(id_token)).not.toHaveProperty('https://x.example/shoe_size');
  });
});
