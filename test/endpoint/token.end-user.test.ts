import { describe, expect, it } from 'vitest';
import type { Claims } from '../../internal/protocol/claims.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { makeClient } from '../support/clients.ts';
import { ALICE, createTestIssuer } from '../support/issuer.ts';
import { claimsOf } from '../support/tokens.ts';

const refused = (reason: string) => ({ status: 400, json: { error: 'invalid_grant', reason } });

describe('token endpoint: authorization_code, what changed meanwhile (AC-9)', () => {
  it('refuses a client that was removed with invalid_client, and one that lost the grant with unauthorized_client', async () => {
    const { code, redeem, clients } = createTestIssuer();
    const text = await code();
    const caller = { form: {}, headers: { authorization: `Basic ${btoa('conf:x')}` } };

    clients.delete('conf');
    expect((await redeem(text, {}, caller)).json['error']).toBe('invalid_client');
    clients.set('conf', makeClient('conf', { grantTypes: ['refresh_token'] }));
    expect((await redeem(text)).json['error']).toBe('unauthorized_client');
    clients.set('conf', makeClient('conf'));
    expect((await redeem(text)).status).toBe(200);
  });

  for (const [what, change, reason] of [
    ['deleted', (users: Map<string, Claims>) => users.delete('alice'), 'subject_unknown'],
    [
      'no longer in the group that may',
      (users: Map<string, Claims>) => users.set('alice', { ...ALICE, groups: [] }),
      'subject_not_allowed',
    ],
  ] as const) {
    it(`refuses the code of an End-User who was ${what}, and ends the authorization`, async () => {
      const picky = makeClient('picky', {
        allow: { subjects: [], groups: ['admins'], emailDomains: [] },
      });
      const { code, redeem, users, events } = createTestIssuer({ clients: [picky] });
      const text = await code({ client_id: 'picky' });

      change(users);
      const refusal = await redeem(text, {}, 'picky');
      users.set('alice', ALICE);
      const later = await redeem(text, {}, 'picky');

      expect(refusal).toMatchObject(refused(reason));
      expect(later.json['error']).toBe('invalid_grant');
      expect(events).toContainEqual(expect.objectContaining({ type: 'authorization.ended' }));
    });
  }

  it('leaves out what the client may no longer have', async () => {
    const { code, redeem, clients } = createTestIssuer();
    const text = await code({ scope: 'openid email offline_access' });
    clients.set(
      'conf',
      makeClient('conf', { scope: ['openid'], grantTypes: ['authorization_code'] }),
    );

    const { json } = await redeem(text);

    expect(json['scope']).toBe('openid');
    expect(json).not.toHaveProperty('refresh_token');
    expect(claimsOf(String(json['id_token']))).not.toHaveProperty('email');
  });

  it('cannot be asked for another scope than was granted', async () => {
    const { code, redeem } = createTestIssuer();

    const { json } = await redeem(await code({ scope: 'openid' }), { scope: 'openid email' });

    expect(json['scope']).toBe('openid');
  });
});

describe('token endpoint: authorization_code, a backend that is elsewhere (N4)', () => {
  function createRemote() {
    const test = createTestIssuer();
    const userinfo = { ...test.deps.userinfo, remote: true };
    return { remote: createTestIssuer({ deps: { userinfo } }), here: test };
  }

  it('spends nothing while the backend is down: the same code is good afterwards', async () => {
    const { remote, here } = createRemote();
    const text = await remote.code();

    here.backends.down = true;
    await expect(remote.redeem(text)).rejects.toThrow(Unavailable);
    expect(remote.weather.calls).not.toContain('redeem');
    here.backends.down = false;

    expect((await remote.redeem(text)).status).toBe(200);
  });

  it('refuses an End-User who is gone before anything is spent, and ends the authorization', async () => {
    const { remote, here } = createRemote();
    const text = await remote.code();

    here.users.delete('alice');
    expect(await remote.redeem(text)).toMatchObject(refused('subject_unknown'));
    here.users.set('alice', ALICE);

    expect(await remote.redeem(text)).toMatchObject(refused('code_unknown'));
  });

  it('tells a stranger nothing about the End-User, and ends nothing for them', async () => {
    const { remote, here } = createRemote();
    const text = await remote.code();

    here.users.delete('alice');
    expect(await remote.redeem(text, {}, 'conf2')).toMatchObject(refused('client_mismatch'));
    here.users.set('alice', ALICE);

    expect((await remote.redeem(text)).status).toBe(200);
  });
});

describe('refresh_token: End-Users who are gone or not allowed (RT-9, UP-12)', () => {
  const picky = makeClient('picky', {
    allow: { subjects: [], groups: ['admins'], emailDomains: [] },
  });

  for (const remote of [false, true]) {
    for (const [what, change, reason] of [
      ['deleted', (users: Map<string, Claims>) => users.delete('alice'), 'subject_unknown'],
      [
        'put out of the group',
        (users: Map<string, Claims>) => users.set('alice', { ...ALICE, groups: ['sales'] }),
        'subject_not_allowed',
      ],
    ] as const) {
      it(`answers invalid_grant for one ${what} and ends the authorization (${remote ? 'remote' : 'local'} backend)`, async () => {
        const here = createTestIssuer();
        const userinfo = { ...here.deps.userinfo, remote };
        const test = createTestIssuer({ clients: [picky], deps: { userinfo } });
        const { refresh_token, access_token } = await test.signIn({ client_id: 'picky' });

        change(here.users);
        const refusal = await test.refresh(refresh_token, {}, 'picky');
        here.users.set('alice', ALICE);

        expect(refusal).toMatchObject(refused(reason));
        expect((await test.refresh(refresh_token, {}, 'picky')).json['error']).toBe(
          'invalid_grant',
        );
        expect((await test.userinfo(access_token)).status).toBe(401);
      });
    }
  }

  it('spends nothing while a remote backend is down: the token is good afterwards', async () => {
    const here = createTestIssuer();
    const userinfo = { ...here.deps.userinfo, remote: true };
    const test = createTestIssuer({ deps: { userinfo } });
    const { refresh_token } = await test.signIn();

    here.backends.down = true;
    await expect(test.refresh(refresh_token)).rejects.toThrow(Unavailable);
    expect(test.weather.calls).not.toContain('rotate');
    here.backends.down = false;

    expect((await test.refresh(refresh_token)).status).toBe(200);
  });

  it('refuses a client that was removed, and serves it when it is back', async () => {
    const test = createTestIssuer();
    const { refresh_token } = await test.signIn();
    const caller = { form: {}, headers: { authorization: `Basic ${btoa('conf:x')}` } };

    test.clients.delete('conf');
    expect((await test.refresh(refresh_token, {}, caller)).json['error']).toBe('invalid_client');
    test.clients.set('conf', makeClient('conf'));

    expect((await test.refresh(refresh_token)).status).toBe(200);
  });
});
