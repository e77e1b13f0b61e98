// Where two parts meet that are each right by themselves. Every attack stands beside the nearest honest
// request, which is accepted.

import { describe, expect, it } from 'vitest';
import type { HookAnswer, HookQuestion } from '../../internal/hook/hook.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../internal/protocol/names.ts';
import { buildScopeTable, type ScopeTerms } from '../../internal/protocol/scope-table.ts';
import { unverified } from '../support/client-certificates.ts';
import { makeClient } from '../support/clients.ts';
import { createHolder } from '../support/dpop.ts';
import { createExchange, exchanger, ID_TOKEN, ORDERS } from '../support/exchange.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { PKCE, VERIFIER } from '../support/pkce.ts';
import { basic, makeRequest, settle, toParams, withForm } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const WITH_CHECK = { check: { original: undefined } } as const;

const ask = ({ issuer }: TestIssuer, token: string, audience: string, more = {}) => {
  if (issuer.check === undefined) throw new Error('there is no /check');
  const headers = { authorization: `Bearer ${token}` };
  const params = toParams({ audience });
  return settle(issuer.check(makeRequest({ method: 'GET', params, headers, ...more })));
};

const ALLOWED: HookAnswer = { kind: 'allowed', idTokenClaims: {}, accessTokenClaims: {} };

/** A hook that a test can switch off, and what it was asked. */
function createHook() {
  const questions: HookQuestion[] = [];
  const state: { answer: () => HookAnswer } = { answer: () => ALLOWED };
  const tokenHook = async (question: HookQuestion) => {
    questions.push(question);
    return state.answer();
  };
  return { questions, state, tokenHook };
}

const down = (): HookAnswer => {
  throw new Unavailable('hook', 'ask');
};

describe('an assertion while something else is down (TK-4, JB-1)', () => {
  it('is not spent by a hook that is down, nor by one that refuses', async () => {
    const { state, tokenHook } = createHook();
    const test = await createExchange({ deps: { tokenHook } });
    const assertion = await test.partner.sign();
    state.answer = down;

    await expect(test.bear(assertion)).rejects.toThrow(Unavailable);
    state.answer = () => ({ kind: 'refused' });
    expect((await test.bear(assertion)).json['error']).toBe('access_denied');
    state.answer = () => ALLOWED;
    expect((await test.bear(assertion)).status).toBe(200);
    expect((await test.bear(assertion)).json['reason']).toBe('assertion_replayed');
  });
});

describe('the token hook at an exchange (TX-2)', () => {
  it('is told who the token is for and who acts, and can refuse just that', async () => {
    const { state, questions, tokenHook } = createHook();
    const test = await createExchange({ deps: { tokenHook } });
    const subject_token = await test.accessToken();
    state.answer = () =>
      questions.at(-1)?.resource.includes(ORDERS) === true ? { kind: 'refused' } : ALLOWED;

    expect((await test.exchange({ subject_token })).json['error']).toBe('access_denied');
    expect((await test.exchange({ subject_token, audience: 'billing' })).status).toBe(200);
    expect(questions.at(-1)).toMatchObject({
      subject: 'alice',
      resource: ['billing'],
      actor: 'gateway',
    });
  });
});

describe('a token of a foreign subject at /check (CK-4)', () => {
  it('ends with its subject, and with the trust in who named it, as at introspection', async () => {
    const test = await createExchange({ policy: WITH_CHECK });
    const { json } = await test.bear(await test.partner.sign(), 'batch', { resource: ORDERS });
    const token = String(json['access_token']);
    const answers = async () => [
      (await ask(test, token, ORDERS)).status,
      (await test.introspect(token, 'batch')).json['active'],
    ];

    expect(await answers()).toEqual([200, true]);
    test.users.delete('alice');
    expect(await answers()).toEqual([401, false]);
  });
});

describe('a token that was exchanged, when the client is gone that it came from (IN-3, CK-4)', () => {
  it('ends as that client’s own tokens do', async () => {
    const test = await createExchange({ policy: WITH_CHECK });
    const { json } = await test.exchange({ subject_token: await test.accessToken() });
    const token = String(json['access_token']);
    const answers = async () => [
      (await ask(test, token, ORDERS)).status,
      (await test.introspect(token, 'gateway')).json['active'],
    ];

    expect(await answers()).toEqual([200, true]);
    test.clients.delete('shop');
    expect(await answers()).toEqual([401, false]);
  });
});

describe('claims that one client asked for by name (AZ-13, TX-2)', () => {
  const openid = { audiences: [ISSUER], scope: ['openid', 'email'], clients: ['shop'] };
  const claims = JSON.stringify({ userinfo: { email: null } });

  it('are not told to another that exchanged its token', async () => {
    const test = await createExchange({
      clients: [exchanger('viewer', openid, { scope: ['email'] })],
    });
    const subject_token = await test.accessToken({ scope: 'openid', claims });
    const form = { subject_token, audience: ISSUER };
    const { json } = await test.exchange(form, 'viewer');

    expect((await test.userinfo(subject_token)).json).toMatchObject({ sub: 'alice' });
    expect((await test.userinfo(subject_token)).json).toHaveProperty('email');
    expect((await test.userinfo(String(json['access_token']))).json).toEqual({ sub: 'alice' });
  });

  it('are told to whoever exchanged one whose scope has them', async () => {
    const test = await createExchange({
      clients: [exchanger('viewer', openid, { scope: ['email'] })],
    });
    const form = { subject_token: await test.accessToken(), audience: ISSUER };
    const { json } = await test.exchange(form, 'viewer');

    expect((await test.userinfo(String(json['access_token']))).json).toHaveProperty('email');
  });

  it('are not told any more when the client may not have their scope any more', async () => {
    const test = createTestIssuer();
    const tokens = await test.signIn({
      scope: 'openid offline_access',
      claims: JSON.stringify({ userinfo: { email: null }, id_token: { email: null } }),
    });

    expect((await test.userinfo(tokens.access_token)).json).toHaveProperty('email');
    test.clients.set('conf', makeClient('conf', { scope: ['openid', 'offline_access'] }));
    expect((await test.userinfo(tokens.access_token)).json).toEqual({ sub: 'alice' });
    const { json } = await test.refresh(tokens.refresh_token);
    expect(claimsOf(String(json['id_token']))).not.toHaveProperty('email');
  });
});

describe('a scope for some clients only (CC-2, TX-2, RT-6)', () => {
  const terms = (clients: readonly string[]): ScopeTerms => ({
    description: undefined,
    claims: [],
    isDefault: false,
    clients,
  });
  const scopes = (clients: readonly string[]) =>
    buildScopeTable(new Map([['orders:read', terms(clients)]]));

  it('is not to be had by exchange where the client is none of them', async () => {
    for (const [clients, expected] of [
      [['shop'], [undefined, 'invalid_scope']],
      [
        ['shop', 'gateway'],
        ['orders:read', undefined],
      ],
    ] as const) {
      const test = await createExchange({ policy: { scopes: scopes(clients) } });
      const form = { subject_token: await test.accessToken(), scope: 'orders:read' };
      const { json } = await test.exchange(form);

      expect([json['scope'], json['error']]).toEqual(expected);
    }
  });

  it('is not to be had by an old ID Token either, when its client lost it', async () => {
    const test = await createExchange();
    const { id_token } = await test.signIn({
      client_id: 'shop',
      scope: 'openid orders:read email',
    });
    const form = { subject_token: id_token, subject_token_type: ID_TOKEN };
    const shop = test.clients.get('shop');
    if (shop === undefined) throw new Error('no shop');

    expect((await test.exchange(form)).json['scope']).toBe('orders:read email');
    test.clients.set('shop', { ...shop, scope: ['openid', 'email'] });
    expect((await test.exchange(form)).json['scope']).toBe('email');
  });
});

describe('a client that is registered otherwise by the time its code is redeemed (AC-4, AC-9, CA-5)', () => {
  const asPublic = makeClient('conf', { tokenEndpointAuthMethod: 'none' });
  const named = withForm({ client_id: 'conf' });

  it('needs the verifier that a client without a secret always needs', async () => {
    const test = createTestIssuer();
    const [bare, proven] = [await test.code(), await test.code(PKCE)];
    test.clients.set('conf', asPublic);

    expect((await test.redeem(bare, {}, named)).json['error']).toBe('invalid_grant');
    expect((await test.redeem(proven, { code_verifier: VERIFIER }, named)).status).toBe(200);
  });

  it('is nobody by what it showed before', async () => {
    const test = createTestIssuer();
    const code = await test.code();
    test.clients.set('conf', makeClient('conf', { tokenEndpointAuthMethod: 'client_secret_post' }));

    expect(
      (await test.redeem(code, {}, { form: {}, headers: { authorization: basic('conf') } })).status,
    ).toBe(401);
    expect((await test.redeem(code)).status).toBe(200);
  });
});

describe('authorization_details at the token endpoint (RR-2)', () => {
  const TYPE = 'payment';
  const details = (...amounts: readonly (readonly string[])[]) =>
    JSON.stringify(amounts.map((amount) => ({ type: TYPE, amount })));
  const test = () =>
    createTestIssuer({
      clients: [makeClient('payer', { authorizationDetailsTypes: [TYPE] })],
      policy: {
        authorizationDetailsTypes: new Map([
          [
            TYPE,
            { description: 'a payment', members: new Map([['amount', 'list']]), required: [] },
          ],
        ]),
      },
    });

  it('are not had more often than they were granted', async () => {
    const { code, redeem } = test();
    const query = { client_id: 'payer', authorization_details: details(['10', '20']) };
    const redeemFor = async (...parts: readonly (readonly string[])[]) =>
      redeem(await code(query), { authorization_details: details(...parts) }, 'payer');

    expect((await redeemFor(['10'], ['10'])).json['error']).toBe('invalid_authorization_details');
    expect((await redeemFor(['10', '10'])).json['error']).toBe('invalid_authorization_details');
    expect((await redeemFor(['10', '20'], ['20'])).json['error']).toBe(
      'invalid_authorization_details',
    );
    expect((await redeemFor(['20'])).json['authorization_details']).toEqual([
      { type: TYPE, amount: ['20'] },
    ]);
  });

  it('are had twice where they were granted twice', async () => {
    const { code, redeem } = test();
    const twice = details(['10'], ['10']);
    const granted = await code({ client_id: 'payer', authorization_details: twice });
    const { json } = await redeem(granted, { authorization_details: twice }, 'payer');

    expect(json['authorization_details']).toHaveLength(2);
  });
});

describe('a foreign token that is bound to two things at once (TX-2)', () => {
  it('is taken for one of neither: only one of them would be kept', async () => {
    const test = await createExchange({
      clients: [
        exchanger(
          'holder',
          { issuers: ['partner'], subjectTokenTypes: ['jwt'] },
          { certificateBoundAccessTokens: true },
        ),
      ],
    });
    const certificate = unverified();
    const exchange = async (cnf: object) =>
      test.token(
        {
          grant_type: TOKEN_EXCHANGE,
          subject_token: await test.partner.sign({ cnf }),
          subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
          audience: ORDERS,
        },
        { form: {}, headers: { authorization: basic('holder') }, certificate },
      );
    const own = { 'x5t#S256': certificate.thumbprint };

    expect((await exchange({ ...own, kid: 'k' })).json['reason']).toBe('confirmation_unknown');
    expect((await exchange(own)).status).toBe(200);
  });
});

describe('a certificate-bound token at /check (CK-7, CA-13)', () => {
  const OWN = unverified();
  const OTHER = unverified();

  it('takes the certificate that the proxy passes on, the right one and no other', async () => {
    const bound = makeClient('machine', {
      certificateBoundAccessTokens: true,
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scope: [],
      resources: [ORDERS],
    });
    const test = createTestIssuer({ clients: [bound], policy: WITH_CHECK });
    const { json } = await test.token(
      { grant_type: 'client_credentials', resource: ORDERS },
      { form: {}, headers: { authorization: basic('machine') }, certificate: OWN },
    );
    const token = String(json['access_token']);

    expect((await ask(test, token, ORDERS, { certificate: OWN })).status).toBe(200);
    expect((await ask(test, token, ORDERS, { certificate: OTHER })).status).toBe(401);
    expect((await ask(test, token, ORDERS)).status).toBe(401);
  });
});

describe('one assertion of a client at every endpoint that authenticates (CA-8)', () => {
  it('counts at the first of them only', async () => {
    const { keyClient, createSigner, ownClaims, withAssertion } = await import(
      '../support/assertions.ts'
    );
    const signer = await createSigner('key-1');
    const client = keyClient('signing', [signer], {
      grantTypes: ['authorization_code', 'client_credentials', JWT_BEARER],
    });
    const test = createTestIssuer({ clients: [client] });
    const fresh = async () => withAssertion(await signer.sign(ownClaims('signing', ISSUER)));
    const asks: readonly ((caller: Awaited<ReturnType<typeof fresh>>) => Promise<{
      readonly status: number;
    }>)[] = [
      (caller) => test.push({ client_id: 'signing' }, caller),
      (caller) => test.introspect('x', caller),
      (caller) => test.revoke('x', caller),
      (caller) => test.token({ grant_type: 'client_credentials' }, caller),
    ];
    for (const first of asks) {
      const caller = await fresh();
      expect((await first(caller)).status).toBeLessThan(300);
      for (const second of asks) expect((await second(caller)).status).toBe(401);
    }
  });
});

describe('credentials among the parameters of an authorization request (DO-7, PA-1)', () => {
  it('are kept in no store, whether it is pushed or put aside', async () => {
    const kept: string[] = [];
    const { deps } = createTestIssuer();
    const park: typeof deps.store.park = (pending, now) => {
      kept.push(JSON.stringify(pending));
      return deps.store.park(pending, now);
    };
    const test = createTestIssuer({ deps: { ...deps, store: { ...deps.store, park } } });
    const secret = { client_secret: 'canary-secret', client_assertion: 'canary-assertion' };
    const caller = withForm({ client_id: 'post', client_secret: 'post-secret-post-secret' });

    expect((await test.authorize({ ...secret, prompt: 'consent' })).page?.kind).toBe('consent');
    expect(
      (await test.push({ access_token: 'canary-token', client_id: 'post' }, caller)).status,
    ).toBe(201);
    expect(kept).toHaveLength(2);
    expect(kept.join()).toContain('state-1');
    expect(kept.join()).not.toMatch(/canary|post-secret/);
  });
});

describe('an opaque token that is bound to a key (TK-6, DP-1, IN-3)', () => {
  it('is bound wherever it is read, as any other is', async () => {
    const opaque = makeClient('opaque', { accessTokenFormat: 'opaque' });
    const gateway = exchanger('gateway3', { clients: ['opaque'], scope: ['email'] });
    const test = await createExchange({ clients: [opaque, gateway], policy: WITH_CHECK });
    const holder = await createHolder('ES256', test.clock);
    const caller = {
      form: {},
      headers: { authorization: basic('opaque'), dpop: await holder.prove() },
    };
    const { json } = await test.redeem(await test.code({ client_id: 'opaque' }), {}, caller);
    const token = String(json['access_token']);
    const described = (await test.introspect(token, 'opaque')).json;

    expect([json['token_type'], token.startsWith('at_')]).toEqual(['DPoP', true]);
    expect(described).toMatchObject({ cnf: { jkt: holder.jkt }, token_type: 'DPoP' });
    expect((await test.userinfo(token)).status).toBe(401);
    expect((await ask(test, token, ISSUER)).status).toBe(401);
    expect((await test.exchange({ subject_token: token }, 'gateway3')).json['reason']).toBe(
      'confirmation_mismatch',
    );
    const headers = { authorization: `DPoP ${token}`, dpop: await holder.proveAt(token) };
    expect((await test.userinfo(undefined, { headers })).status).toBe(200);
  });
});
