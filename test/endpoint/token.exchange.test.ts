import { describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import { makeClient } from '../support/clients.ts';
import { createTestClock } from '../support/clock.ts';
import {
  ACCESS_TOKEN,
  createExchange,
  exchanger,
  ID_TOKEN,
  JWT,
  ORDERS,
} from '../support/exchange.ts';
import { ISSUER } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';
import { claimsOf, verifyAsStranger } from '../support/tokens.ts';

const refused = (reason: string, error = 'invalid_request') => ({
  status: 400,
  json: { error, reason },
});

describe('token exchange: an access token of ours (RFC 8693 §2; TX-1, TX-2)', () => {
  it('becomes a narrower one that names who acts, and ends no later', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken();
    test.clock.advance(600);

    const { status, json } = await test.exchange({ subject_token, scope: 'orders:read' });

    expect(status).toBe(200);
    expect(json).toEqual({
      access_token: expect.any(String),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: 3000,
      scope: 'orders:read',
    });
    const { payload } = await verifyAsStranger(String(json['access_token']), test);
    expect(payload).toEqual({
      iss: ISSUER,
      sub: 'alice',
      aud: ORDERS,
      client_id: 'gateway',
      scope: 'orders:read',
      act: { sub: 'gateway' },
      iat: test.clock(),
      exp: claimsOf(subject_token)['exp'],
      jti: expect.any(String),
      authorization_id: claimsOf(subject_token)['authorization_id'],
    });
  });

  it('never lives longer than what it came of, nor than the client lets a token live', async () => {
    const brief = exchanger('brief', { clients: '*' }, { lifetimes: { accessToken: 60 } });
    const test = await createExchange({ clients: [brief] });
    const subject_token = await test.accessToken();
    test.clock.advance(3599);

    expect((await test.exchange({ subject_token })).json).toMatchObject({ expires_in: 1 });
    expect(
      (await test.exchange({ subject_token: await test.accessToken() }, 'brief')).json,
    ).toMatchObject({
      expires_in: 60,
    });
  });

  it('is asked for as a JWT, and nothing else (RFC 8693 §2.2.2)', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken();

    expect((await test.exchange({ subject_token, requested_token_type: JWT })).json).toMatchObject({
      issued_token_type: JWT,
      token_type: 'Bearer',
    });
    for (const type of ['refresh_token', 'id_token', 'saml2', 'access_token ', '']) {
      const requested_token_type = `urn:ietf:params:oauth:token-type:${type}`;
      expect(await test.exchange({ subject_token, requested_token_type })).toMatchObject(
        refused('requested_token_type_unsupported'),
      );
    }
  });

  it('carries what its subject said of the sign-in, and issues neither refresh token nor ID Token', async () => {
    const openid = exchanger('openid', { clients: '*', scope: ['openid', 'email'] });
    const test = await createExchange({ clients: [openid] });
    const identity = identify('alice', { authTime: test.clock() - 5, acr: 'urn:mfa' });
    const { access_token: subject_token } = await test.signIn(
      { client_id: 'shop', scope: 'openid email offline_access' },
      identity,
    );

    const { json } = await test.exchange({ subject_token }, 'openid');

    expect(Object.keys(json).sort()).toEqual([
      'access_token',
      'expires_in',
      'issued_token_type',
      'scope',
      'token_type',
    ]);
    expect(claimsOf(String(json['access_token']))).toMatchObject({
      auth_time: test.clock() - 5,
      acr: 'urn:mfa',
    });
  });

  it('is described to the client it is for, with who acts (RFC 8693 §4.1)', async () => {
    const test = await createExchange();
    const { json } = await test.exchange({ subject_token: await test.accessToken() });

    expect((await test.introspect(String(json['access_token']), 'gateway')).json).toMatchObject({
      active: true,
      sub: 'alice',
      client_id: 'gateway',
      aud: ORDERS,
      act: { sub: 'gateway' },
    });
  });

  it('is of no use at UserInfo, which it is not for (RFC 9068 §4)', async () => {
    const test = await createExchange();
    const { json } = await test.exchange({ subject_token: await test.accessToken() });

    expect((await test.userinfo(String(json['access_token']))).status).toBe(401);
  });

  it('is on record with who it is about and who acts', async () => {
    const test = await createExchange();
    await test.exchange({ subject_token: await test.accessToken() });

    expect(test.events.at(-1)).toMatchObject({
      type: 'token.issued',
      clientId: 'gateway',
      subject: 'alice',
      actor: 'gateway',
    });
  });

  it('costs one signature, and one question to the store', async () => {
    const keys = createEphemeralKeys({ now: createTestClock() });
    let signatures = 0;
    const sign: typeof keys.sign = (...args) => {
      signatures += 1;
      return keys.sign(...args);
    };
    const test = await createExchange({ deps: { keys: { ...keys, sign } } });
    const subject_token = await test.accessToken();
    signatures = 0;
    test.weather.calls.length = 0;

    await test.exchange({ subject_token });
    await test.exchange({ subject_token, scope: 'admin' });

    expect(signatures).toBe(1);
    expect(test.weather.calls).toEqual(['find', 'find']);
  });

  it('of a client that acts for itself is about that client', async () => {
    const anyone = exchanger('anyone', { clients: '*' });
    const test = await createExchange({ clients: [anyone] });
    const own = await test.token({ grant_type: 'client_credentials' }, 'shop');
    const { json } = await test.exchange({ subject_token: String(own.json['access_token']) });

    expect(claimsOf(String(json['access_token']))).toMatchObject({
      sub: 'shop',
      client_id: 'gateway',
      act: { sub: 'gateway' },
      scope: 'orders:read orders:list',
    });
    expect(claimsOf(String(json['access_token']))).not.toHaveProperty('authorization_id');
    const exchanged = String(json['access_token']);
    const further = () => test.exchange({ subject_token: exchanged }, 'anyone');
    expect(claimsOf(String((await further()).json['access_token']))).toMatchObject({
      sub: 'shop',
      act: { sub: 'anyone', act: { sub: 'gateway' } },
    });
    test.clients.delete('shop');
    expect(await further()).toMatchObject(refused('subject_unknown'));
    const again = await test.exchange({ subject_token: String(own.json['access_token']) });
    expect(again).toMatchObject(refused('subject_token_client_gone'));
  });
});

describe('token exchange: which tokens (TX-1)', () => {
  it('of a client that is not listed are refused, also those that are alive and well (Casdoor CVE-2026-9094)', async () => {
    const test = await createExchange();
    const shop = await test.accessToken();
    const shop2 = await test.accessToken({ client_id: 'shop2' });

    expect((await test.exchange({ subject_token: shop }, 'gateway')).status).toBe(200);
    expect((await test.exchange({ subject_token: shop2 }, 'gateway2')).status).toBe(200);
    for (const [subject_token, caller] of [
      [shop, 'gateway2'],
      [shop2, 'gateway'],
    ] as const) {
      expect(await test.exchange({ subject_token }, caller)).toMatchObject(
        refused('subject_token_not_allowed'),
      );
    }
  });

  it('that are meant for what the caller serves are taken, whoever got them', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken({
      client_id: 'shop2',
      resource: 'https://gateway.example',
    });

    expect((await test.exchange({ subject_token }, 'gateway')).status).toBe(200);
    const other = await test.accessToken({ resource: 'https://gateway.example' });
    expect(await test.exchange({ subject_token: other }, 'gateway2')).toMatchObject(
      refused('subject_token_not_allowed'),
    );
  });

  it('that name the caller as their audience are taken, and so is the ID Token it got itself', async () => {
    const pointed = makeClient('pointed', { audience: ['gateway2'], scope: ['email'] });
    const both = exchanger(
      'both',
      {},
      { scope: ['openid'], redirectUris: ['https://rp.example/callback'] },
    );
    const grantTypes = ['authorization_code', ...both.grantTypes];
    const test = await createExchange({ clients: [pointed, { ...both, grantTypes }] });
    const subject_token = await test.accessToken({ client_id: 'pointed', scope: 'email' });
    const { id_token } = await test.signIn({ client_id: 'both', scope: 'openid' });
    const own = { subject_token: id_token, subject_token_type: ID_TOKEN };

    expect((await test.exchange({ subject_token }, 'gateway2')).status).toBe(200);
    expect(await test.exchange({ subject_token }, 'gateway')).toMatchObject(
      refused('subject_token_not_allowed'),
    );
    expect((await test.exchange(own, 'both')).status).toBe(200);
    expect(await test.exchange(own, 'gateway')).toMatchObject(refused('subject_token_not_allowed'));
  });

  it('that were revoked are refused (Casdoor CVE-2026-9097)', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken();
    const cc = await test.token({ grant_type: 'client_credentials' }, 'shop');
    const ownToken = String(cc.json['access_token']);
    expect((await test.exchange({ subject_token })).status).toBe(200);
    expect((await test.exchange({ subject_token: ownToken })).status).toBe(200);

    await test.revoke(subject_token, 'shop');
    await test.revoke(ownToken, 'shop');

    expect(await test.exchange({ subject_token })).toMatchObject(refused('subject_token_revoked'));
    expect(await test.exchange({ subject_token: ownToken })).toMatchObject(
      refused('subject_token_revoked'),
    );
  });

  it('that expired are refused', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken();
    test.clock.advance(3600);

    expect(await test.exchange({ subject_token })).toMatchObject(
      refused('token_issuer_not_allowed'),
    );
  });

  it('are what subject_token_type says, or refused', async () => {
    const test = await createExchange();
    const { access_token, id_token, refresh_token } = await test.signIn({
      client_id: 'shop',
      scope: 'openid offline_access orders:read',
    });

    expect((await test.exchange({ subject_token: access_token })).status).toBe(200);
    expect(
      (await test.exchange({ subject_token: id_token, subject_token_type: ID_TOKEN })).status,
    ).toBe(200);
    for (const [subject_token, subject_token_type] of [
      [id_token, ACCESS_TOKEN],
      [access_token, ID_TOKEN],
      [refresh_token, ACCESS_TOKEN],
      [refresh_token, ID_TOKEN],
      ['x.y.z', ACCESS_TOKEN],
    ] as const) {
      expect(await test.exchange({ subject_token, subject_token_type })).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      });
    }
  });

  it('have a type that is known, and that the client may exchange', async () => {
    const narrow = exchanger('narrow', { clients: '*', subjectTokenTypes: ['access_token'] });
    const test = await createExchange({ clients: [narrow] });
    const { access_token, id_token } = await test.signIn({ client_id: 'shop', scope: 'openid' });

    expect((await test.exchange({ subject_token: access_token }, 'narrow')).status).toBe(200);
    expect(
      await test.exchange({ subject_token: id_token, subject_token_type: ID_TOKEN }, 'narrow'),
    ).toMatchObject(refused('token_type_not_allowed'));
    for (const subject_token_type of ['refresh_token', 'saml1', 'access_token2', 'toString']) {
      expect(
        await test.exchange({
          subject_token: access_token,
          subject_token_type: `urn:ietf:params:oauth:token-type:${subject_token_type}`,
        }),
      ).toMatchObject(refused('token_type_unsupported'));
    }
    expect(
      await test.exchange({ subject_token: access_token, subject_token_type: JWT }),
    ).toMatchObject(refused('token_type_not_allowed'));
    for (const missing of ['subject_token', 'subject_token_type']) {
      expect(
        await test.exchange({ subject_token: access_token, [missing]: undefined }),
      ).toMatchObject(refused('parameter_missing'));
    }
  });

  it('of ours are refused to a client that may exchange only those of others', async () => {
    const foreign = exchanger('foreign', { clients: '*', issuers: ['cluster'] });
    const test = await createExchange({ clients: [foreign] });

    expect(
      await test.exchange({ subject_token: await test.accessToken() }, 'foreign'),
    ).toMatchObject(refused('token_issuer_not_allowed'));
  });

  it('of an End-User who is gone, or whom either client no longer lets in, are refused', async () => {
    const closed = exchanger(
      'closed',
      { clients: '*' },
      { allow: { subjects: [], groups: ['engineering'], emailDomains: [] } },
    );
    const test = await createExchange({ clients: [closed] });
    const subject_token = await test.accessToken();
    expect((await test.exchange({ subject_token }, 'closed')).status).toBe(200);

    test.users.set('alice', { groups: ['sales'] });
    expect(await test.exchange({ subject_token }, 'closed')).toMatchObject(
      refused('subject_not_allowed'),
    );
    expect((await test.exchange({ subject_token })).status).toBe(200);
    const shop = test.clients.get('shop');
    if (shop === undefined) throw new Error('no shop');
    const allow = { subjects: [], groups: ['engineering'], emailDomains: [] };
    test.clients.set('shop', { ...shop, allow });
    expect(await test.exchange({ subject_token })).toMatchObject(refused('subject_not_allowed'));
    test.clients.set('shop', shop);
    test.users.delete('alice');
    expect(await test.exchange({ subject_token })).toMatchObject(refused('subject_unknown'));
  });

  it('are answered alike, whatever is wrong with them', async () => {
    const test = await createExchange();
    const foreign = await test.accessToken({ client_id: 'shop2' });
    const revoked = await test.accessToken();
    await test.revoke(revoked, 'shop');

    const answers = await Promise.all(
      [foreign, revoked, 'nonsense', 'a.b.c'].map(async (subject_token) => {
        const { status, json } = await test.exchange({ subject_token });
        return { status, error: json['error'], text: json['error_description'] };
      }),
    );

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('cannot be exchanged while nobody can tell whether they stand', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken();
    test.weather.down.add('find');
    await expect(test.exchange({ subject_token })).rejects.toThrow('did not answer');
    test.weather.down.clear();
    test.backends.down = true;
    await expect(test.exchange({ subject_token })).rejects.toThrow('did not answer');
    test.backends.down = false;
    expect((await test.exchange({ subject_token })).status).toBe(200);
  });
});

describe('token exchange: an ID Token of ours (RFC 8693 §3; TX-1)', () => {
  it('stands for what was granted with it, and ends with it', async () => {
    const test = await createExchange();
    const { id_token, access_token } = await test.signIn({
      client_id: 'shop',
      scope: 'openid orders:read',
    });
    const form = { subject_token: id_token, subject_token_type: ID_TOKEN };

    const { json } = await test.exchange(form);

    expect(json['scope']).toBe('orders:read');
    expect(claimsOf(String(json['access_token']))).toMatchObject({ sub: 'alice', aud: ORDERS });
    await test.revoke(access_token, 'shop');
    expect(await test.exchange(form)).toMatchObject(refused('subject_token_revoked'));
  });

  it('of another client is refused, expired it is, and so is one that names no authorization', async () => {
    const test = await createExchange();
    const { id_token } = await test.signIn({ client_id: 'shop2', scope: 'openid' });
    const form = { subject_token: id_token, subject_token_type: ID_TOKEN };

    expect(await test.exchange(form)).toMatchObject(refused('subject_token_not_allowed'));
    expect((await test.exchange(form, 'gateway2')).status).toBe(200);
    const { authorization_id: _, ...rest } = claimsOf(id_token);
    const unnamed = await test.deps.keys.sign('ES256', 'JWT', rest as never);
    const logout = await test.deps.keys.sign('ES256', 'logout+jwt', claimsOf(id_token) as never);
    for (const subject_token of [unnamed, logout]) {
      expect(await test.exchange({ ...form, subject_token }, 'gateway2')).toMatchObject(
        refused('token_issuer_not_allowed'),
      );
    }
    test.clock.advance(3600);
    expect(await test.exchange(form, 'gateway2')).toMatchObject({
      json: { error: 'invalid_request' },
    });
  });

  it('for several audiences is of the client that azp names (OIDC Core §2)', async () => {
    const test = await createExchange();
    const { id_token } = await test.signIn({ client_id: 'shop', scope: 'openid' });
    const exchange = async (different: object) => {
      const claims = { ...claimsOf(id_token), ...different };
      const subject_token = await test.deps.keys.sign('ES256', 'JWT', claims as never);
      return test.exchange({ subject_token, subject_token_type: ID_TOKEN });
    };

    expect((await exchange({ aud: ['elsewhere', 'shop'], azp: 'shop' })).status).toBe(200);
    expect(await exchange({ aud: ['elsewhere', 'shop'], azp: 'shop2' })).toMatchObject(
      refused('subject_token_not_allowed'),
    );
    expect(await exchange({ may_act: { sub: 'gateway2' } })).toMatchObject(
      refused('actor_not_allowed'),
    );
    expect((await exchange({ may_act: { sub: 'gateway' } })).status).toBe(200);
  });

  it('names its authorization only where tokens are exchanged at all', async () => {
    const on = await createExchange();
    const off = await createExchange({ policy: { grantTypesInUse: new Set() } });

    expect(claimsOf((await on.signIn()).id_token)).toHaveProperty('authorization_id');
    expect(claimsOf((await off.signIn()).id_token)).not.toHaveProperty('authorization_id');
  });
});
