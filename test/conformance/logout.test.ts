// What the OpenID Foundation's three logout plans send, and what they want back.

import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { ISSUER } from '../support/issuer.ts';
import { identify, makeRequest, settle } from '../support/requests.ts';
import {
  AFTER,
  createSigningOut,
  hintOf,
  kindOf,
  type SigningOut,
  sidOf,
} from '../support/signing-out.ts';
import { until } from '../support/until.ts';

/** 50 letters, 10 digits and 30 punctuation marks of every kind but `+` and `;`. */
const STATE = `${'aBcDe'.repeat(10)}0123456789${'!"#$%&\'()*,-./:<=>?@[\\]^_`{|}~'}`;

const LOGIN_STATE = 'aZ09-._~'.repeat(16);

const B64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function logIn(client_id = 'rp') {
  const test = createSigningOut();
  test.browser.identity = identify('alice', { authTime: test.clock() - 60 });
  const tokens = await test.browser.signIn({ client_id, state: LOGIN_STATE, nonce: 'n-1' });
  return { test, tokens, client_id };
}

/** The session has to be gone for a silent request, too. */
async function checkGone({ browser }: SigningOut, client_id: string): Promise<void> {
  expect(await browser.silently({ client_id })).toBe('login_required');
}

const metadata = async () =>
  (await settle(createSigningOut().issuer.discovery(makeRequest({ method: 'GET' })))).json;

describe('oidcc-rp-initiated-logout-certification-test-plan (LO-1, LO-2, LO-4)', () => {
  it('oidcc-rp-initiated-logout-discovery-endpoint-verification: success', async () => {
    const described = await metadata();

    expect(described['end_session_endpoint']).toBe(`${ISSUER}/end_session`);
    for (const [name, value] of Object.entries(described)) {
      if (name.endsWith('_endpoint')) expect(value).toMatch(/^https:/);
    }
  });

  it('oidcc-rp-initiated-logout: success', async () => {
    const { test, tokens, client_id } = await logIn();
    const { location } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: AFTER,
      state: STATE,
    });
    const { searchParams } = new URL(location ?? '');

    expect(STATE).toHaveLength(90);
    expect(location?.split('?')[0]).toBe(AFTER);
    expect([...searchParams]).toEqual([['state', STATE]]);
    await checkGone(test, client_id);
  });

  it('oidcc-rp-initiated-logout-no-state: success', async () => {
    const { test, tokens, client_id } = await logIn();
    const { location } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: AFTER,
    });

    expect(location).toBe(AFTER);
    await checkGone(test, client_id);
  });

  const REFUSED: readonly (readonly [string, (hint: string) => object])[] = [
    [
      'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri',
      (id_token_hint) => ({ id_token_hint, post_logout_redirect_uri: `${AFTER}er`, state: STATE }),
    ],
    [
      'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri',
      (id_token_hint) => ({
        ...{ id_token_hint, state: STATE },
        post_logout_redirect_uri: `${AFTER}?foo=bar`,
      }),
    ],
    [
      'oidcc-rp-initiated-logout-modified-id-token-hint',
      (hint) => ({
        id_token_hint: `${B64({ alg: 'none', typ: 'JWT' })}.${hint.split('.')[1]}.`,
        post_logout_redirect_uri: AFTER,
        state: STATE,
      }),
    ],
    [
      'oidcc-rp-initiated-logout-bad-id-token-hint',
      () => ({
        id_token_hint: `${B64({ alg: 'HS256' })}.${B64({ iss: 'rp', aud: ISSUER, sub: 'alice' })}.${'A'.repeat(43)}`,
        post_logout_redirect_uri: AFTER,
        state: STATE,
      }),
    ],
    [
      'oidcc-rp-initiated-logout-no-id-token-hint',
      () => ({ post_logout_redirect_uri: AFTER, state: STATE }),
    ],
  ];
  for (const [module, makeQuery] of REFUSED) {
    it(`${module}: a page, and no redirect`, async () => {
      const { test, tokens } = await logIn();
      const query = Object.fromEntries(Object.entries(makeQuery(tokens.id_token)));
      const { location, page } = await test.browser.endSession(query);

      expect(location).toBeUndefined();
      expect(kindOf(page)).toBe('sign_out');
      expect((await test.browser.answerPage(page)).location).toBeUndefined();
    });
  }

  for (const [module, makeQuery] of [
    ['oidcc-rp-initiated-logout-no-params', () => ({})],
    [
      'oidcc-rp-initiated-logout-no-post-logout-redirect-uri',
      (id_token_hint: string) => ({ id_token_hint, state: STATE }),
    ],
    ['oidcc-rp-initiated-logout-only-state', () => ({ state: STATE })],
  ] as const) {
    it(`${module}: signed out on a page, and no redirect`, async () => {
      const { test, tokens, client_id } = await logIn();
      const { location, page } = await test.signOut(makeQuery(tokens.id_token));

      expect([kindOf(page), location]).toEqual(['signed_out', undefined]);
      await checkGone(test, client_id);
    });
  }
});

describe('oidcc-backchannel-rp-initiated-logout-certification-test-plan (LO-5)', () => {
  it('oidcc-backchannel-logout-discovery-endpoint-verification: success', async () => {
    expect(await metadata()).toMatchObject({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      end_session_endpoint: expect.any(String),
    });
  });

  it('oidcc-backchannel-rp-initiated-logout: the token and the redirect arrive', async () => {
    const { test, tokens, client_id } = await logIn();
    const { location } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: AFTER,
      state: STATE,
    });
    await until(() => test.receivers.requests.length === 1);
    const [request] = test.receivers.requests;
    const form = new URLSearchParams(request?.body);
    const { json } = await settle(test.issuer.jwks(makeRequest({ method: 'GET' })));
    const { payload } = await jwtVerify(
      form.get('logout_token') ?? '',
      createLocalJWKSet({ keys: [], ...json }),
      { currentDate: new Date(test.clock() * 1000) },
    );

    expect([...form.keys()]).toEqual(['logout_token']);
    expect(payload).toMatchObject({ iss: ISSUER, aud: 'rp', sub: 'alice', sid: sidOf(tokens) });
    expect(payload['events']).toEqual({
      'http://schemas.openid.net/event/backchannel-logout': {},
    });
    expect(payload.jti).toBeTypeOf('string');
    expect(payload).not.toHaveProperty('nonce');
    expect(new URL(location ?? '').searchParams.get('state')).toBe(STATE);
    await checkGone(test, client_id);
  });
});

describe('oidcc-frontchannel-rp-initiated-logout-certification-test-plan (LO-6)', () => {
  it('oidcc-frontchannel-logout-discovery-endpoint-verification: success', async () => {
    expect(await metadata()).toMatchObject({
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    });
  });

  it('oidcc-frontchannel-rp-initiated-logout: the frame gets iss and sid, then the redirect', async () => {
    const { test, tokens, client_id } = await logIn('frame');
    const { page } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: AFTER,
      state: STATE,
    });
    if (page?.kind !== 'front_channel_logout') throw new Error('no frames');
    const [frame = ''] = page.frames;

    expect([...new URL(frame).searchParams]).toEqual([
      ['iss', ISSUER],
      ['sid', sidOf(tokens)],
    ]);
    expect([...new URL(page.next ?? '').searchParams]).toEqual([['state', STATE]]);
    await checkGone(test, client_id);
  });
});
