// A pairwise client knows an End-User by a name that nobody else understands: it counts in hints and in
// sign-outs like any other, and reaches neither people nor the upstream.

import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { identify } from '../support/requests.ts';
import {
  AFTER,
  createSigningOut,
  endedSids,
  hintOf,
  kindOf,
  sidOf,
} from '../support/signing-out.ts';
import { claimsOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { STEP_UP, sentToProxy } from '../support/upstream-urls.ts';

const PAIR = makeClient('pair', {
  sectorIdentifier: 'rp.example',
  postLogoutRedirectUris: [AFTER],
  backchannelLogoutUri: 'https://rp.example/pair',
});

const OTHER = makeClient('other', {
  sectorIdentifier: 'other.example',
  backchannelLogoutUri: 'https://other.example/other',
});

const create = () =>
  createSigningOut({
    clients: [PAIR, OTHER],
    policy: { reauthenticateUrl: STEP_UP },
    deps: { pairwiseSalt: Buffer.from('salt-of-this-issuer-0123456789-abcdef') },
  });

const AS_PAIR = { client_id: 'pair', scope: 'openid' };

describe('hints of pairwise clients (OIDC Core §8.1, §3.1.2.1)', () => {
  it('are taken for the End-User whom they are about', async () => {
    const test = create();
    const { id_token } = await test.browser.signIn(AS_PAIR);

    const { params } = await test.browser.authorize({ ...AS_PAIR, id_token_hint: id_token });

    expect(params.has('code')).toBe(true);
  });

  it('ask for somebody else without a name that nobody knows', async () => {
    const test = create();
    const { id_token } = await test.browser.signIn(AS_PAIR);
    const { sub } = claimsOf(id_token);
    test.browser.identity = identify('bob');

    const { page } = await test.browser.authorize({ ...AS_PAIR, id_token_hint: id_token });
    if (page?.kind !== 'account') throw new Error(`no account page: ${page?.kind}`);
    const sent = await test.account({ handle: page.handle, decision: 'switch' }, identify('bob'));

    expect(page).toMatchObject({ subject: 'bob', wanted: undefined, canContinue: false });
    expect(JSON.stringify(page)).not.toContain(sub);
    expect(sentToProxy(sent).told['who']).toBe('');
  });

  it('let a login_hint through that people do know', async () => {
    const test = create();
    const { id_token } = await test.browser.signIn(AS_PAIR);
    test.browser.identity = identify('bob');

    const { page } = await test.browser.authorize({
      ...AS_PAIR,
      id_token_hint: id_token,
      login_hint: 'alice',
    });

    expect(page).toMatchObject({ kind: 'account', wanted: 'alice' });
  });
});

describe('signing out of pairwise clients (LO-1, LO-3, LO-5)', () => {
  it('takes no question where the hint is of this session', async () => {
    const test = create();
    const tokens = await test.browser.signIn(AS_PAIR);

    const { location } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: AFTER,
    });

    expect(location).toBe(AFTER);
    expect(endedSids(test)).toEqual([sidOf(tokens)]);
  });

  it('asks where the hint is about somebody else, although the cookie has its session', async () => {
    const test = create();
    const tokens = await test.browser.signIn(AS_PAIR);
    test.browser.identity = identify('bob');

    const { page } = await test.browser.endSession(hintOf(tokens));

    expect(kindOf(page)).toBe('sign_out');
    expect(test.reasons()).toEqual(['another_subject']);
  });

  it('tells each client by the name that it knows', async () => {
    const test = create();
    const names = new Map<string, unknown>();
    for (const client_id of ['pair', 'other', 'rp']) {
      const { id_token } = await test.browser.signIn({ client_id, scope: 'openid' });
      names.set(client_id, claimsOf(id_token)['sub']);
    }

    await test.signOut();
    await until(() => test.receivers.requests.length === 3);

    const told = test.receivers.requests.map(({ body }) => {
      const claims = claimsOf(new URLSearchParams(body).get('logout_token') ?? '');
      return [claims['aud'], claims['sub']] as const;
    });
    expect(new Map(told as [string, unknown][])).toEqual(names);
    expect(new Set(names.values()).size).toBe(3);
  });
});
