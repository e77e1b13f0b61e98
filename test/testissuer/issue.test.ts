import * as jose from 'jose';
import { describe, expect, it } from 'vitest';
import { RESERVED_CLAIMS } from '../../internal/protocol/claims.ts';
import type { IssueRequest, TestIssuer } from '../../internal/testissuer/api.ts';
import { claimsOf } from '../support/tokens.ts';
import { CALLBACK, CLIENTS, complaint, get, post, SECRET, start } from './testissuer.fixture.ts';

/** As a resource server verifies it: by discovery, and nothing else. */
async function verify(token: string, { url }: TestIssuer): Promise<jose.JWTPayload> {
  const { json } = await get(`${url}/.well-known/openid-configuration`);
  const jwks = jose.createRemoteJWKSet(new URL(json.jwks_uri));
  return (await jose.jwtVerify(token, jwks, { issuer: json.issuer })).payload;
}

const introspect = async ({ url }: TestIssuer, token: string, client = 'web') =>
  (await post(`${url}/introspect`, { token }, client)).json;

describe('issue', () => {
  it('makes what a sign-in makes, and all of it is alive at every endpoint', async () => {
    const issuer = await start();
    const tokens = await issuer.issue({ as: 'alice', client: 'web', scope: 'openid profile' });
    const { access_token, id_token = '', refresh_token = '' } = tokens;
    const userinfo = await get(`${issuer.url}/userinfo`, access_token);
    const form = { grant_type: 'refresh_token', refresh_token };
    const refreshed = await post(`${issuer.url}/token`, form);
    const fresh = refreshed.json.access_token;

    expect(tokens).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'openid profile',
    });
    expect(await verify(access_token, issuer)).toMatchObject({ sub: 'alice', client_id: 'web' });
    expect(await verify(id_token, issuer)).toMatchObject({
      sub: 'alice',
      aud: 'web',
      name: 'Alice Example',
      sid: expect.any(String),
      auth_time: expect.any(Number),
      at_hash: expect.any(String),
    });
    expect(userinfo.json).toEqual({ sub: 'alice', name: 'Alice Example' });
    expect(refreshed.status).toBe(200);
    expect(await introspect(issuer, fresh)).toMatchObject({ active: true, sub: 'alice' });
    await post(`${issuer.url}/revoke`, { token: refreshed.json.refresh_token });
    expect(await introspect(issuer, fresh)).toEqual({ active: false });
    expect((await get(`${issuer.url}/userinfo`, access_token)).status).toBe(401);
  });

  it('without `as` is the client itself, as client_credentials is', async () => {
    const issuer = await start();
    const resource = 'https://api.example';
    const tokens = await issuer.issue({ client: 'machine', scope: 'api:read', resource });

    expect(tokens).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'api:read',
    });
    expect(await verify(tokens.access_token, issuer)).toMatchObject({
      sub: 'machine',
      client_id: 'machine',
      aud: resource,
    });
    expect(await introspect(issuer, tokens.access_token, 'machine')).toMatchObject({
      active: true,
    });
  });

  it.each([
    ['none', { token_endpoint_auth_method: 'none' }],
    [
      'client_secret_post',
      { token_endpoint_auth_method: 'client_secret_post', client_secret: SECRET },
    ],
    [
      'private_key_jwt',
      { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://rp.example/jwks' },
    ],
  ])('asks no client to prove itself: %s', async (_, metadata) => {
    const client = { client_id: 'it', redirect_uris: [CALLBACK], ...metadata };
    const issuer = await start({ clients: [client] });
    const { access_token, id_token } = await issuer.issue({ as: 'alice', client: 'it' });

    expect(id_token).toBeDefined();
    expect((await get(`${issuer.url}/userinfo`, access_token)).status).toBe(200);
  });

  it('has the scope that the client may have, and offline_access only when it is asked for', async () => {
    const issuer = await start();
    const usual = await issuer.issue({ as: 'alice', client: 'web' });
    const offline = await issuer.issue({
      as: 'alice',
      client: 'web',
      scope: 'openid offline_access',
    });
    const bare = await issuer.issue({ as: 'alice', client: 'spa', scope: 'profile' });

    expect(usual.scope?.split(' ')).toEqual(
      expect.arrayContaining(['openid', 'profile', 'email', 'groups']),
    );
    expect(usual.scope).not.toContain('offline_access');
    expect(offline.scope).toBe('openid offline_access');
    expect(bare).not.toHaveProperty('id_token');
    expect(bare).not.toHaveProperty('refresh_token');
  });

  it('adds claims to both tokens, in the place of what is known of the user', async () => {
    const issuer = await start();
    const claims = { tenant: 't1', roles: ['a', 'b'], name: 'Somebody' };
    const { access_token, id_token = '' } = await issuer.issue({
      as: 'alice',
      client: 'web',
      claims,
    });

    expect(claimsOf(access_token)).toMatchObject(claims);
    expect(claimsOf(id_token)).toMatchObject({ ...claims, email: 'alice@example.test' });
  });

  it.each([...RESERVED_CLAIMS].filter((name) => name !== '__proto__'))(
    'never adds %s',
    async (name) => {
      const issuer = await start();
      const request = { as: 'alice', client: 'web', claims: { [name]: 'x' } };

      expect(await complaint(() => issuer.issue(request))).toMatch(
        `Misuse: issue: claims.${name} is the issuer's own to say; `,
      );
    },
  );

  it('says what to do in place of a claim that proves something', async () => {
    const issuer = await start();
    const told = (name: string) =>
      complaint(() => issuer.issue({ as: 'alice', client: 'web', claims: { [name]: 1 } }));

    expect(await told('iss')).toContain("'id_token.iss.wrong'");
    expect(await told('exp')).toMatch(/`expiresIn`.*'id_token\.exp\.past'/);
    expect(await told('jti')).toContain("'access_token.jti.missing'");
  });

  it('has the lifetime it is told, and is refreshed as ever after that', async () => {
    const issuer = await start();
    const {
      access_token,
      id_token = '',
      refresh_token = '',
      expires_in,
    } = await issuer.issue({
      as: 'alice',
      client: 'web',
      expiresIn: '1m',
    });
    const [access, id] = [claimsOf(access_token), claimsOf(id_token)];
    issuer.clock.advance('61s');
    const late = await get(`${issuer.url}/userinfo`, access_token);
    const form = { grant_type: 'refresh_token', refresh_token };
    const { status, json } = await post(`${issuer.url}/token`, form);

    expect(expires_in).toBe(60);
    for (const { exp, iat } of [access, id]) expect(Number(exp) - Number(iat)).toBe(60);
    expect(late.status).toBe(401);
    expect(status).toBe(200);
    expect(json.expires_in).toBe(3600);
  });

  it('is subject to faults, like tokens that were asked for', async () => {
    const issuer = await start();
    issuer.faults.add({ do: 'id_token.aud.wrong', when: { client: 'web' }, times: 1 });
    const { id_token = '' } = await issuer.issue({ as: 'alice', client: 'web' });

    expect(claimsOf(id_token)['aud']).not.toBe('web');
    const { id_token: next = '' } = await issuer.issue({ as: 'alice', client: 'web' });
    expect(claimsOf(next)['aud']).toBe('web');
  });

  it('is no request, and not recorded as one', async () => {
    const issuer = await start();
    await issuer.issue({ as: 'alice', client: 'web' });

    expect(issuer.flows()).toEqual([]);
  });
});

describe('what cannot be issued', () => {
  const BOUND = {
    client_id: 'bound',
    token_endpoint_auth_method: 'none',
    redirect_uris: [CALLBACK],
    dpop_bound_access_tokens: true,
  };
  const CHOOSY = {
    client_id: 'choosy',
    token_endpoint_auth_method: 'none',
    redirect_uris: [CALLBACK],
    allow: { groups: ['admins'] },
  };

  it.each([
    [{ client: 'nobody' }, 'there is no client nobody; '],
    [{ as: 'mallory', client: 'web' }, 'there is no user mallory; add it by users.add'],
    [
      { as: 'bob', client: 'choosy' },
      'bob may not use choosy: its `allow` names nothing that fits',
    ],
    [{ client: 'web' }, 'web is not registered for client_credentials; say `as` whom'],
    [{ as: 'alice', client: 'machine' }, 'machine is not registered for a grant by which'],
    [{ as: 'alice', client: 'bound' }, 'bound has its tokens bound to a key (dpop_bound'],
    [{ as: 'alice', client: 'web', scope: 'openid payroll' }, 'may not ask for the scope payroll'],
    [{ client: 'machine', scope: 'payroll' }, '(scope_not_allowed)'],
    [{ as: 'alice', client: 'web', scope: ' openid' }, 'scope has to be names separated by'],
    [{ as: 'alice', client: 'spa', scope: 'openid offline_access' }, 'add refresh_token to its'],
    [{ as: 'alice', client: 'web', resource: 'https://api.example' }, '(resource_not_allowed)'],
    [
      { as: 'alice', client: 'web', expiresIn: 'soon' },
      'expiresIn: has to be a length of time, as',
    ],
    [{ as: 'alice', client: 'web', expiresIn: -60 }, 'expiresIn: has to be a length of time, as'],
    [{ as: 'alice', client: 'web', expires_in: 60 }, 'no expires_in; did you mean expiresIn?'],
  ])('%j', async (request: IssueRequest, problem) => {
    const issuer = await start({ clients: [...CLIENTS, BOUND, CHOOSY] });

    const told = await complaint(() => issuer.issue(request));
    expect(told).toMatch(/^Misuse: issue: /);
    expect(told).toContain(problem);
    expect(await issuer.issue({ as: 'alice', client: 'choosy' })).toHaveProperty('access_token');
  });
});
