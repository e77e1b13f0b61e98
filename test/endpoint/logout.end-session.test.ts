import { describe, expect, it } from 'vitest';
import { toSessionId } from '../../internal/protocol/ids.ts';
import { openBrowser } from '../support/browser.ts';
import { makeClient } from '../support/clients.ts';
import { ISSUER } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';
import {
  AFTER,
  createSigningOut,
  endedSids,
  hintOf,
  kindOf,
  type SigningOut,
  sidOf,
} from '../support/signing-out.ts';

const STATE = `aZ09${'!#$%&\'()*,-./:<=>?@[\\]^_`{|}~"'}`;

/** Whether alice is signed in as far as we are concerned. */
const isIn = async ({ browser }: SigningOut) => (await browser.silently()) === 'signed in';

describe('a sign-out by the client of this very session (RP-Initiated Logout §2; LO-1)', () => {
  it('needs no question, and goes back with nothing but state, byte for byte', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const { location } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: AFTER,
      state: STATE,
    });

    expect(location).toBe(`${AFTER}?state=${encodeURIComponent(STATE)}`);
    expect(endedSids(test)).toEqual([sidOf(tokens)]);
    expect(await isIn(test)).toBe(false);
  });

  it('goes by POST as well', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const query = { ...hintOf(tokens), post_logout_redirect_uri: AFTER };
    const { location } = await test.browser.endSession(query, { method: 'POST' });

    expect(location).toBe(AFTER);
    expect(await isIn(test)).toBe(false);
  });

  it('keeps the query of a registered URI as it is', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const uri = 'https://rp.example/after?a=b%20c&d';
    const { location } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: uri,
      state: 's',
    });

    expect(location).toBe(`${uri}&state=s`);
  });

  it('goes nowhere without a URI: state alone is no place', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const { page, status } = await test.browser.endSession({ ...hintOf(tokens), state: 's' });

    expect([kindOf(page), status]).toEqual(['signed_out', 200]);
    expect(await isIn(test)).toBe(false);
  });

  it('takes a hint that has expired, and parameters that say nothing (LO-3)', async () => {
    const test = createSigningOut({ policy: { sessionLifetime: 90_000 } });
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    test.clock.advance(86_400);
    const { location } = await test.browser.endSession({
      ...hintOf(tokens),
      client_id: 'rp',
      post_logout_redirect_uri: AFTER,
      logout_hint: 'bob@example.test',
      ui_locales: 'de-CH x !!',
      unknown: ['1', '2'],
    });

    expect(location).toBe(AFTER);
    expect(endedSids(test)).toEqual([sidOf(tokens)]);
  });

  it('works where the upstream says which session it is, even without a cookie', async () => {
    const test = createSigningOut();
    test.browser.identity = identify('alice', { sid: toSessionId('s-1') });
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    test.browser.session = undefined;
    await test.browser.endSession(hintOf(tokens));

    expect(endedSids(test)).toEqual([sidOf(tokens)]);
    expect(await isIn(test)).toBe(false);
  });

  it('works where nobody is vouched for any more: the cookie says which session ends', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    test.browser.identity = undefined;
    const { location } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: AFTER,
    });

    expect(location).toBe(AFTER);
    expect(endedSids(test)).toEqual([sidOf(tokens)]);
  });

  it('asked for twice, is done once, and goes back both times', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const query = { ...hintOf(tokens), post_logout_redirect_uri: AFTER };
    await test.browser.endSession(query);
    const again = await test.browser.endSession(query);

    expect(again.location).toBe(AFTER);
    expect(endedSids(test)).toHaveLength(1);
  });

  it('is on record, and ends what was granted, but not what was meant to outlive it', async () => {
    const test = createSigningOut();
    const online = await test.browser.signIn({ client_id: 'rp', scope: 'openid' });
    const offline = await test.browser.signIn({ client_id: 'rp2' });
    const elsewhere = await openBrowser(test).signIn({ scope: 'openid' });
    await test.browser.endSession(hintOf(online));

    expect((await test.refresh(online.refresh_token, {}, 'rp')).json).toMatchObject({
      error: 'invalid_grant',
    });
    expect((await test.userinfo(online.access_token)).status).toBe(401);
    expect((await test.refresh(offline.refresh_token, {}, 'rp2')).status).toBe(200);
    expect((await test.refresh(elsewhere.refresh_token)).status).toBe(200);
    expect(test.events).toContainEqual(
      expect.objectContaining({ type: 'session.ended', subject: 'alice', reason: 'signed_out' }),
    );
    expect(test.events.filter(({ type }) => type === 'authorization.ended')).toEqual([
      expect.objectContaining({ clientId: 'rp', reason: 'signed_out' }),
    ]);
  });

  it('ends that as well where the operator says so', async () => {
    const test = createSigningOut({ policy: { revokesOfflineAccess: true } });
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    await test.browser.endSession(hintOf(tokens));

    expect((await test.refresh(tokens.refresh_token, {}, 'rp')).status).toBe(400);
  });

  it('ends what no refresh token can prolong, whatever scope it has', async () => {
    const test = createSigningOut({
      clients: [makeClient('brief', { grantTypes: ['authorization_code'] })],
    });
    const tokens = await test.browser.signIn({ client_id: 'brief' });
    await test.signOut();

    expect((await test.userinfo(tokens.access_token)).status).toBe(401);
  });

  it('ends what lives longer than a session of which it is a part', async () => {
    const test = createSigningOut({
      policy: { revokesOfflineAccess: true, sessionLifetime: 3600 },
      clients: [
        makeClient('long', {
          grantTypes: ['authorization_code'],
          lifetimes: { accessToken: 8000, idToken: 10 },
        }),
      ],
    });
    const offline = await test.browser.signIn({ client_id: 'rp' });
    const long = await test.browser.signIn({ client_id: 'long', scope: 'openid' });
    for (const _ of [1, 2, 3]) {
      test.clock.advance(2500);
      await test.browser.signIn();
    }
    expect((await test.userinfo(long.access_token)).status).toBe(200);
    await test.signOut();

    expect((await test.userinfo(long.access_token)).status).toBe(401);
    expect((await test.refresh(offline.refresh_token, {}, 'rp')).status).toBe(400);
  });

  it('ends a code that was not redeemed yet', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const { params } = await test.browser.authorize({ scope: 'openid' });
    await test.browser.endSession(hintOf(tokens));

    expect((await test.redeem(params.get('code') ?? '')).json['reason']).toBe('code_unknown');
  });
});

type Case = readonly [name: string, reason: string, query: (test: SigningOut) => Promise<object>];

const withHint = async ({ browser }: SigningOut, clientId = 'rp') =>
  hintOf(await browser.signIn({ client_id: clientId }));

const B64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed by nobody, or by somebody else, with the claims of the honest one. */
const forge = (hint: string, header: object, signature = '') =>
  `${B64(header)}.${hint.split('.')[1]}.${signature}`;

const MISTRUSTED: readonly Case[] = [
  ['no parameter at all', 'id_token_hint_missing', async () => ({})],
  ['state only', 'id_token_hint_missing', async () => ({ state: 's' })],
  [
    'a URI and nobody who says that it is theirs',
    'post_logout_redirect_uri_mismatch',
    async () => ({ post_logout_redirect_uri: AFTER, state: 's' }),
  ],
  [
    'a URI that nobody registered',
    'post_logout_redirect_uri_mismatch',
    async (test) => ({
      ...(await withHint(test)),
      post_logout_redirect_uri: 'https://evil.example',
    }),
  ],
  [
    'a URI with a query added',
    'post_logout_redirect_uri_mismatch',
    async (test) => ({ ...(await withHint(test)), post_logout_redirect_uri: `${AFTER}?foo=bar` }),
  ],
  [
    'the URI of another client, just as valid',
    'post_logout_redirect_uri_mismatch',
    async (test) => ({
      ...(await withHint(test)),
      post_logout_redirect_uri: 'https://rp2.example/after',
    }),
  ],
  [
    'its redirect URI, which is registered for something else',
    'post_logout_redirect_uri_mismatch',
    async (test) => ({
      ...(await withHint(test)),
      post_logout_redirect_uri: 'https://rp.example/callback',
    }),
  ],
  [
    'a hint of one client and the id of another',
    'client_mismatch',
    async (test) => ({
      ...(await withHint(test)),
      client_id: 'rp2',
      post_logout_redirect_uri: 'https://rp2.example/after',
    }),
  ],
  [
    'a hint of one client and the id of another, with the URI of the hint’s',
    'client_mismatch',
    async (test) => ({
      ...(await withHint(test)),
      client_id: 'rp2',
      post_logout_redirect_uri: AFTER,
    }),
  ],
  [
    'a client that does not exist',
    'unknown_client',
    async () => ({ client_id: 'nobody', post_logout_redirect_uri: AFTER }),
  ],
  [
    'a hint for a client that is gone',
    'unknown_client',
    async (test) => {
      const hint = await withHint(test);
      test.clients.delete('rp');
      return { ...hint, post_logout_redirect_uri: AFTER };
    },
  ],
  [
    'a hint without a signature',
    'id_token_hint_invalid',
    async (test) => {
      const { id_token_hint: hint } = await withHint(test);
      return {
        id_token_hint: forge(String(hint), { alg: 'none', typ: 'JWT' }),
        post_logout_redirect_uri: AFTER,
      };
    },
  ],
  [
    'a hint with another signature',
    'id_token_hint_invalid',
    async (test) => {
      const { id_token_hint: hint } = await withHint(test);
      return {
        id_token_hint: `${String(hint).slice(0, -8)}AAAAAAAA`,
        post_logout_redirect_uri: AFTER,
      };
    },
  ],
  [
    'an access token as a hint',
    'id_token_hint_invalid',
    async ({ browser }) => ({
      id_token_hint: (await browser.signIn({ client_id: 'rp' })).access_token,
      post_logout_redirect_uri: AFTER,
    }),
  ],
  [
    'what is no token',
    'id_token_hint_invalid',
    async () => ({ id_token_hint: 'a.b.c', client_id: 'rp', post_logout_redirect_uri: AFTER }),
  ],
];

describe('a sign-out that anybody could have asked for (LO-1, LO-2)', () => {
  for (const [name, reason, make] of MISTRUSTED) {
    it(`by ${name} asks, ends nothing by itself, and goes nowhere afterwards`, async () => {
      const test = createSigningOut();
      await test.browser.signIn();
      const query = await make(test);
      const asked = await test.browser.endSession(Object.fromEntries(Object.entries(query)));

      expect(asked.location).toBeUndefined();
      expect(kindOf(asked.page)).toBe('sign_out');
      expect(test.reasons()).toEqual([reason]);
      expect(endedSids(test)).toEqual([]);
      expect(await isIn(test)).toBe(true);
      const answered = await test.browser.answerPage(asked.page);
      expect([kindOf(answered.page), answered.location]).toEqual(['signed_out', undefined]);
      expect(await isIn(test)).toBe(false);
    });
  }

  it('goes where a known client wants it once the End-User has said yes', async () => {
    const test = createSigningOut();
    await test.browser.signIn();
    const { page } = await test.browser.endSession({
      client_id: 'rp',
      post_logout_redirect_uri: AFTER,
      state: STATE,
    });

    expect(page).toMatchObject({
      clientName: 'Corner <Shop>',
      subject: 'alice',
      leadsTo: [`${AFTER}?state=${encodeURIComponent(STATE)}`],
    });
    const { location } = await test.browser.answerPage(page);
    expect(location).toBe(`${AFTER}?state=${encodeURIComponent(STATE)}`);
  });

  it('asks where the hint is of another session of the same End-User, and ends both', async () => {
    const test = createSigningOut();
    const before = await openBrowser(test).signIn({ client_id: 'rp' });
    const now = await test.browser.signIn();
    const { page } = await test.browser.endSession({
      ...hintOf(before),
      post_logout_redirect_uri: AFTER,
    });
    expect(test.reasons()).toEqual(['another_session']);
    const { location } = await test.browser.answerPage(page);

    expect(location).toBe(AFTER);
    expect(endedSids(test).toSorted()).toEqual([sidOf(before), sidOf(now)].toSorted());
  });

  it('asks where this browser is in no session, and ends that of the hint (LO-3)', async () => {
    const test = createSigningOut();
    const before = await openBrowser(test).signIn({ client_id: 'rp' });
    const { page } = await test.browser.endSession(hintOf(before));
    expect(endedSids(test)).toEqual([]);
    await test.browser.answerPage(page);

    expect(endedSids(test)).toEqual([sidOf(before)]);
    expect(await isIn(test)).toBe(false);
  });

  it('asks where the hint is of somebody else, whose session goes on (LO-3)', async () => {
    const test = createSigningOut();
    const bob = await openBrowser(test, identify('bob')).signIn({ client_id: 'rp' });
    const alice = await test.browser.signIn();
    const { page } = await test.browser.endSession(hintOf(bob));
    expect(test.reasons()).toEqual(['another_subject']);
    await test.browser.answerPage(page);

    expect(endedSids(test)).toEqual([sidOf(alice)]);
  });

  it('ends the session of an End-User who was here before, too', async () => {
    const test = createSigningOut();
    const alice = await test.browser.signIn({ client_id: 'rp' });
    test.browser.identity = identify('bob');
    const { page } = await test.browser.endSession(hintOf(alice));
    await test.browser.answerPage(page);

    expect(test.events).toContainEqual(
      expect.objectContaining({
        type: 'session.ended',
        sid: sidOf(alice),
        subject: 'alice',
        reason: 'session_replaced',
      }),
    );
  });

  it('asks where the hint is of somebody who has left, and another is here', async () => {
    const test = createSigningOut();
    const alice = await test.browser.signIn({ client_id: 'rp' });
    await test.browser.endSession(hintOf(alice));
    test.browser.identity = identify('bob');
    const { page } = await test.browser.endSession({
      ...hintOf(alice),
      post_logout_redirect_uri: AFTER,
    });
    expect(test.reasons()).toEqual(['another_subject']);
    await test.browser.answerPage(page);

    expect(endedSids(test)).toEqual([sidOf(alice)]);
  });

  it('asks where the hint says of no session that it is this one', async () => {
    const test = createSigningOut();
    const id_token_hint = await test.deps.keys.sign('ES256', 'JWT', {
      ...{ iss: ISSUER, sub: 'alice', aud: 'rp' },
    });
    expect(kindOf((await test.browser.endSession({ id_token_hint })).page)).toBe('sign_out');
    await test.browser.signIn();
    expect(kindOf((await test.browser.endSession({ id_token_hint })).page)).toBe('sign_out');
    expect(endedSids(test)).toEqual([]);
  });

  it('ends each session once, though the hint and the cookie name the same', async () => {
    const test = createSigningOut();
    test.browser.identity = identify('alice', { sid: toSessionId('s-1') });
    const before = await test.browser.signIn({ client_id: 'rp' });
    test.browser.identity = identify('alice', { sid: toSessionId('s-2') });
    const { page } = await test.browser.endSession(hintOf(before));
    await test.browser.answerPage(page);

    expect(endedSids(test)).toHaveLength(2);
    expect(new Set(endedSids(test)).size).toBe(2);
    expect(endedSids(test)).toContain(sidOf(before));
  });

  it('of nobody is just a page, and with a hint of ours goes back (LO-3)', async () => {
    const test = createSigningOut();
    const tokens = await openBrowser(test).signIn({ client_id: 'rp' });
    test.browser.identity = undefined;
    const go = async (query: object) => {
      const { page, location } = await test.browser.endSession({
        post_logout_redirect_uri: AFTER,
        ...query,
      });
      return location ?? kindOf(page);
    };

    expect(await go({})).toBe('signed_out');
    expect(await go({ client_id: 'rp' })).toBe('signed_out');
    expect(await go({ ...hintOf(tokens), client_id: 'rp2' })).toBe('signed_out');
    expect(await go(hintOf(tokens))).toBe(AFTER);
    expect(endedSids(test)).toEqual([]);
    expect((await test.refresh(tokens.refresh_token, {}, 'rp')).status).toBe(200);
  });
});

describe('the hint of another issuer (LO-2)', () => {
  it('is no hint, whatever it says', async () => {
    const test = createSigningOut();
    const other = createSigningOut({ deps: { issuer: `${ISSUER}/b` } });
    await test.browser.signIn();
    const tokens = await other.browser.signIn({ client_id: 'rp' });
    const withSameKeys = await test.deps.keys.sign('ES256', 'JWT', {
      iss: `${ISSUER}/b`,
      sub: 'alice',
      aud: 'rp',
    });
    for (const id_token_hint of [tokens.id_token, withSameKeys]) {
      const { page, location } = await test.browser.endSession({
        id_token_hint,
        post_logout_redirect_uri: AFTER,
      });
      expect([kindOf(page), location]).toEqual(['sign_out', undefined]);
    }
    expect(test.reasons()).toEqual(['id_token_hint_invalid', 'id_token_hint_invalid']);
  });
});
