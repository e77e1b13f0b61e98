import { describe, expect, it } from 'vitest';
import type { Claims } from '../../internal/protocol/claims.ts';
import { buildScopeTable, type ScopeTerms } from '../../internal/protocol/scope-table.ts';
import { makeClient } from '../support/clients.ts';
import { ALICE, createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { makeRequest, sentTo } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const CALLBACK = 'https://rp.example/callback';

const terms = (different: Partial<ScopeTerms> = {}): ScopeTerms => ({
  description: undefined,
  claims: [],
  isDefault: false,
  clients: undefined,
  ...different,
});

const SCOPES = buildScopeTable(
  new Map([
    ['hr', terms({ description: 'your department', claims: ['department', 'email'] })],
    ['profile', terms({ claims: ['department'] })],
    ['staff', terms({ description: 'where you sit', claims: ['room'], clients: ['conf'] })],
    ['phone', terms({ description: 'how to call you', clients: ['conf'] })],
    ['api:read', terms({ isDefault: true })],
    ['api:admin', terms()],
    ['api:secret', terms({ isDefault: true, clients: ['svc2'] })],
  ]),
);

const KNOWN: Claims = { ...ALICE, department: 'sales', room: 'B 12', salary: 1 };

const machine = (clientId: string, scope?: readonly string[]) =>
  makeClient(clientId, { grantTypes: ['client_credentials'], redirectUris: [], scope });

function createScoped(): TestIssuer {
  const test = createTestIssuer({
    policy: { scopes: SCOPES },
    clients: [
      makeClient('asking', { consent: 'once' }),
      makeClient('narrow', { scope: ['openid', 'hr', 'print'] }),
      machine('svc1'),
      machine('svc2'),
      machine('svc3', ['api:read', 'api:admin', 'own', 'openid', 'staff']),
    ],
  });
  test.users.set('alice', KNOWN);
  return test;
}

const scopeFor = async ({ token }: TestIssuer, caller: string, scope?: string) => {
  const { json } = await token({ grant_type: 'client_credentials', scope }, caller);
  return json['scope'] ?? json['error'];
};

describe('scopes of one’s own: claims (OIDC Core §5.4; TC-5)', () => {
  it('release their claims in the ID Token and at UserInfo, and no other', async () => {
    const { signIn, userinfo } = createScoped();

    const tokens = await signIn({ scope: 'openid hr' });
    const told = { department: 'sales', email: 'alice@example.test' };

    expect(tokens.scope).toBe('openid hr');
    expect(claimsOf(tokens.id_token)).toMatchObject(told);
    expect(claimsOf(tokens.id_token)).not.toHaveProperty('room');
    expect(claimsOf(tokens.access_token)).not.toHaveProperty('department');
    expect((await userinfo(tokens.access_token)).json).toEqual({ sub: 'alice', ...told });
  });

  it('add to what a standard scope releases, and take nothing from it', async () => {
    const { signIn, userinfo } = createScoped();

    const { access_token } = await signIn({ scope: 'openid profile' });

    expect((await userinfo(access_token)).json).toMatchObject({
      name: 'Alice Example',
      department: 'sales',
    });
  });

  it('never release what nobody declares', async () => {
    const { signIn } = createScoped();

    const claims = '{"id_token":{"salary":null,"room":null}}';
    const { id_token } = await signIn({ claims });

    expect(claimsOf(id_token)).not.toHaveProperty('salary');
    expect(claimsOf(id_token)).toHaveProperty('room', 'B 12');
  });

  it('never release a claim that is ours alone to say, even if a table says so', async () => {
    const scopes = buildScopeTable(new Map([['evil', terms({ claims: ['sub', 'aud', 'nonce'] })]]));
    const { signIn, users } = createTestIssuer({ policy: { scopes } });
    users.set('alice', { sub: 'root', aud: 'conf2', nonce: 'forged' });

    const { id_token } = await signIn({ scope: 'openid evil', nonce: 'n-1' });

    expect(claimsOf(id_token)).toMatchObject({ sub: 'alice', aud: 'conf', nonce: 'n-1' });
  });

  it('let a claim be asked for by name only by clients that could ask for its scope', async () => {
    const { signIn } = createScoped();
    const claims = '{"id_token":{"room":null,"department":null}}';

    const other = await signIn({ client_id: 'conf2', scope: 'openid', claims });
    const own = await signIn({ scope: 'openid', claims });

    expect(claimsOf(other.id_token)).not.toHaveProperty('room');
    expect(claimsOf(other.id_token)).toHaveProperty('department', 'sales');
    expect(claimsOf(own.id_token)).toHaveProperty('room', 'B 12');
  });
});

describe('scopes of one’s own: who may ask (RFC 6749 §3.3; AZ-6, CC-2)', () => {
  it('leave out what is for other clients, of standard scopes, too', async () => {
    const { signIn } = createScoped();

    const scope = 'openid staff phone hr';

    expect((await signIn({ scope })).scope).toBe(scope);
    expect((await signIn({ client_id: 'conf2', scope })).scope).toBe('openid hr');
  });

  it('keep to what a client lists, the names of resource servers included', async () => {
    const { signIn } = createScoped();

    const { scope } = await signIn({ client_id: 'narrow', scope: 'openid hr print email staff' });

    expect(scope).toBe('openid hr print');
  });

  it('give a client that asks for none the defaults, and no default of others', async () => {
    const { authorize, redeem } = createScoped();

    const { params } = await authorize({ scope: undefined });
    const { json } = await redeem(params.get('code') ?? '');

    expect(json['scope']).toBe('api:read');
    expect(json).not.toHaveProperty('id_token');
  });

  it('refuse a client that asks for none where it has no default', async () => {
    const { authorize } = createScoped();

    const answer = await authorize({ client_id: 'narrow', scope: undefined });

    expect(sentTo(answer)).toMatchObject({ to: CALLBACK, error: 'invalid_scope' });
  });

  it('stop at a refresh once they are for others', async () => {
    const mutable = new Map(SCOPES);
    const { signIn, refresh } = createTestIssuer({ policy: { scopes: mutable } });
    const { refresh_token } = await signIn({ scope: 'openid hr' });

    mutable.set('hr', terms({ clients: ['conf2'] }));
    const { json } = await refresh(refresh_token);

    expect(json['scope']).toBe('openid');
  });

  it('are not redeemed by a code once they are for others', async () => {
    const mutable = new Map(SCOPES);
    const { code, redeem } = createTestIssuer({ policy: { scopes: mutable } });
    const granted = await code({ scope: 'openid hr' });

    mutable.set('hr', terms({ clients: ['conf2'] }));

    expect((await redeem(granted)).json['scope']).toBe('openid');
  });
});

describe('scopes of one’s own: clients that act for themselves (RFC 6749 §4.4; CC-1, CC-2)', () => {
  it('give the defaults to a client that lists none and asks for none', async () => {
    const test = createScoped();

    expect(await scopeFor(test, 'svc1')).toBe('api:read');
    expect(await scopeFor(test, 'svc2')).toBe('api:read api:secret');
  });

  it('give a client that asks for none all that it lists and may have, default or not', async () => {
    expect(await scopeFor(createScoped(), 'svc3')).toBe('api:read api:admin own');
  });

  for (const [scope, answer] of [
    ['api:admin own', 'api:admin own'],
    ['api:secret', 'invalid_scope'],
    ['staff', 'invalid_scope'],
    ['openid', 'invalid_scope'],
    ['hr', 'invalid_scope'],
  ] as const) {
    it(`answer ${answer} to ${scope}`, async () => {
      expect(await scopeFor(createScoped(), 'svc3', scope)).toBe(answer);
    });
  }

  it('never make a default of a scope about an End-User', async () => {
    const scopes = buildScopeTable(new Map([['openid', terms({ isDefault: true })]]));
    const test = createTestIssuer({ policy: { scopes }, clients: [machine('svc1')] });

    const { json } = await test.token({ grant_type: 'client_credentials' }, 'svc1');

    expect(json).not.toHaveProperty('scope');
    expect((await test.signIn({ scope: undefined })).scope).toBe('openid');
  });
});

describe('scopes of one’s own: consent (OIDC Core §3.1.2.4; CO-4)', () => {
  it('are asked about in the operator’s words, else by their name', async () => {
    const { authorize } = createScoped();

    const scope = 'openid hr api:admin profile staff';
    const { page } = await authorize({ client_id: 'asking', scope });

    expect(page).toMatchObject({
      scope: [
        { name: 'openid', description: undefined },
        { name: 'hr', description: 'your department' },
        { name: 'api:admin', description: undefined },
        { name: 'profile', description: undefined },
      ],
    });
  });

  for (const [scope, asked] of [
    ['openid', ['openid', 'email']],
    ['openid hr', ['openid', 'hr']],
    ['openid email', ['openid', 'email']],
  ] as const) {
    it(`ask about ${asked.join(' and ')} where email is asked for by name beside ${scope}`, async () => {
      const { authorize } = createScoped();
      const claims = '{"userinfo":{"email":null}}';

      const { page } = await authorize({ client_id: 'asking', scope, claims });

      expect(page).toMatchObject({ scope: asked.map((name) => ({ name })) });
    });
  }
});

describe('scopes of one’s own: discovery (OIDC Discovery §3; DI-1, DI-6)', () => {
  const describeIssuer = async ({ issuer }: TestIssuer) => {
    const response = await issuer.discovery(makeRequest({ method: 'GET' }));
    if (response.kind !== 'json') throw new Error('not JSON');
    return JSON.parse(JSON.stringify(response.body));
  };

  it('are named with their claims, unless they are for some clients only', async () => {
    const metadata = await describeIssuer(createScoped());

    expect(metadata.scopes_supported).toEqual([
      'openid',
      'profile',
      'email',
      'address',
      'phone',
      'groups',
      'offline_access',
      'hr',
      'api:read',
      'api:admin',
    ]);
    expect(metadata.claims_supported).toContain('department');
    expect(metadata.claims_supported).not.toContain('room');
    expect(new Set(metadata.claims_supported).size).toBe(metadata.claims_supported.length);
  });

  it('are not there unless they are configured', async () => {
    const { scopes_supported, claims_supported } = await describeIssuer(createTestIssuer());

    expect(scopes_supported).not.toContain('hr');
    expect(claims_supported).not.toContain('department');
  });
});
