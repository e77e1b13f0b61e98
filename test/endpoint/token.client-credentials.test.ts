import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { basic, withForm, withHeader } from '../support/requests.ts';
import { claimsOf, headerOf } from '../support/tokens.ts';

const grant_type = 'client_credentials';
const API = 'https://api1.example';

describe('token endpoint: client_credentials (RFC 6749 §4.4; CC-1)', () => {
  it('gives a client an access token of its own: no refresh token, no ID Token', async () => {
    const { token, clock } = createTestIssuer();

    const { status, json } = await token({ grant_type }, 'svc');

    expect(status).toBe(200);
    expect(Object.keys(json).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    expect(json['scope']).toBe('api:read api:write');
    expect(headerOf(String(json['access_token']))).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    expect(claimsOf(String(json['access_token']))).toEqual({
      iss: ISSUER,
      aud: ISSUER,
      sub: 'svc',
      client_id: 'svc',
      iat: clock(),
      exp: clock() + 3600,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      scope: 'api:read api:write',
    });
  });

  it('keeps nothing: no authorization, no record', async () => {
    const { token, weather } = createTestIssuer();

    await token({ grant_type }, 'svc');

    expect(weather.calls).toEqual([]);
  });

  it('gives what was asked for of what the client may have (CC-2)', async () => {
    const { token } = createTestIssuer();

    const { json } = await token({ grant_type, scope: 'api:read' }, 'svc');

    expect(json['scope']).toBe('api:read');
  });

  for (const scope of [
    'api:admin',
    'api:read api:admin',
    'openid',
    'profile',
    'offline_access',
    'a"b',
  ]) {
    it(`refuses the scope ${scope} with invalid_scope (CC-2)`, async () => {
      const { token } = createTestIssuer();

      expect(await token({ grant_type, scope }, 'svc')).toMatchObject({
        status: 400,
        json: { error: 'invalid_scope' },
      });
    });
  }

  it('leaves scope out, rather than empty, where the client has none of its own', async () => {
    const bare = makeClient('bare', { grantTypes: ['client_credentials'] });
    const { token, introspect } = createTestIssuer({ clients: [bare] });

    const { status, json } = await token({ grant_type }, 'bare');

    expect(status).toBe(200);
    expect(json).not.toHaveProperty('scope');
    expect(claimsOf(String(json['access_token']))).not.toHaveProperty('scope');
    const described = (await introspect(String(json['access_token']), 'bare')).json;
    expect(described).toMatchObject({ active: true, sub: 'bare' });
    expect(described).not.toHaveProperty('scope');
  });

  it('refuses a client without a secret with unauthorized_client, even if it is registered for it', async () => {
    const open = makeClient('open', {
      tokenEndpointAuthMethod: 'none',
      grantTypes: ['client_credentials'],
    });
    const { token } = createTestIssuer({ clients: [open] });

    expect(await token({ grant_type }, 'open')).toMatchObject({
      status: 400,
      json: { error: 'unauthorized_client', reason: 'public_client' },
    });
  });

  it('refuses a wrong secret, and the client_id alone, with invalid_client', async () => {
    const { token } = createTestIssuer();

    for (const caller of [withHeader(basic('svc', 'wrong')), withForm({ client_id: 'svc' })]) {
      expect(await token({ grant_type }, caller)).toMatchObject({
        status: 401,
        json: { error: 'invalid_client' },
      });
    }
  });

  it('issues for exactly the resource that is asked for and allowed (RFC 8707 §2)', async () => {
    const caller = makeClient('caller', {
      grantTypes: ['client_credentials'],
      resources: [API],
      audience: ['https://own.example'],
    });
    const { token } = createTestIssuer({ clients: [caller] });

    const asked = (await token({ grant_type, resource: API }, 'caller')).json;
    const plain = (await token({ grant_type }, 'caller')).json;
    const other = await token({ grant_type, resource: 'https://api2.example' }, 'caller');

    expect(claimsOf(String(asked['access_token']))['aud']).toBe(API);
    expect(claimsOf(String(plain['access_token']))['aud']).toBe('https://own.example');
    expect(other).toMatchObject({ status: 400, json: { error: 'invalid_target' } });
  });

  it('is of no use at the UserInfo endpoint: there is no End-User (UI-4)', async () => {
    const { token, userinfo } = createTestIssuer();
    const { json } = await token({ grant_type }, 'svc');

    expect((await userinfo(String(json['access_token']))).status).toBe(403);
  });
});
