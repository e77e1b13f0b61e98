import { describe, expect, it } from 'vitest';
import { tokenExchange } from '../../internal/oidc/grants/token-exchange.ts';
import type { Actor } from '../../internal/protocol/actor.ts';
import type { Confirmation } from '../../internal/protocol/confirmation.ts';
import { OAuthError } from '../../internal/protocol/errors.ts';
import {
  ACCESS_TOKEN,
  createExchange,
  type Exchange,
  exchanger,
  ORDERS,
  PARTNER,
} from '../support/exchange.ts';
import { ISSUER } from '../support/issuer.ts';
import { makeRequest, toParams } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const refused = (reason: string, error = 'invalid_request') => ({
  status: 400,
  json: { error, reason },
});

const tokenOf = ({ json }: { readonly json: Record<string, unknown> }): string =>
  String(json['access_token']);

/** The same token with other claims, signed by ours. */
const resign = (test: Exchange, token: string, different: object): Promise<string> =>
  test.deps.keys.sign('ES256', 'at+jwt', { ...claimsOf(token), ...different } as never);

describe('token exchange: what for (TX-2; Keycloak CVE-2022-1245)', () => {
  it('is what the client may name, by audience or by resource, once each', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken();
    const audienceOf = async (form: object) =>
      claimsOf(tokenOf(await test.exchange({ subject_token, audience: undefined, ...form })))[
        'aud'
      ];

    expect(await audienceOf({ audience: 'billing' })).toBe('billing');
    expect(await audienceOf({ resource: ORDERS })).toBe(ORDERS);
    expect(await audienceOf({ audience: 'billing', resource: ORDERS })).toEqual([
      'billing',
      ORDERS,
    ]);
    expect(await audienceOf({ audience: [ORDERS, ORDERS], resource: ORDERS })).toBe(ORDERS);
  });

  it('is refused with invalid_target for any other client and any other resource', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken();

    for (const form of [
      { audience: 'shop' },
      { audience: 'gateway' },
      { audience: ISSUER },
      { audience: [ORDERS, 'shop'] },
      { audience: ORDERS, resource: 'https://billing.example' },
      { audience: `${ORDERS}/` },
      { resource: 'https://gateway.example' },
    ]) {
      expect(await test.exchange({ subject_token, ...form }), JSON.stringify(form)).toMatchObject(
        refused('audience_not_allowed', 'invalid_target'),
      );
    }
  });

  it('has to be said where there is a choice, and is the only one where there is none', async () => {
    const single = exchanger('single', { clients: '*', audiences: ['billing'] });
    const test = await createExchange({ clients: [single] });
    const subject_token = await test.accessToken();

    expect(await test.exchange({ subject_token, audience: undefined })).toMatchObject(
      refused('audience_missing', 'invalid_target'),
    );
    const answer = await test.exchange({ subject_token, audience: undefined }, 'single');
    expect(claimsOf(tokenOf(answer))['aud']).toBe('billing');
  });
});

describe('token exchange: how far (TX-2)', () => {
  it('is as far as both the token and the client go, unless less is asked for', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken();

    expect((await test.exchange({ subject_token })).json['scope']).toBe('orders:read email');
    expect((await test.exchange({ subject_token, scope: 'email' })).json['scope']).toBe('email');
  });

  it('is never further than either, and never for later', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken({
      scope: 'openid email offline_access orders:read orders:write',
    });

    // In turn: the client may not, the token may not, neither may, nobody may.
    for (const scope of ['orders:write', 'orders:list', 'admin', 'offline_access', 'a"b']) {
      expect(await test.exchange({ subject_token, scope })).toMatchObject({
        status: 400,
        json: { error: 'invalid_scope' },
      });
    }
    expect(await test.exchange({ subject_token, scope: 'orders:read orders:write' })).toMatchObject(
      refused('scope_not_allowed', 'invalid_scope'),
    );
    expect((await test.exchange({ subject_token })).json['scope']).toBe('orders:read email');
  });

  it('may be nowhere: a token can say who somebody is and nothing else', async () => {
    const bare = exchanger('bare', { clients: '*', scope: [] });
    const test = await createExchange({ clients: [bare] });
    const { status, json } = await test.exchange(
      { subject_token: await test.accessToken() },
      'bare',
    );

    expect(status).toBe(200);
    expect(json).not.toHaveProperty('scope');
    expect(claimsOf(String(json['access_token']))).not.toHaveProperty('scope');
  });
});

describe('token exchange: who acts (RFC 8693 §4.1, §4.4; TX-2)', () => {
  const chainOf = (token: string): readonly string[] => {
    const walk = (actor: Actor | undefined): string[] =>
      actor === undefined ? [] : [actor.sub, ...walk(actor.act)];
    return walk(claimsOf(token)['act'] as Actor | undefined);
  };
  const anyone = { clients: '*', audiences: ['next'] } as const;

  it('is said newest first, whoever acted before inside, and only so often', async () => {
    const hops = Array.from({ length: 6 }, (_, index) => exchanger(`hop${index}`, anyone));
    const test = await createExchange({ clients: hops });
    let token = await test.accessToken();
    for (const hop of [0, 1, 2, 3, 4]) {
      token = tokenOf(await test.exchange({ subject_token: token, audience: 'next' }, `hop${hop}`));
    }

    expect(chainOf(token)).toEqual(['hop4', 'hop3', 'hop2', 'hop1', 'hop0']);
    expect(claimsOf(token)).toMatchObject({ sub: 'alice', client_id: 'hop4' });
    expect(await test.exchange({ subject_token: token, audience: 'next' }, 'hop5')).toMatchObject(
      refused('actor_chain'),
    );
    const garbled = await resign(test, await test.accessToken(), { act: 'gateway' });
    expect(await test.exchange({ subject_token: garbled })).toMatchObject(
      refused('token_issuer_not_allowed'),
    );
  });

  it('is nobody for a client that may be taken for the End-User, who still tells who did before', async () => {
    const double = exchanger('double', { ...anyone, impersonation: true, actorIssuers: ['self'] });
    const test = await createExchange({ clients: [double] });
    const subject_token = await test.accessToken();
    const form = { audience: 'next' };

    const plain = await test.exchange({ subject_token, ...form }, 'double');
    const actor_token = tokenOf(await test.token({ grant_type: 'client_credentials' }, 'double'));
    const named = await test.exchange(
      { subject_token, ...form, actor_token, actor_token_type: ACCESS_TOKEN },
      'double',
    );
    const acted = tokenOf(await test.exchange({ subject_token }));
    const chained = await test.exchange({ subject_token: acted, ...form }, 'double');

    expect(claimsOf(tokenOf(plain))).not.toHaveProperty('act');
    expect(chainOf(tokenOf(chained))).toEqual(['gateway']);
    expect(chainOf(tokenOf(named))).toEqual(['double']);
  });

  it('is whom the actor token names, and ends with it', async () => {
    const acting = exchanger('acting', { ...anyone, actorIssuers: ['self', 'cluster'] });
    const test = await createExchange({ clients: [acting] });
    const subject_token = await test.accessToken();
    test.clock.advance(3000);
    const actor_token = await test.cluster.sign({ exp: test.clock() + 100 });
    const actor_token_type = 'urn:ietf:params:oauth:token-type:jwt';
    const form = { subject_token, audience: 'next' };

    const foreign = await test.exchange({ ...form, actor_token, actor_token_type }, 'acting');
    const own = tokenOf(await test.token({ grant_type: 'client_credentials' }, 'acting'));
    const selfActing = await test.exchange(
      { ...form, actor_token: own, actor_token_type: ACCESS_TOKEN },
      'acting',
    );

    expect(foreign.json).toMatchObject({ expires_in: 100 });
    expect(selfActing.json).toMatchObject({ expires_in: 600 });
    expect(chainOf(tokenOf(foreign))).toEqual(['k8s:system:serviceaccount:payments:worker']);
    expect(chainOf(tokenOf(selfActing))).toEqual(['acting']);
    expect(test.events.filter(({ type }) => type === 'token.issued').at(-3)).toMatchObject({
      actor: 'k8s:system:serviceaccount:payments:worker',
    });
  });

  it('is not whom a token names that the client may not bring, or that is not its own', async () => {
    const acting = exchanger('acting', { ...anyone, actorIssuers: ['self'] });
    const test = await createExchange({ clients: [acting] });
    const subject_token = await test.accessToken();
    const other = tokenOf(await test.token({ grant_type: 'client_credentials' }, 'gateway2'));
    const own = tokenOf(await test.token({ grant_type: 'client_credentials' }, 'acting'));
    const bring = (actor_token: string, type = ACCESS_TOKEN, caller = 'acting') =>
      test.exchange(
        {
          subject_token,
          actor_token,
          actor_token_type: type,
          audience: caller === 'acting' ? 'next' : ORDERS,
        },
        caller,
      );

    expect(await bring(other)).toMatchObject(refused('actor_token_not_allowed'));
    expect(
      await bring(await test.cluster.sign(), 'urn:ietf:params:oauth:token-type:jwt'),
    ).toMatchObject(refused('token_issuer_not_allowed'));
    const gatewayOwn = tokenOf(await test.token({ grant_type: 'client_credentials' }, 'gateway'));
    expect(await bring(gatewayOwn, ACCESS_TOKEN, 'gateway')).toMatchObject(
      refused('token_issuer_not_allowed'),
    );
    const bound = await resign(test, own, { cnf: { jkt: 'key' } });
    expect(await bring(bound)).toMatchObject(refused('confirmation_mismatch'));
    expect((await bring(own)).status).toBe(200);
    await test.revoke(own, 'acting');
    expect(await bring(own)).toMatchObject(refused('subject_token_revoked'));
  });

  it('cannot have the name of a client of ours, nor be unknown where it has to be known', async () => {
    const acting = exchanger(
      'acting',
      { ...anyone, actorIssuers: ['partner'] },
      // About whom it is about, not about who acts: bob is in no group of these.
      { allow: { subjects: [], groups: ['engineering'], emailDomains: [] } },
    );
    const test = await createExchange({ clients: [acting] });
    const subject_token = await test.accessToken();
    const bring = async (sub: string) =>
      test.exchange(
        {
          subject_token,
          actor_token: await test.partner.sign({ sub }),
          actor_token_type: 'urn:ietf:params:oauth:token-type:jwt',
          audience: 'next',
        },
        'acting',
      );

    expect((await bring('bob')).status).toBe(200);
    expect(await bring('gateway')).toMatchObject(refused('subject_is_a_client'));
    expect(await bring('nobody')).toMatchObject(refused('subject_unknown'));
  });

  it('is said by a token and its type, or by neither', async () => {
    const test = await createExchange();
    const subject_token = await test.accessToken();

    expect(await test.exchange({ subject_token, actor_token_type: ACCESS_TOKEN })).toMatchObject(
      refused('actor_token_missing'),
    );
    expect(await test.exchange({ subject_token, actor_token: subject_token })).toMatchObject(
      refused('parameter_missing'),
    );
  });

  it('is whom the subject token lets act, where it says so (may_act)', async () => {
    const test = await createExchange();
    const plain = await test.accessToken();
    const trying = async (may_act: unknown) =>
      (await test.exchange({ subject_token: await resign(test, plain, { may_act }) })).json;

    expect(await trying({ sub: 'gateway' })).toHaveProperty('access_token');
    expect(await trying({ sub: 'gateway', iss: ISSUER })).toHaveProperty('access_token');
    for (const may_act of [
      { sub: 'gateway2' },
      { sub: 'gateway', iss: PARTNER },
      { sub: 'gateway', until: 1 },
      { iss: ISSUER },
      {},
      'gateway',
      ['gateway'],
      null,
    ]) {
      expect(await trying(may_act), JSON.stringify(may_act)).toMatchObject({
        error: 'invalid_request',
        reason: 'actor_not_allowed',
      });
    }
  });

  it('is asked of may_act also where nobody would be named', async () => {
    const double = exchanger('double', { ...anyone, impersonation: true });
    const test = await createExchange({ clients: [double] });
    const plain = await test.accessToken();
    const form = { audience: 'next' };

    const subject_token = await resign(test, plain, { may_act: { sub: 'gateway' } });
    expect(await test.exchange({ subject_token, ...form }, 'double')).toMatchObject(
      refused('actor_not_allowed'),
    );
    const own = await resign(test, plain, { may_act: { sub: 'double' } });
    expect((await test.exchange({ subject_token: own, ...form }, 'double')).status).toBe(200);
  });
});

describe('token exchange: a token that is bound to a key (RFC 9449 §1, RFC 8705 §3; TX-2)', () => {
  const KEY: Confirmation = { jkt: 'key-of-the-owner' };
  const OTHER: Confirmation = { jkt: 'key-of-a-thief' };
  const CERTIFICATE: Confirmation = { 'x5t#S256': 'key-of-the-owner' };

  /** As the token endpoint asks the grant once it has proven the caller's key. */
  async function tryWith(
    test: Exchange,
    cnf: object | undefined,
    confirmation: Confirmation | undefined,
    caller = 'gateway',
  ): Promise<string> {
    const client = test.clients.get(caller);
    if (client === undefined) throw new Error('no client');
    const subject_token = await resign(test, await test.accessToken(), { cnf });
    const params = toParams({ subject_token, subject_token_type: ACCESS_TOKEN, audience: ORDERS });
    const { requestId: attempt } = makeRequest({});
    const now = test.clock();
    const { grantType } = tokenExchange;
    const request = { params, grantType, client, confirmation, attempt, now, expiresAt: now + 60 };
    try {
      await tokenExchange.authorize(request, test.deps);
      return 'taken';
    } catch (error) {
      if (error instanceof OAuthError) return error.reason;
      throw error;
    }
  }

  it('is of use with that key alone, so that a stolen one does not become one that anybody can use', async () => {
    const test = await createExchange();

    expect(await tryWith(test, KEY, KEY)).toBe('taken');
    expect(await tryWith(test, CERTIFICATE, CERTIFICATE)).toBe('taken');
    for (const [cnf, proven] of [
      [KEY, undefined],
      [KEY, OTHER],
      [KEY, CERTIFICATE],
      [CERTIFICATE, KEY],
      [CERTIFICATE, undefined],
      [CERTIFICATE, { 'x5t#S256': 'other' }],
    ] as const) {
      expect(await tryWith(test, cnf, proven)).toBe('confirmation_mismatch');
    }
    expect(await tryWith(test, undefined, OTHER)).toBe('taken');
    expect(await tryWith(test, { kid: 'x' }, KEY)).toBe('token_issuer_not_allowed');
  });

  it('may get another key from a client that may give it one, and never none', async () => {
    const rebinds = exchanger('rebinds', { clients: ['shop'], rebind: true });
    const test = await createExchange({ clients: [rebinds] });

    expect(await tryWith(test, KEY, OTHER, 'rebinds')).toBe('taken');
    expect(await tryWith(test, KEY, undefined, 'rebinds')).toBe('confirmation_mismatch');
  });

  it('is refused by the endpoint itself to a caller without a proof', async () => {
    const test = await createExchange();
    const subject_token = await resign(test, await test.accessToken(), { cnf: KEY });

    expect(await test.exchange({ subject_token })).toMatchObject(refused('confirmation_mismatch'));
  });
});

describe('token exchange: the end of what it came of (TX-2, design §2)', () => {
  it('ends everything that was exchanged, also what was exchanged again', async () => {
    const anyone = exchanger('anyone', { clients: '*' });
    const test = await createExchange({ clients: [anyone] });
    const subject_token = await test.accessToken();
    const first = tokenOf(await test.exchange({ subject_token }));
    const second = tokenOf(await test.exchange({ subject_token: first }, 'anyone'));
    expect((await test.introspect(first, 'gateway')).json['active']).toBe(true);
    expect((await test.introspect(second, 'anyone')).json['active']).toBe(true);

    await test.revoke(subject_token, 'shop');

    expect((await test.introspect(first, 'gateway')).json).toEqual({ active: false });
    expect((await test.introspect(second, 'anyone')).json).toEqual({ active: false });
    expect(await test.exchange({ subject_token: first }, 'anyone')).toMatchObject(
      refused('subject_token_revoked'),
    );
  });

  it('is not the end of what somebody only exchanged: that token goes, and nobody is signed out', async () => {
    const test = await createExchange();
    const { access_token, refresh_token } = await test.signIn({
      client_id: 'shop',
      scope: 'openid email offline_access orders:read',
    });
    const token = tokenOf(await test.exchange({ subject_token: access_token }));
    const other = tokenOf(await test.exchange({ subject_token: access_token }));

    await test.revoke(token, 'gateway');

    expect(test.events.at(-1)).toMatchObject({
      type: 'authorization.ended',
      authorizationId: claimsOf(token)['jti'],
    });
    expect((await test.introspect(token, 'gateway')).json).toEqual({ active: false });
    expect((await test.introspect(other, 'gateway')).json['active']).toBe(true);
    expect((await test.introspect(access_token, 'shop')).json['active']).toBe(true);
    expect((await test.refresh(refresh_token, {}, 'shop')).status).toBe(200);
    await test.revoke(access_token, 'shop');
    const before = test.events.length;
    await test.revoke(token, 'gateway');
    expect(test.events).toHaveLength(before);
  });
});

describe('token exchange: who may (TX-1)', () => {
  it('is nobody, and nothing is advertised, until a client of the operator may', async () => {
    const off = await createExchange({ policy: { grantTypesInUse: new Set() } });
    const metadata = async ({ issuer }: Exchange) => {
      const response = await issuer.discovery(makeRequest({ method: 'GET' }));
      return response.kind === 'json' ? JSON.stringify(response.body) : '';
    };

    expect(await off.exchange({ subject_token: 'x' })).toMatchObject({
      status: 400,
      json: { error: 'unsupported_grant_type' },
    });
    expect(await metadata(off)).not.toContain('token-exchange');
    expect(await metadata(await createExchange())).toContain(
      'urn:ietf:params:oauth:grant-type:token-exchange',
    );
  });

  it('is no client without the grant, without a policy or without credentials', async () => {
    const open = exchanger('open', { clients: '*' }, { tokenEndpointAuthMethod: 'none' });
    const lawless = exchanger('lawless', {}, { tokenExchange: undefined });
    const test = await createExchange({ clients: [open, lawless] });
    const subject_token = await test.accessToken();

    for (const [caller, reason] of [
      ['shop', 'grant_type_not_registered'],
      ['lawless', 'grant_type_not_registered'],
      ['open', 'public_client'],
    ] as const) {
      expect(await test.exchange({ subject_token }, caller)).toMatchObject(
        refused(reason, 'unauthorized_client'),
      );
    }
  });
});
