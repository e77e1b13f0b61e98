// POST /register (RFC 7591 §3): who may, what has to be JSON, and what comes back.

import { describe, expect, it } from 'vitest';
import { hashSecret } from '../../internal/oidc/handle.ts';
import { toClientId } from '../../internal/protocol/ids.ts';
import { macOf, ownClaims, withAssertion } from '../support/assertions.ts';
import {
  createRegistrationIssuer,
  credentials,
  HONEST,
  INITIAL,
  signIn,
} from '../support/registration.ts';
import { claimsOf, headerOf } from '../support/tokens.ts';

describe('a registration (RFC 7591 §3.2.1; RG-1)', () => {
  it('is 201, not stored by caches, and tells everything that counts', async () => {
    const test = createRegistrationIssuer();

    const { status, json, response } = await test.post(HONEST);

    expect(status).toBe(201);
    expect(response).not.toHaveProperty('maxAge');
    expect(json).toMatchObject({
      ...HONEST,
      client_id: expect.stringMatching(/^dyn_[A-Za-z0-9_-]{22}$/),
      client_id_issued_at: test.clock(),
      client_secret: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      client_secret_expires_at: 0,
      registration_access_token: expect.stringMatching(/^rat_[A-Za-z0-9_-]{43}$/),
      registration_client_uri: `https://op.example/a/register/${json['client_id']}`,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      application_type: 'web',
      id_token_signed_response_alg: 'RS256',
      scope: 'openid profile email offline_access',
    });
    expect(test.events).toContainEqual({
      type: 'client.registered',
      clientId: json['client_id'],
      requestId: expect.any(String),
    });
  });

  it('makes a client that signs people in, once they agreed', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register();

    const { status, json } = await signIn(test, client);

    expect(status).toBe(200);
    const idToken = String(json['id_token']);
    expect(headerOf(idToken)).toMatchObject({ alg: 'RS256' });
    expect(claimsOf(idToken)).toMatchObject({ aud: client.client_id, sub: 'alice' });
    const again = await test.authorize({ client_id: client.client_id, state: 'again' });
    expect(again.params.get('code'), 'remembered').not.toBeNull();
  });

  it('keeps no secret in clear', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register();
    const record = await test.deps.store.findClient(toClientId(client.client_id));

    expect(record?.text).not.toContain(client.client_secret);
    expect(JSON.stringify(record)).not.toContain(client.registration_access_token);
    expect(record?.tokenHash).toBe(hashSecret(client.registration_access_token));
    expect(JSON.stringify(test.events)).not.toContain(client.client_secret);
  });

  it('seals the secret of a client that signs with it, who never shows it', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register({ token_endpoint_auth_method: 'client_secret_jwt' });
    const record = await test.deps.store.findClient(toClientId(client.client_id));
    expect(record?.text).not.toContain(client.client_secret);
    const refresh = async (secret: string) => {
      const claims = ownClaims(client.client_id, 'https://op.example/a');
      const form = { grant_type: 'refresh_token', refresh_token: 'rt_none' };
      return (await test.token(form, withAssertion(macOf(secret, claims)))).json['error'];
    };

    expect(await refresh(client.client_secret), 'authenticated').toBe('invalid_grant');
    expect(await refresh(`${client.client_secret}x`)).toBe('invalid_client');
    const { client_id } = client;
    const put = { ...HONEST, client_id, token_endpoint_auth_method: 'client_secret_jwt' };
    expect((await test.manage('PUT', client, put)).json).not.toHaveProperty('client_secret');
    expect(await refresh(client.client_secret), 'sealed anew').toBe('invalid_grant');
  });

  it('gives a public client no secret, and wants PKCE of it', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register({ token_endpoint_auth_method: 'none' });

    expect(client).not.toHaveProperty('client_secret');
    expect(client).not.toHaveProperty('client_secret_expires_at');
    const { params } = await test.authorize({ client_id: client.client_id });
    expect(params.get('error')).toBe('invalid_request');
  });

  it('never takes an id or a secret that somebody chose (RG-4)', async () => {
    const test = createRegistrationIssuer();
    for (const client_id of ['__proto__', 'conf', 'dyn_AAAAAAAAAAAAAAAAAAAAAA']) {
      const client = await test.register({ client_id, client_secret: 'chosen' });

      expect(client.client_id).not.toBe(client_id);
      expect(client.client_secret).not.toBe('chosen');
    }
  });

  it('ignores what it does not know, in any language', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register({
      'client_name#ja': '店',
      request_uris: ['javascript:alert(1)'],
      made_up: { deep: true },
      logo_uri: null,
    });

    expect(client).not.toHaveProperty('client_name#ja');
    expect(client).not.toHaveProperty('request_uris');
    expect(client).not.toHaveProperty('made_up');
    expect(client).not.toHaveProperty('logo_uri');
  });
});

describe('the initial access token (RFC 7591 §3; RG-1)', () => {
  const challenge = (error = '') => ({
    'WWW-Authenticate': `Bearer realm="https://op.example/a"${error}`,
  });

  it.each([
    ['none', {}],
    ['another scheme', { authorization: `Basic ${INITIAL}` }],
    ['an empty one', { authorization: 'Bearer ' }],
  ])('that is missing is 401: %s', async (_, headers) => {
    const answer = await createRegistrationIssuer().post(HONEST, headers);

    expect(answer).toMatchObject({ status: 401, headers: challenge() });
  });

  it('that is wrong is 401, and a right one with other letters around is wrong', async () => {
    const test = createRegistrationIssuer();
    for (const token of ['x'.repeat(40), `${INITIAL}x`, INITIAL.slice(1), INITIAL.toUpperCase()]) {
      const answer = await test.post(HONEST, { authorization: `Bearer ${token}` });

      expect(answer, token).toMatchObject({
        status: 401,
        headers: challenge(', error="invalid_token"'),
        json: { error: 'invalid_token', reason: 'initial_access_token_wrong' },
      });
    }
    expect(test.events.filter(({ type }) => type === 'client.registered')).toEqual([]);
    expect(test.events.filter(({ type }) => type === 'registration.refused')).toHaveLength(4);
  });

  it('is not a token of the token endpoint, nor one of a client', async () => {
    const test = createRegistrationIssuer();
    const { access_token } = await test.signIn();
    const { registration_access_token } = await test.register();
    for (const token of [access_token, registration_access_token]) {
      expect((await test.post(HONEST, { authorization: `Bearer ${token}` })).status).toBe(401);
    }
  });

  it('is asked for in any case of its scheme, and before the body is looked at', async () => {
    const test = createRegistrationIssuer();

    expect((await test.post(HONEST, { authorization: `bearer ${INITIAL}` })).status).toBe(201);
    expect((await test.post('{', {})).status).toBe(401);
  });

  it('is not asked for where the operator wants everybody', async () => {
    const test = createRegistrationIssuer({ policy: { initial_access_tokens: [], open: true } });

    expect((await test.post(HONEST, {})).status).toBe(201);
  });
});

describe('a body (RFC 7591 §3.2.2; RG-1, CF-4)', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{"redirect_uris":'],
    ['an array', '[]'],
    ['an array of an object', JSON.stringify([HONEST])],
    ['null', 'null'],
    ['a string', '"https://rp.example/callback"'],
    ['a number', '1'],
    [
      'a name twice',
      '{"redirect_uris":["https://rp.example/a"],"redirect_uris":["https://rp.example/b"]}',
    ],
    ['a name twice, once escaped', '{"scope":"openid","sc\\u006fpe":"openid email"}'],
    ['a sparse array', '{"redirect_uris":["https://rp.example/a",,"https://rp.example/b"]}'],
    [
      'what is too deep',
      JSON.stringify({ ...HONEST, made_up: JSON.parse('['.repeat(20) + ']'.repeat(20)) }),
    ],
    ['a byte order mark', `\uFEFF${JSON.stringify(HONEST)}`],
  ])('is refused: %s', async (_, body) => {
    const answer = await createRegistrationIssuer().post(body);

    expect(answer).toMatchObject({
      status: 400,
      json: { error: 'invalid_client_metadata', reason: 'client_metadata_malformed' },
    });
  });

  it.each([
    ['redirect_uris', 'https://rp.example/callback', 'invalid_redirect_uri'],
    ['redirect_uris', { 0: 'https://rp.example/callback', length: 1 }, 'invalid_redirect_uri'],
    ['redirect_uris', [null], 'invalid_redirect_uri'],
    ['redirect_uris', [['https://rp.example/callback']], 'invalid_redirect_uri'],
    ['redirect_uris', [1], 'invalid_redirect_uri'],
    ['redirect_uris', [], 'invalid_redirect_uri'],
    ['contacts', [{}], 'invalid_client_metadata'],
    ['contacts', 'me@example.com', 'invalid_client_metadata'],
    ['grant_types', ['authorization_code', null], 'invalid_client_metadata'],
    ['grant_types', [], 'invalid_client_metadata'],
    ['client_name', 1, 'invalid_client_metadata'],
    ['client_name', '', 'invalid_client_metadata'],
    ['client_name', 'a\u0000b', 'invalid_client_metadata'],
    ['default_max_age', '1', 'invalid_client_metadata'],
    ['default_max_age', -1, 'invalid_client_metadata'],
    ['require_auth_time', 'true', 'invalid_client_metadata'],
    ['jwks', [], 'invalid_client_metadata'],
    ['software_statement', 1, 'invalid_client_metadata'],
    ['sector_identifier_uri', ['https://a.example'], 'invalid_client_metadata'],
  ])('whose %s is %j is refused', async (name, value, error) => {
    const answer = await createRegistrationIssuer().post({ ...HONEST, [name]: value });

    expect(answer).toMatchObject({ status: 400, json: { error } });
    expect(answer.json['error_description']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  it('with names of prototypes changes no prototype, and they are data', async () => {
    const test = createRegistrationIssuer();
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
    const own = names.map((name) => `${JSON.stringify(name)}:{"polluted":true}`).join();

    const { status, json } = await test.post(
      `{${own},"redirect_uris":["https://rp.example/callback"]}`,
    );

    expect(status).toBe(201);
    expect(Object.keys(json)).not.toContain('polluted');
    for (const name of names) expect(Object.keys(json)).not.toContain(name);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    for (const name of names) expect(await test.deps.findClient(name)).toBeUndefined();
  });

  it('takes nothing from a prototype: names inside `__proto__` are not said', async () => {
    const { json } = await createRegistrationIssuer().post(
      '{"__proto__":{"redirect_uris":["https://rp.example/callback"]}}',
    );

    expect(json).toMatchObject({ error: 'invalid_redirect_uri' });
  });
});

describe('registrations in numbers (RG-5)', () => {
  it('are 503 when their budget is full, and again 201 once one is gone', async () => {
    const test = createRegistrationIssuer({ different: { maxClients: 2 } });
    const first = await test.register();
    await test.register();

    await expect(test.post(HONEST)).rejects.toMatchObject({ dependency: 'store' });
    expect((await test.manage('DELETE', first)).status).toBe(204);
    expect((await test.post(HONEST)).status).toBe(201);
  });

  it('end with the lifetime that the operator gives them, secret and all', async () => {
    const test = createRegistrationIssuer({ policy: { client_lifetime: '2h' } });
    const client = await test.register();
    expect(client['client_secret_expires_at']).toBe(test.clock() + 7200);

    test.clock.advance(7199);
    expect((await signIn(test, client)).status).toBe(200);
    test.clock.advance(1);
    expect(await test.deps.findClient(client.client_id)).toBeUndefined();
    expect(
      (await test.token({ grant_type: 'refresh_token' }, credentials(client))).json,
    ).toMatchObject({ error: 'invalid_client' });
  });
});
