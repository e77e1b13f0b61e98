import { describe, expect, it } from 'vitest';
import type { Claims, JsonValue } from '../../internal/protocol/claims.ts';
import type { Client } from '../../internal/protocol/client.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, type Different } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const shaped = (different: Partial<Client> = {}): Client =>
  makeClient('shaped', {
    preferredUsernameTransform: ['local-part', 'lower'],
    claimMappings: [
      { claim: 'roles', from: 'groups', match: undefined, stripPrefix: 'team-', values: undefined },
    ],
    ...different,
  });

function createIssuer(client: Client, different: Different = {}) {
  const issuer = createTestIssuer({ clients: [client], ...different });
  issuer.users.set('Carol', {
    preferred_username: 'Carol@Corp.example',
    groups: ['team-admin', 'all'],
    email: 'carol@corp.example',
    email_verified: true,
  });
  return issuer;
}

const SCOPE = 'openid profile groups';
const TOLD = { preferred_username: 'carol', groups: ['team-admin', 'all'], roles: ['admin'] };
const carol = identify('Carol');

describe('claims in another form', () => {
  it('are the same in the ID Token and at UserInfo, and sub is untouched', async () => {
    const { signIn, userinfo, refresh } = createIssuer(shaped());

    const tokens = await signIn({ client_id: 'shaped', scope: SCOPE }, carol);
    const refreshed = await refresh(tokens.refresh_token, {}, 'shaped');

    expect((await userinfo(tokens.access_token)).json).toEqual({ sub: 'Carol', ...TOLD });
    expect(claimsOf(tokens.id_token)).toMatchObject({ sub: 'Carol', ...TOLD });
    expect(claimsOf(String(refreshed.json['id_token']))).toMatchObject({ sub: 'Carol', ...TOLD });
  });

  it('are for that client alone', async () => {
    const { signIn, userinfo } = createIssuer(shaped());

    const { access_token, id_token } = await signIn({ scope: SCOPE }, carol);

    const plain = { preferred_username: 'Carol@Corp.example', groups: ['team-admin', 'all'] };
    expect((await userinfo(access_token)).json).toEqual({ sub: 'Carol', ...plain });
    expect(claimsOf(id_token)).toMatchObject(plain);
    expect(claimsOf(id_token)).not.toHaveProperty('roles');
  });

  it('need the scope of their source', async () => {
    const { signIn, userinfo } = createIssuer(shaped());

    const { access_token, id_token } = await signIn(
      { client_id: 'shaped', scope: 'openid profile' },
      carol,
    );

    expect((await userinfo(access_token)).json).toEqual({
      sub: 'Carol',
      preferred_username: 'carol',
    });
    expect(claimsOf(id_token)).not.toHaveProperty('roles');
  });

  it('can be asked for by name, at either place', async () => {
    const { signIn, userinfo } = createIssuer(shaped({ idTokenClaims: 'minimal' }));
    const ask = (claims: object) =>
      signIn({ client_id: 'shaped', scope: 'openid', claims: JSON.stringify(claims) }, carol);

    const there = await ask({ userinfo: { roles: null } });
    const here = await ask({ id_token: { roles: null } });

    expect((await userinfo(there.access_token)).json).toEqual({ sub: 'Carol', roles: ['admin'] });
    expect(claimsOf(there.id_token)).not.toHaveProperty('roles');
    expect((await userinfo(here.access_token)).json).toEqual({ sub: 'Carol' });
    expect(claimsOf(here.id_token)).toHaveProperty('roles', ['admin']);
  });

  it('cannot be asked for by a client that may not have the scope of their source', async () => {
    const { signIn, userinfo } = createIssuer(shaped({ scope: ['openid', 'profile'] }));
    const claims = JSON.stringify({ userinfo: { roles: null, preferred_username: null } });

    const { access_token } = await signIn({ client_id: 'shaped', scope: 'openid', claims }, carol);

    expect((await userinfo(access_token)).json).toEqual({
      sub: 'Carol',
      preferred_username: 'carol',
    });
  });

  it('count as the scope of their source where the End-User is asked (CO-4)', async () => {
    const { authorize } = createIssuer(shaped({ consent: 'always' }));
    const claims = JSON.stringify({ userinfo: { roles: null } });

    const { page } = await authorize({ client_id: 'shaped', scope: 'openid', claims }, carol);

    expect(page).toMatchObject({
      kind: 'consent',
      scope: [{ name: 'openid' }, { name: 'groups' }],
    });
  });

  it('never become a claim that Asteroid says itself', async () => {
    const from = { from: 'groups', match: undefined, stripPrefix: '', values: undefined };
    const claimMappings = ['sub', 'iss', 'aud', 'acr', '__proto__'].map((claim) => ({
      claim,
      ...from,
    }));
    const { signIn, userinfo } = createIssuer(shaped({ claimMappings }));

    const tokens = await signIn({ client_id: 'shaped', scope: SCOPE }, carol);

    const { iss, sub, aud, acr } = claimsOf(tokens.id_token);
    expect({ iss, sub, aud, acr }).toEqual({
      iss: 'https://op.example/a',
      sub: 'Carol',
      aud: 'shaped',
      acr: undefined,
    });
    expect(Object.keys((await userinfo(tokens.access_token)).json).sort()).toEqual([
      'groups',
      'preferred_username',
      'sub',
    ]);
  });

  it('say nothing about who may sign in: that is decided by the groups as they are known', async () => {
    const claimMappings = [
      {
        claim: 'groups',
        from: 'groups',
        match: undefined,
        stripPrefix: 'team-',
        values: undefined,
      },
    ];
    const letting = (group: string) =>
      createIssuer(
        shaped({ claimMappings, allow: { subjects: [], groups: [group], emailDomains: [] } }),
      ).authorize({ client_id: 'shaped' }, carol);

    expect((await letting('team-admin')).params.has('code')).toBe(true);
    expect((await letting('admin')).params.get('error')).toBe('access_denied');
  });
});

describe('who may sign in by the domain of their email', () => {
  const member = (domains: readonly string[]) =>
    makeClient('member', { allow: { subjects: [], groups: [], emailDomains: domains } });

  async function admits(domains: readonly string[], claims: Claims): Promise<boolean> {
    const { authorize, users } = createTestIssuer({ clients: [member(domains)] });
    users.set('dora', claims);
    return (await authorize({ client_id: 'member' }, identify('dora'))).params.has('code');
  }
  const verified = (email: JsonValue) => ({ email, email_verified: true });

  for (const [domain, email] of [
    ['corp.example', 'dora@corp.example'],
    ['Corp.Example', 'dora@cORP.example'],
    ['corp.example', 'Dora+x@corp.example'],
  ] as const) {
    it(`lets ${email} in by ${domain}`, async () => {
      expect(await admits(['other.example', domain], verified(email))).toBe(true);
    });
  }

  for (const [domain, email] of [
    ['corp.example', 'dora@evil.example'],
    ['corp.example', 'dora@sub.corp.example'],
    ['corp.example', 'dora@evilcorp.example'],
    ['corp.example', 'dora@corp.example.evil.example'],
    ['corp.example', 'dora@corp.example@evil.example'],
    ['corp.example', '"dora@evil.example"@corp.example'],
    ['corp.example', '@corp.example'],
    ['corp.example', 'corp.example'],
    ['corp.example', 'dora@corp.example '],
    ['corp.example', 'dora@corp.example.'],
    // The Kelvin sign, which `toLowerCase` makes a k of.
    ['kate.example', 'dora@\u212Aate.example'],
    ['', 'dora@'],
  ] as const) {
    it(`keeps ${email} out of ${domain}`, async () => {
      expect(await admits([domain], verified(email))).toBe(false);
    });
  }

  for (const [what, claims] of [
    ['that nobody verified', { email: 'dora@corp.example' }],
    ['that is not verified', { email: 'dora@corp.example', email_verified: false }],
    [
      'that something else than true verifies',
      { email: 'dora@corp.example', email_verified: 'true' },
    ],
    ['that is a list', verified(['dora@corp.example'])],
    ['that is missing', { email_verified: true }],
  ] as const) {
    it(`keeps out an address ${what}`, async () => {
      expect(await admits(['corp.example'], claims)).toBe(false);
    });
  }

  it('is one way in beside the others', async () => {
    const { authorize, users } = createTestIssuer({
      clients: [
        makeClient('member', {
          allow: { subjects: [], groups: ['sales'], emailDomains: ['corp.example'] },
        }),
      ],
    });
    users.set('dora', verified('dora@corp.example'));
    const signIn = (name: string) => authorize({ client_id: 'member' }, identify(name));

    expect((await signIn('bob')).params.has('code')).toBe(true);
    expect((await signIn('dora')).params.has('code')).toBe(true);
    expect((await signIn('alice')).params.get('error')).toBe('access_denied');
  });
});
