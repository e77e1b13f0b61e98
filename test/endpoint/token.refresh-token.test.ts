import { describe, expect, it } from 'vitest';
import { toSessionId } from '../../internal/protocol/ids.ts';
import { makeClient } from '../support/clients.ts';
import { ALICE, createTestIssuer, LIFETIMES } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const refused = (reason: string) => ({ status: 400, json: { error: 'invalid_grant', reason } });

describe('token endpoint: refresh_token (RFC 6749 §6; RT-1, RT-7)', () => {
  it('gives a new access token, a new refresh token and a new ID Token', async () => {
    const { signIn, refresh, userinfo, clock } = createTestIssuer();
    const before = await signIn();
    clock.advance(60);

    const { status, json } = await refresh(before.refresh_token);

    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: before.scope });
    for (const name of ['access_token', 'refresh_token', 'id_token'] as const) {
      expect(json[name]).not.toBe(before[name]);
    }
    expect((await userinfo(String(json['access_token']))).json['sub']).toBe('alice');
  });

  it('keeps iss, sub, aud, sid and the auth_time of the sign-in, and leaves the nonce out', async () => {
    const { signIn, refresh, clock } = createTestIssuer();
    const identity = identify('alice', {
      ...{ authTime: clock() - 50, acr: 'pwd', amr: ['pwd'] },
      sid: toSessionId('of the upstream'),
    });
    const before = claimsOf((await signIn({ nonce: 'n-1' }, identity)).id_token);
    const { refresh_token } = await signIn({ nonce: 'n-2' }, identity);
    clock.advance(600);

    const { json } = await refresh(refresh_token);

    const { nonce, iat, exp, at_hash: _, ...same } = before;
    const after = claimsOf(String(json['id_token']));
    expect(nonce).toBe('n-1');
    expect(after).toMatchObject(same);
    expect(after).not.toHaveProperty('nonce');
    expect(after).toMatchObject({ iat: Number(iat) + 600, exp: Number(exp) + 600 });
  });

  it('tells what is known of the End-User now, not at sign-in', async () => {
    const { signIn, refresh, users } = createTestIssuer();
    const { refresh_token } = await signIn();
    users.set('alice', { ...ALICE, email: 'new@example.test' });

    const { json } = await refresh(refresh_token);

    expect(claimsOf(String(json['id_token']))['email']).toBe('new@example.test');
  });

  it('gives no refresh token to a client that is not registered for it', async () => {
    const client = makeClient('plain', { grantTypes: ['authorization_code'] });
    const { signIn, refresh } = createTestIssuer({ clients: [client] });

    const { refresh_token } = await signIn({ client_id: 'plain' });
    const other = await signIn();

    expect(refresh_token).toBeUndefined();
    expect((await refresh(other.refresh_token, {}, 'plain')).json['error']).toBe(
      'unauthorized_client',
    );
  });
});

describe('token endpoint: refresh_token, scope and resource (RFC 6749 §6, RFC 8707 §2.2; RT-6)', () => {
  const API = 'https://api1.example';
  const apis = makeClient('apis', { resources: [API, 'https://api2.example'] });

  it('narrows the access token, and not the refresh token', async () => {
    const { signIn, refresh } = createTestIssuer();
    const { refresh_token, scope } = await signIn();

    const narrow = (await refresh(refresh_token, { scope: 'email openid' })).json;
    const wide = (await refresh(String(narrow['refresh_token']))).json;

    expect(narrow['scope']).toBe('email openid');
    expect(claimsOf(String(narrow['access_token']))['scope']).toBe('email openid');
    expect(claimsOf(String(narrow['id_token']))).not.toHaveProperty('name');
    expect(wide['scope']).toBe(scope);
  });

  for (const scope of ['openid phone', 'unknown', 'openid  email', 'open"id']) {
    it(`refuses the scope ${JSON.stringify(scope)} with invalid_scope and spends nothing`, async () => {
      const { signIn, refresh, weather } = createTestIssuer();
      const { refresh_token } = await signIn({ scope: 'openid email offline_access' });

      expect((await refresh(refresh_token, { scope })).json['error']).toBe('invalid_scope');
      expect(weather.calls).not.toContain('rotate');
      expect((await refresh(refresh_token)).status).toBe(200);
    });
  }

  it('narrows the resources, refuses others with invalid_target, and spends nothing for those', async () => {
    const { signIn, refresh } = createTestIssuer({ clients: [apis] });
    const query = { client_id: 'apis', resource: [API, 'https://api2.example'] };
    const { refresh_token } = await signIn(query);
    const foreign = await signIn({ client_id: 'apis', resource: API });

    const refusal = await refresh(
      foreign.refresh_token,
      { resource: 'https://api2.example' },
      'apis',
    );
    const narrow = (await refresh(refresh_token, { resource: API }, 'apis')).json;
    const wide = (await refresh(String(narrow['refresh_token']), {}, 'apis')).json;

    expect(refusal.json['error']).toBe('invalid_target');
    expect(claimsOf(String(narrow['access_token']))['aud']).toBe(API);
    expect(claimsOf(String(wide['access_token']))['aud']).toEqual(query.resource);
    expect((await refresh(foreign.refresh_token, {}, 'apis')).status).toBe(200);
  });

  it('gives no more than the client may still have', async () => {
    const { signIn, refresh, clients } = createTestIssuer();
    const { refresh_token } = await signIn({ scope: 'openid email offline_access' });

    clients.set('conf', makeClient('conf', { scope: ['openid'] }));

    expect((await refresh(refresh_token)).json['scope']).toBe('openid');
  });
});

describe('token endpoint: refresh_token, how long (RFC 9700 §4.14; RT-8)', () => {
  const { refreshToken, refreshTokenMax, sessionRefreshToken } = LIFETIMES;
  const offline = { scope: 'openid offline_access' };
  const session = { scope: 'openid' };

  it('expires after its idle life to the second', async () => {
    const { signIn, refresh, clock } = createTestIssuer();
    const [early, late] = [await signIn(offline), await signIn(offline)];

    clock.advance(refreshToken - 1);
    expect((await refresh(early.refresh_token)).status).toBe(200);
    clock.advance(1);
    expect(await refresh(late.refresh_token)).toMatchObject(refused('refresh_token_expired'));
  });

  it('slides with every use, but never past its absolute end', async () => {
    const { signIn, refresh, clock } = createTestIssuer();
    let { refresh_token } = await signIn(offline);
    const start = clock();

    for (const day of [29, 58, 87, 89]) {
      clock.advance(start + day * 86_400 - clock());
      refresh_token = String((await refresh(refresh_token)).json['refresh_token']);
    }
    clock.advance(start + refreshTokenMax - clock() - 1);
    refresh_token = String((await refresh(refresh_token)).json['refresh_token']);
    clock.advance(1);

    expect(await refresh(refresh_token)).toMatchObject(refused('refresh_token_expired'));
  });

  it('ends with the working day without offline_access, however often it is used', async () => {
    const { signIn, refresh, clock } = createTestIssuer();
    let { refresh_token } = await signIn(session);

    clock.advance(sessionRefreshToken - 1);
    refresh_token = String((await refresh(refresh_token)).json['refresh_token']);
    clock.advance(1);

    expect(await refresh(refresh_token)).toMatchObject(refused('refresh_token_expired'));
  });

  it('is the same for a client with other lifetimes', async () => {
    const brief = makeClient('brief', { lifetimes: { refreshToken: 100, refreshTokenMax: 150 } });
    const { signIn, refresh, clock } = createTestIssuer({ clients: [brief] });
    const { refresh_token } = await signIn({ client_id: 'brief', ...offline });

    clock.advance(99);
    const { json } = await refresh(refresh_token, {}, 'brief');
    clock.advance(51);

    expect(await refresh(String(json['refresh_token']), {}, 'brief')).toMatchObject(
      refused('refresh_token_expired'),
    );
  });

  it('leaves an access token of its last second alive to its own end', async () => {
    const { signIn, refresh, userinfo, clock } = createTestIssuer();
    const { refresh_token } = await signIn(session);
    clock.advance(sessionRefreshToken - 1);
    const { json } = await refresh(refresh_token);

    clock.advance(LIFETIMES.accessToken - 1);
    expect((await userinfo(String(json['access_token']))).status).toBe(200);
    clock.advance(1);
    expect((await userinfo(String(json['access_token']))).status).toBe(401);
  });
});
