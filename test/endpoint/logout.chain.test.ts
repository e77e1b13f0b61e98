import { describe, expect, it } from 'vitest';
import { toSessionId } from '../../internal/protocol/ids.ts';
import { ISSUER } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';
import {
  AFTER,
  createSigningOut,
  endedSids,
  hintOf,
  kindOf,
  sidOf,
} from '../support/signing-out.ts';

const SLOT = '$' + '{post_logout_redirect_uri}';
const RETURN = `${ISSUER}/signed_out`;

const withLogoutUrl = (logoutUrl: string) => createSigningOut({ policy: { logoutUrl } });

/** The return address in what the upstream was sent. */
const returnOf = (location: string | undefined): URL =>
  new URL(new URL(location ?? '', ISSUER).searchParams.get('rd') ?? '');

describe('signed out, and the proxy still says who is here (LO-4, X-4)', () => {
  it('answers silent requests with login_required, of every client, until somebody asks aloud', async () => {
    const test = createSigningOut();
    await test.browser.signIn();
    await test.signOut();

    expect(await test.browser.silently()).toBe('login_required');
    expect(await test.browser.silently({ client_id: 'rp2' })).toBe('login_required');
    expect(test.events.at(-1)).toMatchObject({ reason: 'signed_out', subject: 'alice' });
    test.clock.advance(20 * 86_400);
    expect(await test.browser.silently()).toBe('login_required');
    await test.browser.signIn();
    expect(await test.browser.silently()).toBe('signed in');
  });

  it('until the upstream has authenticated since', async () => {
    const test = createSigningOut();
    const authTime = test.clock() - 10;
    test.browser.identity = identify('alice', { authTime });
    await test.browser.signIn();
    await test.signOut();
    expect(await test.browser.silently()).toBe('login_required');
    test.clock.advance(60);
    test.browser.identity = identify('alice', { authTime: test.clock() - 1 });

    expect(await test.browser.silently()).toBe('signed in');
  });

  it('until the upstream has begun another session', async () => {
    const test = createSigningOut();
    test.browser.identity = identify('alice', { sid: toSessionId('s-1') });
    await test.browser.signIn();
    await test.signOut();
    expect(await test.browser.silently()).toBe('login_required');
    test.browser.identity = identify('alice', { sid: toSessionId('s-2') });

    expect(await test.browser.silently()).toBe('signed in');
  });

  it('for as long as the browser remembers it, where the upstream names its session', async () => {
    for (const atSignOut of [identify('alice', { sid: toSessionId('s-1') }), undefined]) {
      const test = createSigningOut();
      const before = identify('alice', { sid: toSessionId('s-1') });
      test.browser.identity = before;
      await test.browser.signIn();
      test.browser.identity = atSignOut;
      await test.signOut();
      test.browser.identity = before;
      test.clock.advance(5 * 86_400);

      expect(await test.browser.silently()).toBe('login_required');
    }
  });

  it('for a day where no browser remembers it, but the upstream names its session', async () => {
    const test = createSigningOut();
    test.browser.identity = identify('alice', { sid: toSessionId('s-1') });
    await test.browser.signIn();
    await test.signOut();
    test.browser.session = undefined;
    test.clock.advance(86_399);

    expect(await test.browser.silently()).toBe('login_required');
  });

  it('also without the cookie, where the upstream says which session it is', async () => {
    const test = createSigningOut();
    test.browser.identity = identify('alice', { sid: toSessionId('s-1') });
    const tokens = await test.browser.signIn();
    await test.signOut();
    test.browser.session = undefined;
    expect(await test.browser.silently()).toBe('login_required');
    const again = await test.browser.signIn();

    expect(sidOf(again)).not.toBe(sidOf(tokens));
    expect(await test.browser.silently()).toBe('signed in');
  });

  it('also with the cookie of before, which somebody kept', async () => {
    const test = createSigningOut();
    await test.browser.signIn();
    const { session } = test.browser;
    await test.signOut();
    test.browser.session = session;

    expect(await test.browser.silently()).toBe('login_required');
  });

  it('also when she was in no session of ours yet', async () => {
    const test = createSigningOut();
    await test.signOut();

    expect(await test.browser.silently()).toBe('login_required');
    expect(endedSids(test)).toEqual([]);
  });

  it('and says nothing about who signs in next', async () => {
    const test = createSigningOut();
    await test.browser.signIn();
    await test.signOut();
    test.browser.identity = identify('bob');

    expect(await test.browser.silently()).toBe('signed in');
    expect(endedSids(test)).toHaveLength(1);
  });
});

describe('clients that are told in a frame (Front-Channel Logout §2, §3; LO-6)', () => {
  it('get exactly iss and sid, behind the query that they registered', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'frame' });
    await test.browser.signIn({ client_id: 'frame2' });
    await test.browser.signIn({ client_id: 'rp' });
    const { page } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: AFTER,
      state: 's',
    });

    const added = `iss=${encodeURIComponent(ISSUER)}&sid=${sidOf(tokens)}`;
    expect(page).toEqual({
      kind: 'front_channel_logout',
      frames: [
        `https://rp.example/frontchannel?${added}`,
        `https://rp2.example/frontchannel?x=%20y&${added}`,
      ].sort(),
      next: `${AFTER}?state=s`,
    });
    expect(await test.browser.silently()).toBe('login_required');
  });

  it('are told before the browser goes on, wherever that is', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'frame' });
    const { page } = await test.browser.endSession(hintOf(tokens));

    expect(page).toMatchObject({ kind: 'front_channel_logout', next: undefined });
    expect(kindOf((await test.browser.signedOut()).page)).toBe('signed_out');
  });

  it('are told after the question as well', async () => {
    const test = createSigningOut();
    await test.browser.signIn({ client_id: 'frame' });
    const { page } = await test.signOut();

    expect(kindOf(page)).toBe('front_channel_logout');
  });

  it('are only those of this session', async () => {
    const test = createSigningOut();
    await test.browser.signIn({ client_id: 'frame' });
    test.browser.session = undefined;
    const tokens = await test.browser.signIn({ client_id: 'rp' });

    expect(kindOf((await test.browser.endSession(hintOf(tokens))).page)).toBe('signed_out');
  });
});

describe('the sign-out of the upstream (LO-4, T31)', () => {
  it('comes next, and gets an address of ours to come back to, never that of the client', async () => {
    const test = withLogoutUrl(`/oauth2/sign_out?rd=${SLOT}`);
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const { location } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: AFTER,
      state: 'a&b=c',
    });
    const back = returnOf(location);

    expect(location).toMatch(/^\/oauth2\/sign_out\?rd=https%3A%2F%2F[\w.%-]+$/);
    expect(back.origin + back.pathname).toBe(RETURN);
    expect([...back.searchParams.keys()]).toEqual(['asteroid_resume']);
    expect(location).not.toContain('rp.example');
    const resumed = await test.browser.signedOut(Object.fromEntries(back.searchParams));
    expect(resumed.location).toBe(`${AFTER}?state=a%26b%3Dc`);
  });

  it('brings the browser back once: after that, and with no handle of ours, it is just a page', async () => {
    const test = withLogoutUrl(`https://idp.example/out?rd=${SLOT}`);
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const { location } = await test.browser.endSession({
      ...hintOf(tokens),
      post_logout_redirect_uri: AFTER,
    });
    const asteroid_resume = returnOf(location).searchParams.get('asteroid_resume') ?? '';
    const go = async (resume: string | undefined) => {
      const answer = await test.browser.signedOut({ asteroid_resume: resume });
      return answer.location ?? kindOf(answer.page);
    };

    expect(await go(asteroid_resume)).toBe(AFTER);
    expect(await go(asteroid_resume)).toBe('signed_out');
    for (const other of [undefined, 'x', 'https://evil.example', `${asteroid_resume}x`]) {
      expect(await go(other)).toBe('signed_out');
    }
  });

  it('brings one of two at once to the client', async () => {
    const test = withLogoutUrl(`https://idp.example/out?rd=${SLOT}`);
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const query = { ...hintOf(tokens), post_logout_redirect_uri: AFTER };
    const { location } = await test.browser.endSession(query);
    const resume = Object.fromEntries(returnOf(location).searchParams);
    const both = await Promise.all([
      test.browser.signedOut(resume),
      test.browser.signedOut(resume),
    ]);

    expect(both.map((answer) => answer.location).filter(Boolean)).toEqual([AFTER]);
  });

  it('takes so long and no longer', async () => {
    const test = withLogoutUrl(`https://idp.example/out?rd=${SLOT}`);
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const query = { ...hintOf(tokens), post_logout_redirect_uri: AFTER };
    const resume = returnOf((await test.browser.endSession(query)).location).searchParams;
    test.clock.advance(601);

    expect(kindOf((await test.browser.signedOut(Object.fromEntries(resume))).page)).toBe(
      'signed_out',
    );
  });

  it('comes back to the page where no client wants it anywhere', async () => {
    const test = withLogoutUrl(`https://idp.example/out?rd=${SLOT}&x=${SLOT}`);
    await test.browser.signIn({ client_id: 'rp' });
    const { location } = await test.signOut();
    const slot = encodeURIComponent(RETURN);

    expect(location).toBe(`https://idp.example/out?rd=${slot}&x=${slot}`);
  });

  it('is where it ends without a place for the way back', async () => {
    const test = withLogoutUrl('https://idp.example/out');
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const query = { ...hintOf(tokens), post_logout_redirect_uri: AFTER };

    expect((await test.browser.endSession(query)).location).toBe('https://idp.example/out');
  });

  it('comes after the frames, and is named on the page that asks, for its policy', async () => {
    const test = withLogoutUrl(`/out?rd=${SLOT}`);
    await test.browser.signIn({ client_id: 'frame' });
    const { page } = await test.browser.endSession({
      client_id: 'frame',
      post_logout_redirect_uri: AFTER,
    });
    expect(page).toMatchObject({ leadsTo: ['https://op.example', AFTER] });
    const next = await test.browser.answerPage(page);

    expect(next.page).toMatchObject({ next: expect.stringMatching(/^\/out\?rd=https%3A/) });
  });

  it('is not troubled where nobody is signed in', async () => {
    const test = withLogoutUrl(`/out?rd=${SLOT}`);
    test.browser.identity = undefined;

    expect(kindOf((await test.browser.endSession()).page)).toBe('signed_out');
  });

  it('is not begun, and nothing is ended, when the way back cannot be kept', async () => {
    const test = withLogoutUrl(`/out?rd=${SLOT}`);
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    test.weather.down.add('park');
    const query = { ...hintOf(tokens), post_logout_redirect_uri: AFTER };

    await expect(test.browser.endSession(query)).rejects.toThrow('park');
    expect(endedSids(test)).toEqual([]);
  });

  it('says nothing of the client in the store that a reader of it could use', async () => {
    const test = withLogoutUrl(`/out?rd=${SLOT}`);
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    await test.browser.endSession({ ...hintOf(tokens), post_logout_redirect_uri: AFTER });

    const parked = test.weather.told[test.weather.calls.indexOf('park')];
    expect(JSON.stringify(parked)).not.toContain('rp.example');
  });
});

describe('sign-out without a proxy (LO-1)', () => {
  it('goes by the cookie, asks without a hint, and does not without a doubt', async () => {
    const test = createSigningOut();
    const first = await test.browser.signIn({ client_id: 'rp' });
    test.browser.identity = undefined;
    expect(kindOf((await test.browser.endSession()).page)).toBe('sign_out');
    const { location } = await test.browser.endSession({
      ...hintOf(first),
      post_logout_redirect_uri: AFTER,
    });

    expect(location).toBe(AFTER);
    expect(endedSids(test)).toEqual([sidOf(first)]);
    expect(kindOf((await test.browser.endSession()).page)).toBe('signed_out');
  });
});
