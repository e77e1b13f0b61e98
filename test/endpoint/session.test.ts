import { describe, expect, it } from 'vitest';
import { toSessionId } from '../../internal/protocol/ids.ts';
import { openBrowser } from '../support/browser.ts';
import { createAsking } from '../support/consent.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const sidOf = ({ id_token }: { readonly id_token: string }) => String(claimsOf(id_token)['sid']);

const ended = ({ events }: TestIssuer) =>
  events.filter((event) => event.type === 'session.ended').map(({ sid, reason }) => [sid, reason]);

const upstream = (sid: string, subject = 'alice') => identify(subject, { sid: toSessionId(sid) });

describe('the sid of sign-ins (LO-4, LO-6)', () => {
  it('is one for all flows of a browser, and another in another', async () => {
    const test = createTestIssuer();
    const browser = openBrowser(test);
    const first = sidOf(await browser.signIn());

    expect(sidOf(await browser.signIn({ client_id: 'conf2' }))).toBe(first);
    expect(sidOf(await browser.signIn({ prompt: 'none' }))).toBe(first);
    expect(sidOf(await openBrowser(test).signIn())).not.toBe(first);
    expect(first).toMatch(/^[\w-]{22,}$/);
    expect(ended(test)).toEqual([]);
  });

  it('is that of the upstream, in any browser, and never the upstream’s own words', async () => {
    const test = createTestIssuer();
    const sid = sidOf(await openBrowser(test, upstream('upstream-session-1')).signIn());

    expect(sidOf(await openBrowser(test, upstream('upstream-session-1')).signIn())).toBe(sid);
    expect(sidOf(await openBrowser(test, upstream('s-2')).signIn())).not.toBe(sid);
    expect(sidOf(await openBrowser(test, upstream('upstream-session-1', 'bob')).signIn())).not.toBe(
      sid,
    );
    expect(sid).not.toContain('upstream-session-1');
    expect(JSON.stringify([test.weather.told, test.events])).not.toContain('"upstream-session-1"');
  });

  it('stays when tokens are refreshed', async () => {
    const test = createTestIssuer();
    const tokens = await openBrowser(test).signIn();
    const { json } = await test.refresh(tokens.refresh_token);

    expect(sidOf({ id_token: String(json['id_token']) })).toBe(sidOf(tokens));
  });

  it('goes with the code by form as well', async () => {
    const test = createTestIssuer();
    const browser = openBrowser(test);
    await browser.authorize({ response_mode: 'form_post' });
    const { session } = browser;

    expect(session).toBeDefined();
    await browser.authorize({ response_mode: 'form_post' });
    expect(browser.session).toBe(session);
  });

  it('is remembered only with a code: no error and no page sets a cookie', async () => {
    const test = createAsking();
    const browser = openBrowser(test);
    for (const query of [
      { scope: 'unknown' },
      { prompt: 'login' },
      { client_id: 'once' },
      { client_id: 'once', prompt: 'none' },
      { redirect_uri: 'https://elsewhere.example/' },
    ]) {
      const { response } = await browser.authorize(query);
      expect(response).not.toHaveProperty('session');
    }
  });

  it('is remembered where a page stood in between', async () => {
    const test = createAsking();
    const browser = openBrowser(test);
    const first = sidOf(await browser.signIn());
    const { page } = await browser.authorize({ client_id: 'once' });
    if (page?.kind !== 'consent') throw new Error('no page');
    const { session } = browser;
    const { params } = await test.consent({ handle: page.handle, decision: 'allow' }, undefined, {
      session,
    });
    const { json } = await test.redeem(params.get('code') ?? '', {}, 'once');

    expect(sidOf({ id_token: String(json['id_token']) })).toBe(first);
  });

  it('is another after so much time without a sign-in, and before that slides', async () => {
    const test = createTestIssuer({ policy: { sessionLifetime: 3600 } });
    const browser = openBrowser(test);
    const first = sidOf(await browser.signIn());
    const { session } = browser;
    test.clock.advance(1800);
    await browser.signIn();
    expect(browser.session).toBe(session);
    test.clock.advance(1);
    expect(sidOf(await browser.signIn())).toBe(first);
    expect(browser.session).not.toBe(session);
    test.clock.advance(3599);
    expect(sidOf(await browser.signIn())).toBe(first);
    test.clock.advance(3600);

    expect(sidOf(await browser.signIn())).not.toBe(first);
    expect(ended(test)).toEqual([[first, 'session_replaced']]);
  });
});

describe('a session whose End-User is another now (T26)', () => {
  it('is over: nothing that was granted in it goes on, and the header wins', async () => {
    const test = createTestIssuer();
    const browser = openBrowser(test);
    const alice = await browser.signIn({ scope: 'openid' });
    browser.identity = identify('bob');
    const bob = await browser.signIn();

    expect(claimsOf(bob.id_token)['sub']).toBe('bob');
    expect(sidOf(bob)).not.toBe(sidOf(alice));
    expect(ended(test)).toEqual([[sidOf(alice), 'session_replaced']]);
    expect((await test.refresh(alice.refresh_token)).json['reason']).toBe('refresh_token_unknown');
    expect((await test.userinfo(alice.access_token)).status).toBe(401);
    expect((await test.refresh(bob.refresh_token)).status).toBe(200);
  });

  it('goes on where it is the same one', async () => {
    const test = createTestIssuer();
    const browser = openBrowser(test);
    const before = await browser.signIn({ scope: 'openid' });
    await browser.signIn();

    expect((await test.refresh(before.refresh_token)).status).toBe(200);
  });

  it('is over when the upstream has begun another, and goes on while it says nothing of it', async () => {
    const test = createTestIssuer();
    const browser = openBrowser(test, upstream('upstream-session-1'));
    const first = await browser.signIn();
    browser.identity = identify('alice');
    expect(sidOf(await browser.signIn())).toBe(sidOf(first));
    browser.identity = upstream('s-2');
    await browser.signIn();

    expect(ended(test)).toEqual([[sidOf(first), 'session_replaced']]);
  });

  it('is not over because of a request that failed', async () => {
    const test = createTestIssuer();
    const browser = openBrowser(test);
    await browser.signIn();
    browser.identity = identify('bob');
    await browser.authorize({ prompt: 'login' });
    await browser.authorize({ scope: 'unknown' });

    expect(ended(test)).toEqual([]);
  });

  it('gives no code to the next End-User while the one before cannot be signed out', async () => {
    const test = createTestIssuer();
    const browser = openBrowser(test);
    await browser.signIn();
    browser.identity = identify('bob');
    test.weather.down.add('endSession');
    const { params } = await browser.authorize();
    test.weather.down.clear();

    expect(params.get('error')).toBe('temporarily_unavailable');
    expect(claimsOf((await browser.signIn()).id_token)['sub']).toBe('bob');
    expect(ended(test)).toHaveLength(1);
  });
});

describe('a cookie that nobody here made', () => {
  it('is no session, and signs nobody in', async () => {
    const test = createTestIssuer();
    const other = openBrowser(createTestIssuer());
    await other.signIn();
    for (const session of ['', 'x', 'undefined', other.session]) {
      const browser = openBrowser(test);
      browser.session = session;
      expect(claimsOf((await browser.signIn()).id_token)['sub']).toBe('alice');
      expect(browser.session).not.toBe(session);
    }
    expect(ended(test)).toEqual([]);
  });

  it('stolen, is worth nothing without the header, and nothing with the header of the thief', async () => {
    const test = createTestIssuer();
    const alice = openBrowser(test);
    await alice.signIn();
    const thief = openBrowser(test, identify('bob'));
    thief.session = alice.session;

    expect(claimsOf((await thief.signIn()).id_token)['sub']).toBe('bob');
    const nobody = await test.authorize({ prompt: 'none' }, 'nobody', { session: alice.session });
    expect(nobody.params.get('error')).toBe('login_required');
    const page = await test.authorize({}, 'nobody', { session: alice.session });
    expect(page.status).toBe(401);
  });

  it('signs nobody in where there is no proxy either', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a slot of the operator's.
    const test = createTestIssuer({ policy: { loginUrl: 'https://login.example/?rd=${url}' } });
    const browser = openBrowser(test);
    await browser.signIn();
    browser.identity = undefined;

    expect(await browser.silently()).toBe('login_required');
    expect((await browser.authorize()).location).toMatch(/^https:\/\/login\.example\//);
  });
});

describe('a session that ends while something is being granted in it (LO-4, N7)', () => {
  it('answers a silent request with login_required, and burns nothing', async () => {
    const test = createTestIssuer();
    const browser = openBrowser(test);
    const sid = sidOf(await browser.signIn());
    await test.deps.store.endSession(toSessionId(sid), 60);
    const { params } = await browser.authorize({ prompt: 'none', nonce: 'n-1' });

    expect(params.get('error')).toBe('login_required');
    expect(test.events.at(-1)).toMatchObject({ reason: 'signed_out' });
    expect((await browser.authorize({ nonce: 'n-1' })).params.has('code')).toBe(true);
  });

  it('is another one for whoever asks aloud, and the browser learns of it', async () => {
    const test = createTestIssuer();
    const browser = openBrowser(test);
    const sid = sidOf(await browser.signIn());
    await test.deps.store.endSession(toSessionId(sid), 60);
    const next = sidOf(await browser.signIn());

    expect(next).not.toBe(sid);
    expect(sidOf(await browser.signIn({ prompt: 'none' }))).toBe(next);
  });

  it('is another one after a page that was shown before it ended', async () => {
    const test = createAsking();
    const browser = openBrowser(test);
    const sid = sidOf(await browser.signIn());
    const { page } = await browser.authorize({ client_id: 'once' });
    if (page?.kind !== 'consent') throw new Error('no page');
    await test.deps.store.endSession(toSessionId(sid), 60);
    const { session } = browser;
    const { params } = await test.consent({ handle: page.handle, decision: 'allow' }, undefined, {
      session,
    });

    expect(params.has('code')).toBe(true);
  });

  it('holds while two sign-ins and a sign-out cross: what is not refused is in no ended session', async () => {
    const test = createTestIssuer();
    const browser = openBrowser(test);
    const sid = sidOf(await browser.signIn());
    const { session } = browser;
    const silent = () =>
      test.authorize({ prompt: 'none', scope: 'openid' }, undefined, { session });
    const [before, , after] = await Promise.all([
      silent(),
      browser.endSession().then(({ page }) => browser.answerPage(page)),
      silent(),
    ]);
    for (const { params } of [before, after]) {
      const code = params.get('code');
      if (code === null) continue;
      expect((await test.redeem(code)).json['reason']).toBe('code_unknown');
    }
    expect(ended(test)).toContainEqual([sid, 'signed_out']);
  });
});
