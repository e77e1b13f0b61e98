// What went wrong elsewhere, tried here as it was there: docs/vulnerabilities.md. Most of it has a test
// beside the code that it is about; these are the rest.

import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import {
  createSigner,
  encode,
  keyClient,
  ownClaims,
  withAssertion,
} from '../support/assertions.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { basic, identify, makeRequest, settle, toParams } from '../support/requests.ts';

const handleOf = ({ page }: Awaited<ReturnType<TestIssuer['authorize']>>): string => {
  if (page === undefined || !('handle' in page)) throw new Error('no page that asks');
  return page.handle;
};

describe('an access token as the secret of Basic (CVE-2026-28699; UI-1)', () => {
  it('is no token, whichever half it is', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn();

    for (const pair of [`${access_token}:`, `x:${access_token}`, `${access_token}:x-oauth-basic`]) {
      const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
      expect((await userinfo(undefined, { headers: { authorization } })).status).toBe(401);
    }
    expect((await userinfo(access_token)).status).toBe(200);
  });
});

describe('an ECDSA signature of nothing but zeros (CVE-2022-21449; CA-7)', () => {
  const ZEROS = Buffer.alloc(64).toString('base64url');

  it('is none of a client’s', async () => {
    const signer = await createSigner('key-1');
    const { token } = createTestIssuer({ clients: [keyClient('signing', [signer])] });
    const form = { grant_type: 'client_credentials' };
    const claims = ownClaims('signing', ISSUER);
    const header = { alg: 'ES256', kid: 'key-1' };
    const forged = withAssertion(`${encode(header)}.${encode(claims)}.${ZEROS}`);
    const honest = withAssertion(await signer.sign(claims));

    expect((await token(form, forged)).json['reason']).toBe('client_assertion_signature');
    expect((await token(form, honest)).status).toBe(200);
  });

  it('is none of ours', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn();
    const [header, claims] = access_token.split('.');

    expect((await userinfo(`${header}.${claims}.${ZEROS}`)).status).toBe(401);
  });
});

describe('a pushed request on its way through a browser (CVE-2024-4540; G-23)', () => {
  it('leaves nothing of its parameters in a page’s handle or a cookie', async () => {
    const { push, authorize } = createTestIssuer();
    const secret = { state: 'a-state-that-is-a-secret', login_hint: 'alice@example.test' };
    const { json } = await push({ ...secret, prompt: 'consent' });
    const answer = await authorize({ request_uri: String(json['request_uri']) });
    const said = JSON.stringify(answer.response);

    expect(answer.page?.kind).toBe('consent');
    for (const value of Object.values(secret)) {
      expect(said).not.toContain(value);
      expect(said).not.toContain(Buffer.from(value).toString('base64url').slice(0, 20));
    }
  });
});

describe('the form of a page (CVE-2025-61928, CVE-2021-27582, CVE-2026-7571; CO-6, AZ-5)', () => {
  it('says neither who somebody is nor what was asked for', async () => {
    const { authorize, consent, redeem } = createTestIssuer();
    const handle = handleOf(await authorize({ prompt: 'consent', scope: 'openid' }));
    const more = {
      ...{ subject: 'bob', sub: 'bob', userId: 'bob', user: 'bob' },
      ...{ scope: 'openid email', redirect_uri: 'https://evil.example/', client_id: 'conf2' },
      ...{ response_type: 'token', response_mode: 'form_post', state: 'other' },
    };
    const { location, params } = await consent({ handle, decision: 'allow', ...more });

    expect(location).toMatch(/^https:\/\/rp\.example\/callback\?/);
    expect(params.get('state')).toBe('state-1');
    const { json } = await redeem(params.get('code') ?? '');
    expect(json['scope']).toBe('openid');
    expect(JSON.stringify(json)).not.toContain('bob');
  });

  it('is of no use to somebody else, whoever they say they are', async () => {
    const { authorize, consent } = createTestIssuer();
    const handle = handleOf(await authorize({ prompt: 'consent' }));
    const form = { handle, decision: 'allow', subject: 'alice' };

    expect((await consent(form, identify('bob'))).json['error']).toBe('access_denied');
    expect((await consent(form)).params.has('code')).toBe(true);
  });
});

describe('an empty form (CVE-2026-49443; CO-7)', () => {
  it('skips no page', async () => {
    const { issuer, authorize, consent } = createTestIssuer();
    const handle = handleOf(await authorize({ prompt: 'consent' }));
    const empty = { params: toParams({}), identity: identify('alice') };

    for (const endpoint of ['consent', 'account', 'signOut', 'review'] as const) {
      const answer = await settle(issuer[endpoint](makeRequest(empty)));
      expect([answer.status, answer.location]).toEqual([403, undefined]);
    }
    for (const form of [{ handle }, { handle, decision: '' }, { decision: 'allow' }]) {
      expect((await consent(form)).json['error']).toBe('invalid_request');
    }
    expect((await consent({ handle, decision: 'allow' })).params.has('code')).toBe(true);
  });
});

describe('a token of a client that acts for itself, revoked (CVE-2023-0091; IN-3)', () => {
  it('is inactive, and those of before and after are not', async () => {
    const { token, revoke, introspect } = createTestIssuer();
    const issue = async () =>
      String((await token({ grant_type: 'client_credentials' }, 'svc')).json['access_token']);
    const [first, second, third] = [await issue(), await issue(), await issue()];
    await revoke(second, 'svc');

    for (const [text, active] of [
      [first, true],
      [second, false],
      [third, true],
    ] as const) {
      expect((await introspect(text, 'svc')).json['active']).toBe(active);
    }
  });
});

describe('a store that fails at revocation (CVE-2020-15223; RV-4)', () => {
  it('is no success', async () => {
    const test = createTestIssuer();
    const { refresh_token } = await test.signIn();
    const { store } = test.deps;
    const failing = createTestIssuer({
      deps: {
        ...test.deps,
        store: { ...store, revoke: () => Promise.reject(new Unavailable('store', 'revoke')) },
      },
    });

    await expect(failing.revoke(refresh_token)).rejects.toThrow(Unavailable);
    expect((await test.revoke(refresh_token)).status).toBe(200);
    expect((await test.refresh(refresh_token)).json['error']).toBe('invalid_grant');
  });
});

describe('redirect URIs that were taken for others (RU-1)', () => {
  for (const [cve, uri] of [
    ['CVE-2026-28512', 'https://rp.example@evil.example/callback'],
    ['CVE-2026-41569', 'https://rp.example.evil.example/callback'],
    ['CVE-2024-52289', 'https://rpXexample/callback'],
    ['CVE-2023-6291', 'https://rp.example/callback/../admin'],
    ['CVE-2024-8883', 'http://127.0.0.1/callback'],
    ['CVE-2020-15233', 'https://RP.example/callback'],
    ['CVE-2021-21291', '/\\evil.example'],
    ['CVE-2024-39694', '/%2F/evil.example'],
  ] as const) {
    it(`are refused on a page: ${uri} (${cve})`, async () => {
      const { issuer } = createTestIssuer();
      const params = toParams({
        ...{ client_id: 'conf', response_type: 'code', scope: 'openid', state: 's' },
        redirect_uri: uri,
      });
      const answer = await settle(
        issuer.authorize(makeRequest({ method: 'GET', params, identity: identify('alice') })),
      );

      expect([answer.status, answer.location]).toEqual([400, undefined]);
    });
  }
});

describe('a client that is gone (CVE-2025-64521; AC-9)', () => {
  it('gets nothing any more once it is gone from the configuration', async () => {
    const test = createTestIssuer();
    const code = await test.code();
    const conf = test.clients.get('conf');
    test.clients.delete('conf');
    const caller = { form: {}, headers: { authorization: basic('conf') } };

    expect((await test.redeem(code, {}, caller)).json['error']).toBe('invalid_client');
    if (conf !== undefined) test.clients.set('conf', conf);
    expect((await test.redeem(code, {}, caller)).status).toBe(200);
  });
});
