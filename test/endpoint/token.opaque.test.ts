import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { claimsOf } from '../support/tokens.ts';

const INACTIVE = { active: false };
const API1 = 'https://api1.example';
const API2 = 'https://api2.example';
const opaque = makeClient('opaque', { accessTokenFormat: 'opaque', resources: [API1, API2] });
const machine = makeClient('machine', {
  accessTokenFormat: 'opaque',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scope: ['api:read'],
});

const createOpaque = () => createTestIssuer({ clients: [opaque, machine] });

describe('opaque access tokens (TK-6, IN-2)', () => {
  it('are no JWT, say nothing to who holds them, and are smaller than one', async () => {
    const { signIn } = createOpaque();
    const { access_token } = await signIn({ client_id: 'opaque', scope: 'openid email' });
    const jwt = await signIn({ scope: 'openid email' });

    expect(access_token).toMatch(/^at_[\w-]+$/);
    expect(Buffer.from(access_token.slice(3), 'base64url').toString('latin1')).not.toContain(
      'alice',
    );
    expect(access_token.length).toBeLessThan(jwt.access_token.length * 0.75);
  });

  it('are of use at UserInfo, and described by what they say', async () => {
    const { signIn, userinfo, introspect, clock } = createOpaque();
    const { access_token } = await signIn({ client_id: 'opaque', scope: 'openid email' });

    expect((await userinfo(access_token)).json).toMatchObject({ sub: 'alice' });
    expect((await introspect(access_token, 'opaque')).json).toEqual({
      active: true,
      token_type: 'Bearer',
      iss: ISSUER,
      sub: 'alice',
      client_id: 'opaque',
      aud: ISSUER,
      scope: 'openid email',
      jti: expect.stringMatching(/^[\w-]{22}$/),
      iat: clock(),
      exp: clock() + 3600,
    });
  });

  it('have an at_hash in the ID Token as any other', async () => {
    const { signIn } = createOpaque();
    const { id_token } = await signIn({ client_id: 'opaque' });

    expect(claimsOf(id_token)['at_hash']).toMatch(/^[\w-]{22}$/);
  });

  it('concern their client and the server of their resource, and no second one as valid', async () => {
    const { signIn, introspect } = createOpaque();
    const one = await signIn({ client_id: 'opaque', resource: API1 });
    const none = await signIn({ client_id: 'opaque' });

    const active = async (token: string, caller: string) =>
      (await introspect(token, caller)).json['active'];
    expect(await active(one.access_token, 'rs1')).toBe(true);
    expect(await active(one.access_token, 'opaque')).toBe(true);
    for (const caller of ['rs2', 'conf', 'conf2', 'machine', 'svc'])
      expect((await introspect(one.access_token, caller)).json, caller).toEqual(INACTIVE);
    for (const caller of ['rs1', 'rs2', 'conf'])
      expect((await introspect(none.access_token, caller)).json, caller).toEqual(INACTIVE);
  });

  it('end with their authorization, with their expiry and with the End-User', async () => {
    const test = createOpaque();
    const { signIn, userinfo, introspect, revoke, clock, users } = test;
    const [revoked, expired] = [
      await signIn({ client_id: 'opaque' }),
      await signIn({ client_id: 'opaque' }),
    ];

    await revoke(revoked.access_token, 'conf');
    expect((await userinfo(revoked.access_token)).status).toBe(200);
    await revoke(revoked.access_token, 'opaque');
    expect((await userinfo(revoked.access_token)).status).toBe(401);
    expect((await test.refresh(revoked.refresh_token, {}, 'opaque')).status).toBe(400);
    clock.advance(3599);
    expect((await introspect(expired.access_token, 'opaque')).json['active']).toBe(true);
    const bob = users.get('alice') ?? {};
    users.delete('alice');
    expect((await introspect(expired.access_token, 'opaque')).json).toEqual(INACTIVE);
    users.set('alice', bob);
    clock.advance(1);
    expect((await introspect(expired.access_token, 'opaque')).json).toEqual(INACTIVE);
  });

  it('of a client that acts for itself are denied by their jti once revoked', async () => {
    const { token, introspect, revoke } = createOpaque();
    const { json } = await token({ grant_type: 'client_credentials' }, 'machine');
    const text = String(json['access_token']);

    expect(text).toMatch(/^at_/);
    expect((await introspect(text, 'machine')).json).toMatchObject({ active: true });
    await revoke(text, 'machine');
    expect((await introspect(text, 'machine')).json).toEqual(INACTIVE);
  });

  it('are nothing when cut off, extended or changed anywhere (ZITADEL CVE-2026-27840)', async () => {
    const { signIn, userinfo, introspect } = createOpaque();
    const { access_token } = await signIn({ client_id: 'opaque' });
    const inactive = async (text: string) => {
      expect((await introspect(text, 'opaque')).json).toEqual(INACTIVE);
      expect((await userinfo(text)).status).toBe(401);
    };

    for (let length = 1; length < access_token.length; length += 7)
      await inactive(access_token.slice(0, length));
    for (const more of ['A', 'AA', 'AAAA', '=', '.', '.x.y']) await inactive(access_token + more);
    for (let index = 0; index < access_token.length; index += 5) {
      const other = access_token[index] === 'A' ? 'B' : 'A';
      await inactive(access_token.slice(0, index) + other + access_token.slice(index + 1));
    }
    await inactive(`AT_${access_token.slice(3)}`);
    await inactive(access_token.slice(3));
    expect((await userinfo(access_token)).status).toBe(200);
  });

  it('are nothing at an issuer of another name that shares keys and store', async () => {
    const test = createOpaque();
    const sibling = createTestIssuer({
      clients: [opaque],
      deps: { ...test.deps, issuer: 'https://op.example/b' },
    });
    const { access_token } = await test.signIn({ client_id: 'opaque', resource: API1 });

    expect((await sibling.introspect(access_token, 'opaque')).json).toEqual(INACTIVE);
    expect((await test.introspect(access_token, 'opaque')).json['active']).toBe(true);
  });

  it('are not what else was sealed with the same keys', async () => {
    const { deps, introspect, signIn } = createOpaque();
    const { access_token } = await signIn({ client_id: 'opaque' });
    const text = deps.keys.unseal(`access token of ${ISSUER}`, access_token.slice(3)) ?? '';
    const forged = (purpose: string) => `at_${deps.keys.seal(purpose, text)}`;

    for (const purpose of ['session', 'consent', 'access token', `access token of ${ISSUER}/`])
      expect((await introspect(forged(purpose), 'opaque')).json).toEqual(INACTIVE);
    const same = await introspect(forged(`access token of ${ISSUER}`), 'opaque');
    expect(same.json['active']).toBe(true);
  });

  it('are no hint, no refresh token and no code', async () => {
    const { signIn, authorize, refresh, redeem } = createOpaque();
    const { access_token } = await signIn({ client_id: 'opaque' });

    const hinted = await authorize({ client_id: 'opaque', id_token_hint: access_token });
    expect(hinted.params.get('error')).toBe('invalid_request');
    expect((await refresh(access_token, {}, 'opaque')).json['error']).toBe('invalid_grant');
    expect((await redeem(access_token, {}, 'opaque')).json['error']).toBe('invalid_grant');
  });
});
