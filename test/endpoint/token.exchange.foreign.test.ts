import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { CLUSTER, createExchange, exchanger, JWT, ORDERS, PARTNER } from '../support/exchange.ts';
import { ISSUER } from '../support/issuer.ts';
import { createSigner, setOf, text } from '../support/signer.ts';
import { claimsOf } from '../support/tokens.ts';

const refused = (reason: string, error = 'invalid_request') => ({
  status: 400,
  json: { error, reason },
});

const tokenOf = ({ json }: { readonly json: Record<string, unknown> }): string =>
  String(json['access_token']);

const subject_token_type = JWT;
const WORKER = 'k8s:system:serviceaccount:payments:worker';

describe('token exchange: a token of an issuer that is trusted (RFC 8693 §2.1; TX-1, TX-2)', () => {
  it('becomes one of ours about whom the rule of that issuer makes of its subject', async () => {
    const test = await createExchange();
    const subject_token = await test.cluster.sign();

    const { status, json } = await test.exchange(
      { subject_token, subject_token_type, scope: 'orders:read' },
      'worker',
    );

    expect(status).toBe(200);
    expect(json).toMatchObject({ expires_in: 600, scope: 'orders:read', token_type: 'Bearer' });
    expect(claimsOf(String(json['access_token']))).toEqual({
      iss: ISSUER,
      sub: WORKER,
      aud: ORDERS,
      client_id: 'worker',
      scope: 'orders:read',
      act: { sub: 'worker' },
      subject_issuer: CLUSTER,
      iat: test.clock(),
      exp: test.clock() + 600,
      jti: expect.any(String),
    });
    expect(test.cluster.service.asked).toEqual(['/jwks.json']);
    expect(test.events.at(-1)).toMatchObject({ subject: WORKER, actor: 'worker' });
  });

  it('counts for the clients that may bring it, and for no other (dex GHSA-7qjx-gp9h-65qj)', async () => {
    const test = await createExchange();
    const ofCluster = await test.cluster.sign();
    const ofPartner = await test.partner.sign();
    const bring = (subject_token: string, caller: string) =>
      test.exchange({ subject_token, subject_token_type }, caller);

    expect((await bring(ofCluster, 'worker')).status).toBe(200);
    expect((await bring(ofPartner, 'worker2')).status).toBe(200);
    const asked = [...test.cluster.service.asked, ...test.partner.service.asked];
    expect(await bring(ofPartner, 'worker')).toMatchObject(refused('token_issuer_not_allowed'));
    expect(await bring(ofCluster, 'worker2')).toMatchObject(refused('token_issuer_not_allowed'));
    // Nor does anybody ask for keys on behalf of a client whose business it is not.
    expect([...test.cluster.service.asked, ...test.partner.service.asked]).toEqual(asked);
  });

  it('is signed by a key of that issuer, by its algorithm, and by nothing that the token names', async () => {
    const test = await createExchange();
    const bring = (subject_token: string) =>
      test.exchange({ subject_token, subject_token_type }, 'worker');
    const stranger = await createSigner('cluster-1', 'RS256');
    const honest = await test.cluster.sign();
    const claims = claimsOf(honest);
    const [header = '', payload = '', signature = ''] = honest.split('.');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');

    expect((await bring(honest)).status).toBe(200);
    for (const forged of [
      await stranger.sign(claims),
      await stranger.sign(claims, { jwk: stranger.jwk } as never),
      await test.cluster.signer.sign(claims, { kid: 'unknown' }),
      await test.partner.signer.sign(claims),
      await test.partner.signer.sign(claims, { kid: 'cluster-1' }),
      `${header}.${payload}.${'A'.repeat(signature.length)}`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
    ]) {
      expect((await bring(forged)).json['error']).toBe('invalid_request');
    }
  });

  it('is for us, of now, and good for as long as the operator takes one for', async () => {
    const test = await createExchange();
    const now = test.clock();
    const bring = async (claims: object, header = {}) =>
      (
        await test.exchange(
          { subject_token: await test.cluster.sign(claims, header), subject_token_type },
          'worker',
        )
      ).json['reason'] ?? 'taken';

    expect(await bring({})).toBe('taken');
    expect(await bring({ aud: `${ISSUER}/token` })).toBe('taken');
    expect(await bring({ aud: ['https://other.example', ISSUER] })).toBe('taken');
    expect(await bring({ aud: 'https://other.example' })).toBe('foreign_token_audience');
    expect(await bring({ aud: `${ISSUER}/` })).toBe('foreign_token_audience');
    expect(await bring({ aud: undefined })).toBe('foreign_token_audience');
    expect(await bring({ exp: now })).toBe('foreign_token_expired');
    expect(await bring({ exp: now - 31 })).toBe('foreign_token_expired');
    expect(await bring({ exp: undefined })).toBe('foreign_token_claims');
    expect(await bring({ exp: '9999999999' })).toBe('foreign_token_claims');
    expect(await bring({ exp: now + 3630 })).toBe('taken');
    expect(await bring({ exp: now + 3631 })).toBe('foreign_token_lives_too_long');
    expect(await bring({ nbf: now + 31 })).toBe('foreign_token_not_yet_valid');
    expect(await bring({ iat: now + 31 })).toBe('foreign_token_not_yet_valid');
    expect(await bring({ nbf: now + 30, iat: now + 30 })).toBe('taken');
    expect(await bring({ iss: PARTNER })).toBe('token_issuer_not_allowed');
    expect(await bring({ iss: `${CLUSTER}/` })).toBe('token_issuer_not_allowed');
    for (const typ of [
      'logout+jwt',
      'dpop+jwt',
      'at+jwt',
      'secevent+jwt',
      'application/logout+jwt',
    ]) {
      expect(await bring({}, { typ })).toBe('foreign_token_type');
    }
    expect(await bring({}, { typ: undefined })).toBe('taken');
  });

  it('names what the operator says it has to, and then we are not enough', async () => {
    const test = await createExchange({ issuers: { cluster: { audience: ['proxy', 'sso'] } } });
    const bring = async (aud: unknown) =>
      (
        await test.exchange(
          { subject_token: await test.cluster.sign({ aud }), subject_token_type },
          'worker',
        )
      ).json['reason'] ?? 'taken';

    expect(await bring('sso')).toBe('taken');
    expect(await bring(['other', 'proxy'])).toBe('taken');
    expect(await bring(ISSUER)).toBe('foreign_token_audience');
    expect(await bring(`${ISSUER}/token`)).toBe('foreign_token_audience');
  });

  it('is an access token where its header says so, and an ID Token where it does not (RFC 9068 §2.1)', async () => {
    const both = exchanger('both', {
      issuers: ['cluster'],
      subjectTokenTypes: ['access_token', 'id_token'],
    });
    const test = await createExchange({ clients: [both] });
    const bring = async (type: string, typ: string) =>
      (
        await test.exchange(
          {
            subject_token: await test.cluster.sign({}, { typ }),
            subject_token_type: `urn:ietf:params:oauth:token-type:${type}`,
          },
          'both',
        )
      ).json['reason'] ?? 'taken';

    expect(await bring('access_token', 'at+jwt')).toBe('taken');
    expect(await bring('id_token', 'JWT')).toBe('taken');
    expect(await bring('access_token', 'JWT')).toBe('foreign_token_type');
    expect(await bring('id_token', 'at+jwt')).toBe('foreign_token_type');
    expect(await bring('jwt', 'JWT')).toBe('token_type_not_allowed');
  });

  it('has to say what the operator demands of it, exactly', async () => {
    const require = new Map<string, string | number | boolean>([
      ['tenant', 'corp'],
      ['mfa', true],
    ]);
    const test = await createExchange({ issuers: { cluster: { require } } });
    const bring = async (claims: object) =>
      (
        await test.exchange(
          { subject_token: await test.cluster.sign(claims), subject_token_type },
          'worker',
        )
      ).json['reason'] ?? 'taken';

    expect(await bring({ tenant: 'corp', mfa: true })).toBe('taken');
    expect(await bring({ tenant: 'corp' })).toBe('foreign_token_requirement');
    expect(await bring({ tenant: 'corp', mfa: 'true' })).toBe('foreign_token_requirement');
    expect(await bring({ tenant: ['corp'], mfa: true })).toBe('foreign_token_requirement');
  });

  it('is taken while its issuer is down, and is 503 where nobody has its keys', async () => {
    const test = await createExchange();
    const bring = async () =>
      test.exchange({ subject_token: await test.cluster.sign(), subject_token_type }, 'worker');
    test.cluster.service.answers(text('down', 500));
    await expect(bring()).rejects.toThrow('keys did not answer');
    test.cluster.service.answers(text(setOf(test.cluster.signer)));
    test.clock.advance(6);
    expect((await bring()).status).toBe(200);
    test.cluster.service.answers(text('down', 500));
    test.clock.advance(3600);
    expect((await bring()).status).toBe(200);
  });
});

describe('token exchange: whom a foreign token names (TX-1)', () => {
  const alice = { claim: 'sub', match: undefined, mustExist: true } as const;

  it('is never one of ours unless the operator says so', async () => {
    const test = await createExchange({
      issuers: {
        cluster: {
          subjects: { ...alice, as: { kind: 'prefixed', prefix: 'k8s:' }, mustExist: false },
        },
      },
    });
    const bring = async (sub: unknown, caller: 'worker' | 'worker2' = 'worker') => {
      const { sign } = caller === 'worker' ? test.cluster : test.partner;
      const subject_token = await sign({ sub });
      const answer = await test.exchange({ subject_token, subject_token_type }, caller);
      return answer.status === 200 ? claimsOf(tokenOf(answer))['sub'] : answer.json['reason'];
    };

    expect(await bring('alice')).toBe('k8s:alice');
    expect(await bring('alice', 'worker2')).toBe('alice');
    expect(await bring('mallory', 'worker2')).toBe('subject_unknown');
    expect(await bring('gateway', 'worker2')).toBe('subject_is_a_client');
    for (const sub of [
      '',
      'a b',
      'é',
      `${'a'.repeat(252)}`,
      ['alice'],
      7,
      null,
      undefined,
      { a: 1 },
    ]) {
      expect(await bring(sub), JSON.stringify(sub)).toBe('foreign_subject');
    }
    expect(await bring('a'.repeat(251))).toBe(`k8s:${'a'.repeat(251)}`);
  });

  it('is whom the map says, and nobody else', async () => {
    const subjects = new Map([
      ['u-1', 'alice'],
      ['u-2', 'nobody'],
    ]);
    const rule = { ...alice, claim: 'oid', as: { kind: 'mapped', subjects } } as const;
    const test = await createExchange({ issuers: { cluster: { subjects: rule } } });
    const bring = async (claims: object) => {
      const subject_token = await test.cluster.sign(claims);
      const answer = await test.exchange({ subject_token, subject_token_type }, 'worker');
      return answer.status === 200 ? claimsOf(tokenOf(answer))['sub'] : answer.json['reason'];
    };

    expect(await bring({ oid: 'u-1' })).toBe('alice');
    expect(await bring({ oid: 'u-2' })).toBe('subject_unknown');
    for (const oid of ['alice', 'u-3', 'toString', '__proto__', undefined]) {
      expect(await bring({ oid })).toBe('foreign_subject');
    }
    expect(await bring({ sub: 'u-1' })).toBe('foreign_subject');
  });

  it('has to match as a whole', async () => {
    const test = await createExchange();
    const bring = async (sub: string) =>
      (
        await test.exchange(
          { subject_token: await test.cluster.sign({ sub }), subject_token_type },
          'worker',
        )
      ).json['reason'] ?? 'taken';

    expect(await bring('system:serviceaccount:payments:other')).toBe('taken');
    expect(await bring('system:serviceaccount:default:worker')).toBe('foreign_subject');
    expect(await bring('x:system:serviceaccount:payments:worker')).toBe('foreign_subject');
    expect(await bring('system:serviceaccount:payments:worker:x')).toBe('foreign_subject');
  });

  it('has to be let in by the client that brings it', async () => {
    const allow = { subjects: [], groups: ['engineering'], emailDomains: [] };
    const closed = exchanger(
      'closed',
      { issuers: ['partner'], subjectTokenTypes: ['jwt'] },
      { allow },
    );
    const test = await createExchange({ clients: [closed] });
    const bring = async (sub: string) =>
      test.exchange(
        { subject_token: await test.partner.sign({ sub }), subject_token_type },
        'closed',
      );

    expect((await bring('alice')).status).toBe(200);
    expect(await bring('bob')).toMatchObject(refused('subject_not_allowed'));
  });
});

describe('token exchange: what a foreign token says besides (TX-2)', () => {
  const bringing = async (different: Parameters<typeof createExchange>[0] = {}) => {
    const test = await createExchange(different);
    return async (claims: object) => {
      const subject_token = await test.partner.sign(claims);
      const answer = await test.exchange({ subject_token, subject_token_type }, 'worker2');
      return answer.status === 200 ? claimsOf(tokenOf(answer))['act'] : answer.json['reason'];
    };
  };

  it('who acted there goes on being said, by the names of that issuer', async () => {
    const bring = await bringing();

    expect(
      await bring({ act: { sub: 'portal', act: { sub: 'ops', iss: CLUSTER, x: 1 } } }),
    ).toEqual({
      sub: 'worker2',
      act: { sub: 'portal', iss: PARTNER, act: { sub: 'ops', iss: CLUSTER } },
    });
    for (const act of [
      'portal',
      {},
      { sub: 7 },
      { sub: '' },
      [],
      null,
      { sub: 'a', act: 'b' },
      { sub: 'a'.repeat(256) },
    ]) {
      expect(await bring({ act }), JSON.stringify(act)).toBe('actor_chain');
    }
  });

  it('who may act is asked of it, by its own names where it says no other', async () => {
    const bring = await bringing();

    expect(await bring({ may_act: { sub: 'worker2', iss: ISSUER } })).toEqual({ sub: 'worker2' });
    expect(await bring({ may_act: { sub: 'worker2' } })).toBe('actor_not_allowed');
    expect(await bring({ may_act: { sub: 'worker', iss: ISSUER } })).toBe('actor_not_allowed');
  });

  it('a key that it is bound to is not forgotten', async () => {
    const bring = await bringing();

    expect(await bring({ cnf: { jkt: 'a key' } })).toBe('confirmation_mismatch');
    expect(await bring({ cnf: { jwk: {} } })).toBe('confirmation_unknown');
  });

  it('an actor of its own may be known by the name it has there', async () => {
    const acting = exchanger('acting', {
      issuers: ['partner'],
      subjectTokenTypes: ['jwt'],
      actorIssuers: ['cluster', 'partner'],
    });
    const test = await createExchange({ clients: [acting] });
    const bring = async (may_act: object, actor_token: string) =>
      (
        await test.exchange(
          {
            subject_token: await test.partner.sign({ may_act }),
            subject_token_type,
            actor_token,
            actor_token_type: JWT,
          },
          'acting',
        )
      ).json['reason'] ?? 'taken';

    const bob = () => test.partner.sign({ sub: 'bob' });
    expect(await bring({ sub: 'bob' }, await bob())).toBe('taken');
    expect(await bring({ sub: 'bob', iss: ISSUER }, await bob())).toBe('taken');
    expect(await bring({ sub: 'bob', iss: CLUSTER }, await bob())).toBe('actor_not_allowed');
    expect(await bring({ sub: 'carol' }, await bob())).toBe('actor_not_allowed');
    expect(
      await bring({ sub: 'bob' }, await test.partner.sign({ sub: 'bob', cnf: { jkt: 'k' } })),
    ).toBe('confirmation_unknown');
    const worker = await test.cluster.sign();
    expect(await bring({ sub: claimsOf(worker)['sub'], iss: CLUSTER }, worker)).toBe('taken');
  });
});

describe('token exchange: a token that came of a foreign one (TX-1, TX-2)', () => {
  it('can be revoked by itself, and exchanged again by whom it concerns', async () => {
    const next = exchanger('next', {
      clients: ['worker'],
      audiences: ['deep'],
      scope: ['orders:read'],
    });
    const test = await createExchange({ clients: [next] });
    const subject_token = await test.cluster.sign();
    const first = tokenOf(await test.exchange({ subject_token, subject_token_type }, 'worker'));
    const again = () => test.exchange({ subject_token: first, audience: 'deep' }, 'next');

    expect(claimsOf(tokenOf(await again()))).toMatchObject({
      sub: WORKER,
      aud: 'deep',
      subject_issuer: CLUSTER,
      act: { sub: 'next', act: { sub: 'worker' } },
    });
    await test.revoke(first, 'worker');
    expect((await test.introspect(first, 'worker')).json).toEqual({ active: false });
    expect(await again()).toMatchObject(refused('subject_token_revoked'));
  });

  it('ends with its subject, and with the trust in its issuer', async () => {
    const next = exchanger('next', { clients: '*', audiences: ['deep'] });
    const test = await createExchange({ clients: [next] });
    const subject_token = await test.partner.sign({ sub: 'bob' });
    const token = tokenOf(await test.exchange({ subject_token, subject_token_type }, 'worker2'));
    const again = () => test.exchange({ subject_token: token, audience: 'deep' }, 'next');
    expect((await test.introspect(token, 'worker2')).json).toMatchObject({
      active: true,
      sub: 'bob',
    });
    expect((await again()).status).toBe(200);

    const bob = test.users.get('bob');
    test.users.delete('bob');
    expect((await test.introspect(token, 'worker2')).json).toEqual({ active: false });
    expect(await again()).toMatchObject(refused('subject_unknown'));
    test.users.set('bob', bob ?? {});
    expect((await test.introspect(token, 'worker2')).json['active']).toBe(true);

    const { keys } = test.deps;
    const later = await createExchange({
      clients: [next],
      deps: { keys, now: test.clock },
      issuers: { partner: { issuer: 'https://elsewhere.example' } },
    });
    expect((await later.introspect(token, 'worker2')).json).toEqual({ active: false });
    expect(await later.exchange({ subject_token: token, audience: 'deep' }, 'next')).toMatchObject(
      refused('subject_unknown'),
    );
  });

  it('is for no client that knows people by other names: nobody could tell later who is meant', async () => {
    const salt = new Uint8Array(32);
    const anyone = { clients: '*', audiences: ['deep'] } as const;
    const pairwise = exchanger('pairwise', anyone, { sectorIdentifier: 'pairwise.example' });
    const test = await createExchange({ clients: [pairwise], deps: { pairwiseSalt: salt } });
    const subject_token = await test.cluster.sign();
    const token = tokenOf(await test.exchange({ subject_token, subject_token_type }, 'worker'));

    expect(
      await test.exchange({ subject_token: token, audience: 'deep' }, 'pairwise'),
    ).toMatchObject(refused('subject_unnameable'));
    const own = await test.accessToken();
    const answer = await test.exchange({ subject_token: own, audience: 'deep' }, 'pairwise');
    const named = claimsOf(tokenOf(answer))['sub'];
    expect(named).toMatch(/^[\w-]{43}$/);
    expect((await test.introspect(tokenOf(answer), 'pairwise')).json).toMatchObject({ sub: named });
  });

  it('of a pairwise client is about the person, not about the name that client has', async () => {
    const shop = makeClient('shop-pairwise', {
      sectorIdentifier: 'shop.example',
      scope: ['openid', 'orders:read'],
    });
    const anyone = exchanger('anyone', { clients: '*' });
    const test = await createExchange({
      clients: [shop, anyone],
      deps: { pairwiseSalt: new Uint8Array(32) },
    });
    const subject_token = await test.accessToken({
      client_id: 'shop-pairwise',
      scope: 'openid orders:read',
    });

    expect(claimsOf(subject_token)['sub']).not.toBe('alice');
    expect(claimsOf(tokenOf(await test.exchange({ subject_token }, 'anyone')))['sub']).toBe(
      'alice',
    );
  });
});
