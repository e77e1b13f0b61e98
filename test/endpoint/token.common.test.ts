import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { parseParams } from '../../internal/protocol/params.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer } from '../support/issuer.ts';
import {
  basic,
  identify,
  makeRequest,
  NO_CREDENTIALS,
  withForm,
  withHeader,
} from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const REDIRECT_URI = 'https://rp.example/callback';

describe('token endpoint: a successful answer (RFC 6749 §5.1; TK-2)', () => {
  it('holds the tokens, Bearer, a number of seconds and the scope, and nothing empty', async () => {
    const { code, redeem } = createTestIssuer();

    const { status, json } = await redeem(await code());

    expect(status).toBe(200);
    expect(json).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'openid profile email groups offline_access',
      id_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.stringMatching(/^rt_[\w-]{22}\.[\w-]{22}\.[\w-]{43}$/),
    });
  });

  it('honours the lifetimes of the client', async () => {
    const brief = makeClient('brief', { lifetimes: { accessToken: 60, idToken: 90 } });
    const { signIn, clock } = createTestIssuer({ clients: [brief] });

    const tokens = await signIn({ client_id: 'brief' });

    expect(tokens.expires_in).toBe(60);
    expect(claimsOf(tokens.access_token)['exp']).toBe(clock() + 60);
    expect(claimsOf(tokens.id_token)['exp']).toBe(clock() + 90);
  });

  it('ignores unknown parameters and any order of them (G-8, G-10)', async () => {
    const { code, redeem } = createTestIssuer();

    const { status } = await redeem(await code(), { extra: ['1', '2'], constructor: 'x' });

    expect(status).toBe(200);
  });
});

describe('token endpoint: errors of every grant (RFC 6749 §5.2; TK-3)', () => {
  for (const [what, form, caller, expected] of [
    ['no grant_type', {}, 'conf', { status: 400, error: 'invalid_request' }],
    ['an empty grant_type', { grant_type: '' }, 'conf', { status: 400, error: 'invalid_request' }],
    [
      'grant_type=password',
      { grant_type: 'password' },
      'conf',
      { status: 400, error: 'unsupported_grant_type' },
    ],
    [
      'grant_type=implicit',
      { grant_type: 'implicit' },
      'conf',
      { status: 400, error: 'unsupported_grant_type' },
    ],
    [
      'grant_type=constructor',
      { grant_type: 'constructor' },
      'conf',
      { status: 400, error: 'unsupported_grant_type' },
    ],
    [
      'a grant the client is not registered for',
      { grant_type: 'client_credentials' },
      'conf',
      { status: 400, error: 'unauthorized_client', reason: 'grant_type_not_registered' },
    ],
    [
      'nobody who asks with a code',
      { grant_type: 'authorization_code', code: 'x' },
      NO_CREDENTIALS,
      { status: 401, error: 'invalid_client' },
    ],
    [
      'a wrong secret with a code',
      { grant_type: 'authorization_code', code: 'x' },
      withHeader(basic('conf', 'wrong')),
      { status: 401, error: 'invalid_client' },
    ],
    [
      'no code',
      { grant_type: 'authorization_code' },
      'conf',
      { status: 400, error: 'invalid_request' },
    ],
    [
      'no refresh_token',
      { grant_type: 'refresh_token' },
      'conf',
      { status: 400, error: 'invalid_request' },
    ],
  ] as const) {
    it(`answers ${what} with ${expected.error}`, async () => {
      const { token } = createTestIssuer();

      const { status, json } = await token(form, caller);

      expect({ status, ...json }).toMatchObject(expected);
      expect(json['error_description']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    });
  }

  it('authenticates the client before it looks at what is presented: no oracle about codes', async () => {
    const { code, token, weather } = createTestIssuer();
    const form = { grant_type: 'authorization_code', redirect_uri: REDIRECT_URI };
    const text = await code();
    weather.calls.length = 0;

    const live = await token({ ...form, code: text }, withHeader(basic('conf', 'wrong')));
    const made = await token({ ...form, code: 'x' }, withHeader(basic('conf', 'wrong')));

    expect(live.json).toEqual(made.json);
    expect(weather.calls).toEqual([]);
  });

  for (const name of [
    'grant_type',
    'code',
    'redirect_uri',
    'code_verifier',
    'client_id',
    'scope',
  ]) {
    it(`answers a repeated ${name} with invalid_request and spends nothing (G-7)`, async () => {
      const { code, redeem } = createTestIssuer();
      const text = await code();
      const values = { code: text, redirect_uri: REDIRECT_URI, grant_type: 'authorization_code' };
      const value = (values as Record<string, string>)[name] ?? 'conf';

      const { json } = await redeem(text, { [name]: [value, value] });

      expect(json).toMatchObject({ error: 'invalid_request', reason: 'parameter_repeated' });
      expect((await redeem(text)).status).toBe(200);
    });
  }

  it('puts the refusal on record with its reason, and neither code nor secret', async () => {
    const { code, redeem, events } = createTestIssuer();
    const text = await code();

    await redeem(text, {}, 'conf2');

    expect(events.at(-1)).toEqual({
      type: 'token.refused',
      grantType: 'authorization_code',
      clientId: 'conf2',
      error: 'invalid_grant',
      reason: 'client_mismatch',
      requestId: expect.any(String),
    });
    expect(JSON.stringify(events)).not.toContain(text.split('.')[1]);
  });
});

describe('token endpoint: nothing but the form counts (T27, UP-10, G-11)', () => {
  it('issues for the End-User of the code, whatever identity the request carries', async () => {
    const { code, issuer } = createTestIssuer();
    const request = makeRequest({
      params: parseParams(
        `grant_type=authorization_code&code=${await code()}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}`,
      ),
      headers: { authorization: basic('conf'), 'x-authenticated-user': 'admin' },
      identity: identify('bob'),
    });

    const response = await issuer.token(request);

    if (response.kind !== 'json' || !('id_token' in response.body)) throw new Error('no tokens');
    expect(claimsOf(String(response.body.id_token))['sub']).toBe('alice');
  });

  for (const text of ['grant_type=%ff', 'code=%00', 'client_id=%c0%af', 'code_verifier=%zz']) {
    it(`refuses ${text} with invalid_request when it is read`, () => {
      expect(() => parseParams(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    });
  }
});

describe('token endpoint: something does not answer (TK-4)', () => {
  it('throws Unavailable while the store is down, and the code is good afterwards', async () => {
    const { code, redeem, weather } = createTestIssuer();
    const text = await code();

    weather.down.add('all');
    await expect(redeem(text)).rejects.toThrow(Unavailable);
    weather.down.clear();

    expect((await redeem(text)).status).toBe(200);
  });

  it('throws Unavailable for a refresh while the store is down, and the token is good afterwards', async () => {
    const { signIn, refresh, weather, events } = createTestIssuer();
    const { refresh_token } = await signIn();
    events.length = 0;

    weather.down.add('rotate');
    await expect(refresh(refresh_token)).rejects.toThrow(Unavailable);
    weather.down.clear();

    expect(events).toEqual([]);
    expect((await refresh(refresh_token)).status).toBe(200);
  });
});

describe('token endpoint: one kind of secret is not another (TK-6)', () => {
  it('accepts neither code, refresh token, ID Token nor access token in the place of another', async () => {
    const { code, signIn, redeem, refresh, userinfo, introspect } = createTestIssuer();
    const text = await code();
    const { access_token, refresh_token, id_token } = await signIn();

    for (const other of [refresh_token, access_token, id_token]) {
      expect((await redeem(other)).json).toMatchObject({ error: 'invalid_grant' });
    }
    for (const other of [text, access_token, id_token]) {
      expect((await refresh(other)).json).toMatchObject({ error: 'invalid_grant' });
    }
    for (const other of [text, refresh_token, id_token]) {
      expect((await userinfo(other)).status).toBe(401);
    }
    for (const other of [text, id_token]) {
      expect((await introspect(other)).json).toEqual({ active: false });
    }
    expect((await redeem(text)).status).toBe(200);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it('accepts no token that was cut short or grew by a character', async () => {
    const { signIn, refresh, userinfo } = createTestIssuer();
    const { access_token, refresh_token } = await signIn();

    for (const change of [
      (it: string) => it.slice(0, -1),
      (it: string) => `${it}A`,
      (it: string) => it.slice(0, 80),
    ]) {
      expect((await refresh(change(refresh_token))).json['error']).toBe('invalid_grant');
      expect((await userinfo(change(access_token))).status).toBe(401);
    }
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it('keeps nothing in the store that would let its reader in', async () => {
    const { code, redeem, refresh, weather } = createTestIssuer();
    const text = await code();
    const { json } = await redeem(text);
    const renewed = (await refresh(String(json['refresh_token']))).json;

    const dump = JSON.stringify(weather.told);
    for (const token of [text, json['refresh_token'], renewed['refresh_token']]) {
      for (const part of String(token).split('.').slice(1)) expect(dump).not.toContain(part);
    }
    expect(dump).not.toContain(String(json['access_token']));
  });
});

describe('token endpoint: clients that act for themselves and End-Users (TK-5)', () => {
  it('never issues a token of an End-User whose name a client took meanwhile', async () => {
    const { code, redeem, clients, users } = createTestIssuer();
    users.set('robot', {});
    const text = await code({}, identify('robot'));
    clients.set('robot', makeClient('robot', { grantTypes: ['client_credentials'] }));

    const { json } = await redeem(text);

    expect(json).toMatchObject({ error: 'invalid_grant', reason: 'subject_is_a_client' });
  });

  it('is not confused by credentials for a client_id that names a prototype member', async () => {
    const { token } = createTestIssuer();

    for (const client_id of ['__proto__', 'constructor', 'toString']) {
      const { status, json } = await token(
        { grant_type: 'authorization_code', code: 'x' },
        withForm({ client_id }),
      );
      expect({ status, ...json }).toMatchObject({ status: 401, error: 'invalid_client' });
    }
  });
});
