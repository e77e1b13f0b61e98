import { describe, expect, it } from 'vitest';
import type { JwtClaims } from '../../internal/keys/keys.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { makeClient } from '../support/clients.ts';
import { ALICE, createTestIssuer, ISSUER, LIFETIMES } from '../support/issuer.ts';
import { identify, NO_CREDENTIALS } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const INACTIVE = { active: false };
const API1 = 'https://api1.example';
const API2 = 'https://api2.example';
const apis = makeClient('apis', { resources: [API1, API2] });

describe('introspection: who may ask (RFC 7662 §2.1; IN-1)', () => {
  it('refuses callers without credentials and public clients with invalid_client', async () => {
    const { introspect } = createTestIssuer();

    for (const caller of [NO_CREDENTIALS, 'spa', 'native']) {
      expect(await introspect('x', caller)).toMatchObject({
        status: 401,
        json: { error: 'invalid_client' },
      });
    }
  });

  it('refuses a missing and a repeated token with invalid_request', async () => {
    const { introspect } = createTestIssuer();

    for (const form of [{}, { token: '' }, { token: ['a', 'a'] }]) {
      expect(await introspect(undefined, 'conf', form)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      });
    }
  });
});

describe('introspection: what is no token (RFC 7662 §2.2; IN-1)', () => {
  it('answers active:false and nothing else for anything that is not a live token', async () => {
    const { introspect, signIn, code } = createTestIssuer();
    const { id_token, access_token, refresh_token } = await signIn();
    const foreign = await createTestIssuer().signIn();

    for (const token of [
      'unknown',
      'a.b.c',
      `rt_${'A'.repeat(22)}.${'A'.repeat(22)}.${'A'.repeat(43)}`,
      refresh_token.slice(0, -1),
      refresh_token.replace(/\.[\w-]{22}\./, `.${'A'.repeat(22)}.`),
      `${access_token}A`,
      id_token,
      await code(),
      foreign.access_token,
      foreign.refresh_token,
      '🚀',
      '__proto__',
      '.'.repeat(1_000_000),
    ]) {
      const { status, json } = await introspect(token);
      expect({ status, json }).toEqual({ status: 200, json: INACTIVE });
    }
  });
});

describe('introspection: tokens of ours that are not access tokens here (RFC 9068 §4, RFC 8725 §3.11)', () => {
  it('answers active:false at an issuer of another name that shares keys and store', async () => {
    const { deps, signIn, introspect } = createTestIssuer();
    const sibling = createTestIssuer({ deps: { ...deps, issuer: 'https://op.example/b' } });
    const { access_token } = await signIn();

    expect((await sibling.introspect(access_token)).json).toEqual(INACTIVE);
    expect((await introspect(access_token)).json['active']).toBe(true);
  });

  it('answers active:false for a JWT of another type that says all an access token says', async () => {
    const { deps, signIn, introspect, userinfo } = createTestIssuer();
    const { access_token } = await signIn();
    const claims = claimsOf(access_token) as JwtClaims;

    for (const typ of ['JWT', 'logout+jwt', 'AT+JWT', '']) {
      const other = await deps.keys.sign('ES256', typ, claims);
      expect((await introspect(other)).json).toEqual(INACTIVE);
      expect((await userinfo(other)).status).toBe(401);
    }
    const same = await deps.keys.sign('ES256', 'at+jwt', claims);
    expect((await introspect(same)).json['active']).toBe(true);
  });
});

describe('introspection: a live access token (RFC 7662 §2.2; IN-3)', () => {
  it('is described by what it says, with numbers for times', async () => {
    const { introspect, signIn, clock } = createTestIssuer();
    const identity = identify('alice', { authTime: clock() - 30, acr: 'pwd' });
    const { access_token } = await signIn({ scope: 'openid email' }, identity);

    expect((await introspect(access_token)).json).toEqual({
      active: true,
      token_type: 'Bearer',
      iss: ISSUER,
      sub: 'alice',
      client_id: 'conf',
      aud: ISSUER,
      scope: 'openid email',
      jti: claimsOf(access_token)['jti'],
      iat: clock(),
      exp: clock() + 3600,
      auth_time: clock() - 30,
      acr: 'pwd',
    });
  });

  it('has no auth_time or acr where none is known', async () => {
    const { introspect, signIn } = createTestIssuer();
    const { access_token } = await signIn();

    const { json } = await introspect(access_token);

    expect(json).not.toHaveProperty('auth_time');
    expect(json).not.toHaveProperty('acr');
  });

  it('is inactive from its last second on', async () => {
    const { introspect, signIn, clock } = createTestIssuer();
    const { access_token } = await signIn();

    clock.advance(LIFETIMES.accessToken - 1);
    expect((await introspect(access_token)).json['active']).toBe(true);
    clock.advance(1);
    expect((await introspect(access_token)).json).toEqual(INACTIVE);
  });

  it('of a client that acts for itself is described until it is revoked', async () => {
    const { introspect, token, revoke } = createTestIssuer();
    const { json } = await token({ grant_type: 'client_credentials' }, 'svc');
    const text = String(json['access_token']);

    expect((await introspect(text, 'svc')).json).toMatchObject({ active: true, sub: 'svc' });
    await revoke(text, 'svc');
    expect((await introspect(text, 'svc')).json).toEqual(INACTIVE);
  });
});

describe('introspection: a live refresh token', () => {
  it('is described to its client, with its own expiry', async () => {
    const { introspect, signIn, clock } = createTestIssuer();
    const { refresh_token, scope } = await signIn();
    clock.advance(10);

    expect((await introspect(refresh_token)).json).toEqual({
      active: true,
      iss: ISSUER,
      sub: 'alice',
      client_id: 'conf',
      scope,
      iat: clock() - 10,
      exp: clock() - 10 + LIFETIMES.refreshToken,
    });
  });

  it('is inactive once it was rotated, and its successor active', async () => {
    const { introspect, signIn, refresh, userinfo } = createTestIssuer();
    const { refresh_token, access_token } = await signIn();
    const { json } = await refresh(refresh_token);

    expect((await introspect(refresh_token)).json).toEqual(INACTIVE);
    expect((await introspect(String(json['refresh_token']))).json['active']).toBe(true);
    expect((await userinfo(access_token)).status).toBe(200);
  });

  it('is inactive from its last second on', async () => {
    const { introspect, signIn, clock } = createTestIssuer();
    const { refresh_token } = await signIn();

    clock.advance(LIFETIMES.refreshToken);

    expect((await introspect(refresh_token)).json).toEqual(INACTIVE);
  });
});

describe('introspection: lifetimes of one authorization', () => {
  it('calls an expired refresh token inactive beside an access token that lives longer', async () => {
    const brief = makeClient('brief', { lifetimes: { sessionRefreshToken: 60 } });
    const { introspect, signIn, clock } = createTestIssuer({ clients: [brief] });
    const tokens = await signIn({ client_id: 'brief', scope: 'openid' });

    clock.advance(60);

    expect((await introspect(tokens.refresh_token, 'brief')).json).toEqual(INACTIVE);
    expect((await introspect(tokens.access_token, 'brief')).json['active']).toBe(true);
  });
});

describe('introspection: whom a token concerns (RFC 7662 §4; IN-2)', () => {
  it('tells a resource server about tokens for it, and no other', async () => {
    const { introspect, signIn } = createTestIssuer({ clients: [apis] });
    const one = await signIn({ client_id: 'apis', resource: API1 });
    const both = await signIn({ client_id: 'apis', resource: [API1, API2] });
    const none = await signIn({ client_id: 'apis' });

    expect((await introspect(one.access_token, 'rs1')).json).toMatchObject({
      active: true,
      aud: API1,
      client_id: 'apis',
    });
    expect((await introspect(one.access_token, 'rs2')).json).toEqual(INACTIVE);
    for (const caller of ['rs1', 'rs2']) {
      expect((await introspect(both.access_token, caller)).json['aud']).toEqual([API1, API2]);
      expect((await introspect(none.access_token, caller)).json).toEqual(INACTIVE);
      expect((await introspect(one.refresh_token, caller)).json).toEqual(INACTIVE);
    }
  });

  it('tells a resource server that is named as audience by its client_id', async () => {
    const calling = makeClient('calling', { audience: ['rs1'] });
    const { introspect, signIn } = createTestIssuer({ clients: [calling] });
    const { access_token } = await signIn({ client_id: 'calling' });

    expect((await introspect(access_token, 'rs1')).json['active']).toBe(true);
    expect((await introspect(access_token, 'rs2')).json).toEqual(INACTIVE);
  });

  it('tells a client that may only ask for a resource nothing about the tokens of others for it', async () => {
    const { introspect, signIn } = createTestIssuer({
      clients: [apis, makeClient('apis2', { resources: [API1] })],
    });
    const { access_token } = await signIn({ client_id: 'apis', resource: API1 });

    expect((await introspect(access_token, 'apis2')).json).toEqual(INACTIVE);
    expect((await introspect(access_token, 'rs1')).json['active']).toBe(true);
  });
});

describe('introspection: what ended meanwhile (IN-3, UP-12)', () => {
  it('turns inactive with the End-User, the group and the client, and back', async () => {
    const picky = makeClient('picky', {
      allow: { subjects: [], groups: ['admins'], emailDomains: [] },
      resources: [API1],
    });
    const { introspect, signIn, users, clients } = createTestIssuer({ clients: [picky] });
    const tokens = await signIn({ client_id: 'picky', resource: API1 });
    const states = async () => [
      (await introspect(tokens.access_token, 'rs1')).json['active'],
      (await introspect(tokens.access_token, clients.has('picky') ? 'picky' : 'rs1')).json[
        'active'
      ],
    ];

    users.delete('alice');
    expect(await states()).toEqual([false, false]);
    users.set('alice', { ...ALICE, groups: [] });
    expect(await states()).toEqual([false, false]);
    users.set('alice', ALICE);
    clients.delete('picky');
    expect(await states()).toEqual([false, false]);
    clients.set('picky', picky);
    expect(await states()).toEqual([true, true]);
  });

  it('turns a refresh token inactive with its End-User', async () => {
    const { introspect, signIn, users } = createTestIssuer();
    const { refresh_token } = await signIn();

    users.delete('alice');

    expect((await introspect(refresh_token)).json).toEqual(INACTIVE);
  });
});

describe('introspection: hints, cost and outages (RFC 7662 §2.1; IN-4, TK-4)', () => {
  it('finds the token whatever the hint says', async () => {
    const { introspect, signIn } = createTestIssuer();
    const { access_token, refresh_token } = await signIn();

    for (const token_type_hint of ['access_token', 'refresh_token', 'access-token', 'nonsense']) {
      for (const token of [access_token, refresh_token]) {
        expect((await introspect(token, 'conf', { token_type_hint })).json['active']).toBe(true);
      }
    }
  });

  it('takes one read and no write', async () => {
    const { introspect, signIn, weather } = createTestIssuer();
    const { access_token, refresh_token } = await signIn();

    for (const token of [access_token, refresh_token]) {
      weather.calls.length = 0;
      await introspect(token);
      expect(weather.calls).toEqual(['find']);
    }
    weather.calls.length = 0;
    await introspect('unknown');
    expect(weather.calls).toEqual([]);
  });

  it('throws Unavailable while the store is down, and never says active:false instead', async () => {
    const { introspect, signIn, weather } = createTestIssuer();
    const { access_token, refresh_token } = await signIn();

    weather.down.add('all');

    await expect(introspect(access_token)).rejects.toThrow(Unavailable);
    await expect(introspect(refresh_token)).rejects.toThrow(Unavailable);
  });
});
