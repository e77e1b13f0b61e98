import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toSessionId } from '../../internal/protocol/ids.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';
import { claimsOf, headerOf, verifyAsStranger } from '../support/tokens.ts';

const halfHash = (text: string): string =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');

describe('ID Token (OIDC Core §2, §3.1.3.6; TC-1, AC-7)', () => {
  it('verifies with nothing but the published keys, and names algorithm, key and type', async () => {
    const test = createTestIssuer();
    const { id_token } = await test.signIn();

    const { protectedHeader } = await verifyAsStranger(id_token, test);

    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: expect.any(String) });
    expect(Buffer.from(id_token.split('.')[2] ?? '', 'base64url')).toHaveLength(64);
  });

  it('says who, for whom, since when and how, and nothing that is not known', async () => {
    const { signIn, clock } = createTestIssuer();
    const identity = identify('alice', {
      authTime: clock() - 30,
      acr: 'pwd',
      amr: ['pwd', 'otp'],
      sid: toSessionId('session-1'),
    });

    const tokens = await signIn({ scope: 'openid', nonce: 'n-1' }, identity);

    expect(claimsOf(tokens.id_token)).toEqual({
      iss: ISSUER,
      sub: 'alice',
      aud: 'conf',
      iat: clock(),
      exp: clock() + 3600,
      nonce: 'n-1',
      auth_time: clock() - 30,
      acr: 'pwd',
      amr: ['pwd', 'otp'],
      sid: expect.stringMatching(/^[\w-]{43}$/),
      at_hash: halfHash(tokens.access_token),
    });
  });

  it('has no nonce, auth_time, acr or amr where none was given', async () => {
    const { signIn } = createTestIssuer();

    const { id_token } = await signIn({ scope: 'openid' });

    expect(Object.keys(claimsOf(id_token)).sort()).toEqual(
      ['at_hash', 'aud', 'exp', 'iat', 'iss', 'sid', 'sub'].sort(),
    );
  });

  it('is signed with RS256 for a client that asks for it, with at_hash still right', async () => {
    const rsa = makeClient('rsa', { idTokenSignedResponseAlg: 'RS256' });
    const test = createTestIssuer({ clients: [rsa] });

    const tokens = await test.signIn({ client_id: 'rsa' });

    const { protectedHeader, payload } = await verifyAsStranger(tokens.id_token, test);
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload['at_hash']).toBe(halfHash(tokens.access_token));
    expect(headerOf(tokens.access_token)['alg']).toBe('ES256');
  });

  it('carries the claims of the scopes by default, and none for a client that wants it minimal', async () => {
    const lean = makeClient('lean', { idTokenClaims: 'minimal' });
    const { signIn, userinfo } = createTestIssuer({ clients: [lean] });

    const full = await signIn({ scope: 'openid email groups' });
    const minimal = await signIn({ client_id: 'lean', scope: 'openid email groups' });

    const claims = {
      email: 'alice@example.test',
      email_verified: true,
      groups: ['engineering', 'admins'],
    };
    expect(claimsOf(full.id_token)).toMatchObject(claims);
    expect(claimsOf(minimal.id_token)).not.toHaveProperty('email');
    expect((await userinfo(minimal.access_token)).json).toEqual({ sub: 'alice', ...claims });
  });

  it('cannot be forged by what the upstream or a backend says', async () => {
    const { signIn, users } = createTestIssuer();
    const forged = {
      iss: 'evil',
      sub: 'root',
      aud: 'evil',
      exp: 9,
      nonce: 'x',
      sid: 'x',
      azp: 'x',
    };
    users.set('alice', {
      ...forged,
      email: 'a@example.test',
      acr: 'high',
      amr: ['x'],
      at_hash: 'x',
    });

    const { id_token } = await signIn({}, identify('alice', { claims: forged }));

    const claims = claimsOf(id_token);
    expect(claims).toMatchObject({
      iss: ISSUER,
      sub: 'alice',
      aud: 'conf',
      email: 'a@example.test',
    });
    expect(claims['sid']).not.toBe('x');
    for (const name of ['nonce', 'azp', 'acr', 'amr']) expect(claims).not.toHaveProperty(name);
  });
});

describe('access token (RFC 9068 §2; TC-2)', () => {
  it('is a JWT any resource server can verify, and says what it is for', async () => {
    const test = createTestIssuer();
    const { signIn, clock } = test;
    const identity = identify('alice', { authTime: clock() - 30, acr: 'pwd' });

    const { access_token } = await signIn({ scope: 'openid email' }, identity);

    const { protectedHeader, payload } = await verifyAsStranger(access_token, test);
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(payload).toEqual({
      iss: ISSUER,
      aud: ISSUER,
      sub: 'alice',
      client_id: 'conf',
      iat: clock(),
      exp: clock() + 3600,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      scope: 'openid email',
      auth_time: clock() - 30,
      acr: 'pwd',
      authorization_id: expect.stringMatching(/^[\w-]{22}$/),
    });
  });

  it('never has the client for its audience, nor two tokens one jti', async () => {
    const { signIn, refresh } = createTestIssuer();
    const tokens = await signIn();
    const { json } = await refresh(tokens.refresh_token);

    const [first, second] = [tokens.access_token, String(json['access_token'])].map(claimsOf);
    expect([first?.['aud']].flat()).not.toContain('conf');
    expect(first?.['jti']).not.toBe(second?.['jti']);
    expect(first?.['authorization_id']).toBe(second?.['authorization_id']);
  });

  it('carries no claims about the End-User', async () => {
    const { signIn } = createTestIssuer();

    const { access_token } = await signIn();

    expect(claimsOf(access_token)).not.toHaveProperty('email');
  });
});

describe('tokens for a resource (RFC 8707; AZ-14)', () => {
  const [API, FILES] = ['https://api1.example', 'https://files.example'];
  const apis = makeClient('apis', { resources: [API, FILES], audience: ['https://own.example'] });

  it('are for exactly the resources of the authorization request', async () => {
    const { signIn } = createTestIssuer({ clients: [apis] });

    const one = await signIn({ client_id: 'apis', resource: API });
    const two = await signIn({ client_id: 'apis', resource: [API, FILES] });
    const none = await signIn({ client_id: 'apis', scope: 'openid' });
    const plain = await signIn({ client_id: 'apis', scope: 'email' });

    expect(claimsOf(one.access_token)['aud']).toBe(API);
    expect(claimsOf(two.access_token)['aud']).toEqual([API, FILES]);
    expect(claimsOf(none.access_token)['aud']).toEqual(['https://own.example', ISSUER]);
    expect(claimsOf(plain.access_token)['aud']).toBe('https://own.example');
  });

  it('may be narrowed at the token endpoint, and not widened: invalid_target spends nothing', async () => {
    const { code, redeem } = createTestIssuer({ clients: [apis] });
    const both = await code({ client_id: 'apis', resource: [API, FILES] });
    const single = await code({ client_id: 'apis', resource: API });

    const narrowed = (await redeem(both, { resource: FILES }, 'apis')).json;
    const widened = await redeem(single, { resource: FILES }, 'apis');

    expect(claimsOf(String(narrowed['access_token']))['aud']).toBe(FILES);
    expect(widened).toMatchObject({ status: 400, json: { error: 'invalid_target' } });
    expect((await redeem(single, {}, 'apis')).status).toBe(200);
  });

  for (const resource of ['/relative', `${API}#fragment`, 'https://unknown.example', `${API}/`]) {
    it(`are refused for ${resource} with invalid_target`, async () => {
      const { authorize } = createTestIssuer({ clients: [apis] });

      const { params } = await authorize({ client_id: 'apis', resource: [API, resource] });

      expect(params.get('error')).toBe('invalid_target');
    });
  }
});

describe('tokens and the clock (TC-4)', () => {
  it('never say that they were made in the future, and end after they begin', async () => {
    const { signIn, refresh, clock } = createTestIssuer();
    const tokens = await signIn();
    clock.advance(-30);

    const { json } = await refresh(tokens.refresh_token);

    for (const token of [json['access_token'], json['id_token']].map(String)) {
      const { iat, exp } = claimsOf(token);
      expect(iat).toBe(clock());
      expect(Number(exp)).toBeGreaterThan(Number(iat));
    }
  });
});
