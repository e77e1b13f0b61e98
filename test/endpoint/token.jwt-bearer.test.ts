import { describe, expect, it } from 'vitest';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../internal/protocol/names.ts';
import { makeClient } from '../support/clients.ts';
import {
  CLUSTER,
  createExchange,
  type Exchange,
  exchanger,
  ORDERS,
  PARTNER,
} from '../support/exchange.ts';
import { ISSUER } from '../support/issuer.ts';
import { makeRequest } from '../support/requests.ts';
import { createSigner } from '../support/signer.ts';
import { claimsOf } from '../support/tokens.ts';

const refused = (reason: string, error = 'invalid_grant') => ({
  status: 400,
  json: { error, reason },
});

const tokenOf = ({ json }: { readonly json: Record<string, unknown> }): string =>
  String(json['access_token']);

describe('token endpoint: jwt-bearer (RFC 7523 §2.1, §3; JB-1)', () => {
  it('gives an access token about the subject of the assertion, and nothing to keep', async () => {
    const test = await createExchange();

    const { status, json } = await test.bear(await test.partner.sign());

    expect(status).toBe(200);
    expect(json).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'api:read api:write',
    });
    expect(claimsOf(tokenOf({ json }))).toEqual({
      iss: ISSUER,
      sub: 'alice',
      aud: ISSUER,
      client_id: 'batch',
      scope: 'api:read api:write',
      subject_issuer: PARTNER,
      iat: test.clock(),
      exp: test.clock() + 3600,
      jti: expect.any(String),
    });
    expect(test.events.at(-1)).toMatchObject({
      type: 'token.issued',
      grantType: JWT_BEARER,
      clientId: 'batch',
      subject: 'alice',
      actor: undefined,
    });
  });

  it('gives the scope and the resource that the client may ask for, and no other', async () => {
    const test = await createExchange();
    const ask = async (form: object) => test.bear(await test.partner.sign(), 'batch', { ...form });

    const { json } = await ask({ scope: 'api:read', resource: ORDERS });
    expect(json['scope']).toBe('api:read');
    expect(claimsOf(tokenOf({ json }))['aud']).toBe(ORDERS);
    for (const scope of ['admin', 'openid', 'offline_access', 'email', 'api:read admin', 'a"b']) {
      expect((await ask({ scope })).json['error'], scope).toBe('invalid_scope');
    }
    expect(await ask({ resource: 'https://other.example' })).toMatchObject(
      refused('resource_not_allowed', 'invalid_target'),
    );
  });

  it('spends an assertion once, whoever brings it, however often and at once', async () => {
    const test = await createExchange();
    const assertion = await test.partner.sign();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        test.bear(assertion, index % 2 ? 'batch' : 'batch2'),
      ),
    );

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    test.clock.advance(599);
    expect(await test.bear(assertion)).toMatchObject(refused('assertion_replayed'));
    const same = await test.partner.sign({ jti: claimsOf(assertion)['jti'], note: 'another text' });
    expect(await test.bear(same)).toMatchObject(refused('assertion_replayed'));
    // Another issuer may use the same id for another one.
    const jti = claimsOf(assertion)['jti'];
    const other = await createExchange({ deps: { store: test.deps.store, now: test.clock } });
    expect((await other.bear(await other.cluster.sign({ jti }))).status).toBe(200);
  });

  it('spends none for a request that is refused, or that nobody can answer', async () => {
    const test = await createExchange();
    const assertion = await test.partner.sign();

    expect((await test.bear(assertion, 'batch', { scope: 'admin' })).status).toBe(400);
    expect((await test.bear(assertion, 'batch', { resource: 'https://x.example' })).status).toBe(
      400,
    );
    expect((await test.bear(assertion, 'worker')).status).toBe(400);
    test.backends.down = true;
    await expect(test.bear(assertion)).rejects.toThrow('did not answer');
    test.backends.down = false;
    test.weather.down.add('once');
    await expect(test.bear(assertion)).rejects.toThrow('did not answer');
    test.weather.down.clear();
    expect((await test.bear(assertion)).status).toBe(200);
  });

  it('remembers a spent one until it can no longer be brought', async () => {
    const test = await createExchange();
    const once: number[] = [];
    const store = {
      ...test.deps.store,
      once: async (purpose: string, key: string, ttl: number) => {
        once.push(ttl);
        return test.deps.store.once(purpose, key, ttl);
      },
    };
    const counting = await createExchange({ deps: { store, now: test.clock } });
    const assertion = await counting.partner.sign({ exp: test.clock() + 600.5 });
    await counting.bear(assertion);

    expect(once).toEqual([630]);
  });

  it('takes the assertions that the client may bring, and no other', async () => {
    const test = await createExchange();

    expect((await test.bear(await test.cluster.sign(), 'batch')).status).toBe(200);
    expect((await test.bear(await test.partner.sign(), 'batch3')).status).toBe(200);
    expect(await test.bear(await test.cluster.sign(), 'batch3')).toMatchObject(
      refused('token_issuer_not_allowed'),
    );
    const own = await test.accessToken();
    expect(await test.bear(own)).toMatchObject(refused('token_issuer_not_allowed'));
    expect(await test.bear('nonsense')).toMatchObject(refused('token_issuer_not_allowed'));
  });

  it('takes none that was made for another client (client_id, azp)', async () => {
    const test = await createExchange();
    const bear = async (claims: object, caller: string) =>
      (await test.bear(await test.partner.sign(claims), caller)).json['reason'] ?? 'taken';

    for (const claim of ['client_id', 'azp']) {
      expect(await bear({ [claim]: 'batch' }, 'batch')).toBe('taken');
      expect(await bear({ [claim]: 'batch' }, 'batch2')).toBe('assertion_client_mismatch');
      expect(await bear({ [claim]: ['batch2'] }, 'batch2')).toBe('assertion_client_mismatch');
    }
    expect(await bear({ client_id: 'batch', azp: 'batch2' }, 'batch')).toBe(
      'assertion_client_mismatch',
    );
  });

  it('takes none without all that it needs (RFC 7523 §3)', async () => {
    const test = await createExchange();
    const now = test.clock();
    const bear = async (claims: object, header = {}) =>
      (await test.bear(await test.partner.sign(claims, header))).json['reason'] ?? 'taken';

    expect(await bear({ aud: [ISSUER] })).toBe('taken');
    expect(await bear({ aud: `${ISSUER}/token` })).toBe('taken');
    expect(await bear({ jti: 'a'.repeat(256) })).toBe('taken');
    expect(await bear({ typ: undefined }, { typ: undefined })).toBe('taken');
    for (const [claims, reason] of [
      [{ aud: 'https://other.example' }, 'foreign_token_audience'],
      [{ aud: [ISSUER, 'https://other.example'] }, 'foreign_token_audience'],
      [{ aud: undefined }, 'foreign_token_audience'],
      [{ exp: undefined }, 'foreign_token_claims'],
      [{ exp: now }, 'foreign_token_expired'],
      [{ exp: now + 3631 }, 'foreign_token_lives_too_long'],
      [{ nbf: now + 31 }, 'foreign_token_not_yet_valid'],
      [{ iat: now + 31 }, 'foreign_token_not_yet_valid'],
      [{ iat: 'now' }, 'foreign_token_claims'],
      [{ jti: undefined }, 'assertion_jti'],
      [{ jti: '' }, 'assertion_jti'],
      [{ jti: 7 }, 'assertion_jti'],
      [{ jti: 'a'.repeat(257) }, 'assertion_jti'],
      [{ iss: CLUSTER }, 'foreign_token_signature'],
      [{ sub: undefined }, 'foreign_subject'],
      [{ sub: 'mallory' }, 'subject_unknown'],
      [{ sub: 'gateway' }, 'subject_is_a_client'],
      [{ act: { sub: 'portal' } }, 'assertion_conditions'],
      [{ cnf: { jkt: 'key' } }, 'assertion_conditions'],
    ] as const) {
      expect(await bear(claims), JSON.stringify(claims)).toBe(reason);
    }
    for (const typ of ['at+jwt', 'logout+jwt', 'dpop+jwt', 'secevent+jwt', 'oauth-authz-req+jwt']) {
      expect(await bear({}, { typ })).toBe('foreign_token_type');
    }
    expect(await test.bear('')).toMatchObject(refused('parameter_missing', 'invalid_request'));
  });

  it('takes none that another key signed, in whatever way it says so', async () => {
    const test = await createExchange();
    const stranger = await createSigner('partner-1');
    const honest = await test.partner.sign();

    expect(await test.bear(await stranger.sign(claimsOf(honest)))).toMatchObject(
      refused('foreign_token_signature'),
    );
    expect(
      await test.bear(await stranger.sign(claimsOf(honest), { jwk: stranger.jwk } as never)),
    ).toMatchObject(refused('foreign_token_signature'));
    expect((await test.bear(honest)).status).toBe(200);
  });

  it('names a workload as the rule of its issuer says, and never alice', async () => {
    const test = await createExchange();
    const answer = await test.bear(await test.cluster.sign());

    expect(claimsOf(tokenOf(answer))['sub']).toBe('k8s:system:serviceaccount:payments:worker');
    expect(await test.bear(await test.cluster.sign({ sub: 'alice' }))).toMatchObject(
      refused('foreign_subject'),
    );
  });

  it('names nobody by the name of a client that only acts for others', async () => {
    const sole = exchanger('sole', {}, { grantTypes: [TOKEN_EXCHANGE] });
    const test = await createExchange({ clients: [sole] });
    test.users.set('sole', {});

    expect(await test.bear(await test.partner.sign({ sub: 'sole' }))).toMatchObject(
      refused('subject_is_a_client'),
    );
    test.clients.delete('sole');
    expect((await test.bear(await test.partner.sign({ sub: 'sole' }))).status).toBe(200);
  });

  it('ends with its End-User, and by itself', async () => {
    const test = await createExchange();
    const token = tokenOf(await test.bear(await test.partner.sign()));
    const isActive = async () => (await test.introspect(token, 'batch')).json['active'];

    expect(await isActive()).toBe(true);
    const alice = test.users.get('alice') ?? {};
    test.users.delete('alice');
    expect(await isActive()).toBe(false);
    test.users.set('alice', alice);
    expect(await isActive()).toBe(true);
    await test.revoke(token, 'batch');
    expect(await isActive()).toBe(false);
  });

  it('is for nobody, and not advertised, until a client of the operator may', async () => {
    const off = await createExchange({ policy: { grantTypesInUse: new Set() } });
    const metadata = async ({ issuer }: Exchange) => {
      const response = await issuer.discovery(makeRequest({ method: 'GET' }));
      return response.kind === 'json' ? JSON.stringify(response.body) : '';
    };

    expect((await off.bear(await off.partner.sign())).json['error']).toBe('unsupported_grant_type');
    expect(await metadata(off)).not.toContain('jwt-bearer');
    expect(await metadata(await createExchange())).toContain(JWT_BEARER);
  });

  it('is for no client without the grant, without a policy or without credentials', async () => {
    const terms = { grantTypes: [JWT_BEARER], redirectUris: [] };
    const jwtBearer = { issuers: ['partner'] };
    const open = makeClient('open', { ...terms, jwtBearer, tokenEndpointAuthMethod: 'none' });
    const lawless = makeClient('lawless', { ...terms, scope: ['api:read'] });
    const test = await createExchange({ clients: [open, lawless] });

    for (const [caller, reason] of [
      ['shop', 'grant_type_not_registered'],
      ['lawless', 'grant_type_not_registered'],
      ['open', 'public_client'],
    ] as const) {
      expect(await test.bear(await test.partner.sign(), caller)).toMatchObject(
        refused(reason, 'unauthorized_client'),
      );
    }
  });
});
