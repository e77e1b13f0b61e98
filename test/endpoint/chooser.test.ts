import { describe, expect, it } from 'vitest';
import {
  CALLBACK,
  type Dev,
  hiddenOf,
  isChooser,
  offered,
  openDevBrowser,
  redeem,
  type Shown,
  startDev,
} from '../support/dev.ts';

const errorOf = ({ url }: Shown): string | null => url.searchParams.get('error');

const isBack = ({ url }: Shown): boolean => `${url}`.startsWith(`${CALLBACK}?code=`);

async function signedIn(user = 'alice', more = {}) {
  const dev = await startDev(more);
  const browser = openDevBrowser(dev);
  const back = await browser.choose(await browser.authorize(), { user });
  return { dev, browser, back };
}

describe('whoever chose stays chosen in that browser', () => {
  it('signs in whom was chosen, as the file describes them, at the time of the choice', async () => {
    const { dev, back } = await signedIn();

    const { idToken, userinfo } = await redeem(dev, back);

    expect(idToken).toMatchObject({ sub: 'alice', auth_time: dev.clock(), locale: 'de-CH' });
    expect(userinfo).toMatchObject({ email: 'alice@example.test', email_verified: true });
  });

  it('asks nobody again, and renews in silence', async () => {
    const { dev, browser } = await signedIn();
    dev.clock.advance(60);

    expect(isBack(await browser.authorize())).toBe(true);
    const silent = await browser.authorize({ prompt: 'none' });
    expect((await redeem(dev, silent)).idToken['auth_time']).toBe(dev.clock() - 60);
    const another = openDevBrowser(dev);
    expect(errorOf(await another.authorize({ prompt: 'none' }))).toBe('login_required');
    expect(isChooser(await another.authorize())).toBe(true);
  });

  it('forgets it with a sign-out, and says login_required to silence', async () => {
    const { dev, browser, back } = await signedIn();
    const { tokens } = await redeem(dev, back);

    const out = await browser.open('/end_session', {
      id_token_hint: tokens['id_token'],
      post_logout_redirect_uri: 'http://localhost:1/after',
    });

    expect(`${out.url}`).toBe('http://localhost:1/after');
    expect([...browser.cookies.keys()].filter((name) => name.includes('choice'))).toEqual([]);
    expect(errorOf(await browser.authorize({ prompt: 'none' }))).toBe('login_required');
    const page = await browser.authorize();
    expect(isChooser(page)).toBe(true);
    const next = await browser.choose(page, { user: 'bob' });
    expect((await redeem(dev, next)).idToken['sub']).toBe('bob');
    expect(isBack(await browser.authorize({ prompt: 'none' }))).toBe(true);
  });

  it('asks whether to sign out where no client shows whom it means, and stays where told so', async () => {
    const { browser } = await signedIn();
    const asked = await browser.open('/end_session');
    expect(asked.body).toContain('alice');

    const form = { ...hiddenOf(asked), decision: 'stay' };
    await browser.submit('/sign_out', form);
    expect(isBack(await browser.authorize({ prompt: 'none' }))).toBe(true);
    const again = await browser.open('/end_session');
    const out = await browser.submit('/sign_out', { ...hiddenOf(again), decision: 'sign_out' });

    expect(out.url.pathname).toBe('/signed_out');
    expect(errorOf(await browser.authorize({ prompt: 'none' }))).toBe('login_required');
  });

  it('lets the header of a client on this machine win, as ever', async () => {
    const { dev, browser } = await signedIn('alice');
    const headless = openDevBrowser(dev, { 'X-Authenticated-User': 'bob' });
    for (const [name, value] of browser.cookies) headless.cookies.set(name, value);

    expect((await redeem(dev, await headless.authorize())).idToken['sub']).toBe('bob');
    const bare = openDevBrowser(dev, { 'X-Authenticated-User': 'bob' });
    expect((await redeem(dev, await bare.authorize())).idToken['sub']).toBe('bob');
    expect(bare.cookies.size).toBe(1);
  });

  it('denies with access_denied at the client, and remembers nobody', async () => {
    const browser = openDevBrowser(await startDev());

    const straight = await browser.choose(await browser.authorize(), { decision: 'deny' });
    const page = await browser.authorize({ prompt: 'login', max_age: '9' });
    const parked = await browser.choose(page, { decision: 'deny' });
    const twice = await browser.choose(page, { decision: 'deny' });

    for (const denied of [straight, parked]) {
      expect(errorOf(denied)).toBe('access_denied');
      expect(denied.url.searchParams.get('state')).toBe('a state');
    }
    expect([twice.status, errorOf(twice)]).toEqual([403, null]);
    expect(browser.cookies.size).toBe(0);
  });
});

describe('signing in again, by the ways of production', () => {
  it('asks for prompt=login and an old sign-in, and states an honest newer auth_time', async () => {
    const { dev, browser, back } = await signedIn();
    const { idToken: first } = await redeem(dev, back);

    // Within the same second, and after an hour.
    for (const [seconds, query] of [
      [0, { prompt: 'login' }],
      [3600, { prompt: 'login' }],
      [3600, { max_age: '60' }],
    ] as const) {
      dev.clock.advance(seconds);
      const page = await browser.authorize(query);
      expect(isChooser(page)).toBe(true);
      const { idToken } = await redeem(dev, await browser.choose(page, { user: 'alice' }));

      expect(Number(idToken['auth_time'])).toBeGreaterThan(Number(first['auth_time']));
      expect(Number(idToken['auth_time']) - dev.clock()).toBeLessThanOrEqual(1);
    }
    expect(isBack(await browser.authorize({ max_age: '60' }))).toBe(true);
  });

  it('believes no sign-in of before, when the person says that it was one', async () => {
    const { browser } = await signedIn();
    const page = await browser.authorize({ prompt: 'login' });

    const answer = await browser.choose(page, { decision: 'enter', sub: 'alice', ago: '2h' });

    expect(errorOf(answer)).toBe('login_required');
  });

  it('switches accounts for select_account and for a login_hint about somebody else', async () => {
    const { dev, browser } = await signedIn('alice');

    for (const query of [{ prompt: 'select_account' }, { login_hint: 'bob@example.test' }]) {
      const asked = await browser.authorize(query);
      expect(asked.body).toContain('<strong>alice</strong>');
      const page = await browser.submit('/account', { ...hiddenOf(asked), decision: 'switch' });
      expect(isChooser(page)).toBe(true);
      const { idToken } = await redeem(dev, await browser.choose(page, { user: 'bob' }));
      expect(idToken['sub']).toBe('bob');
      const back = await browser.open('/choose', { again: '1' });
      await browser.choose(back, { user: 'alice' });
    }
    expect(isBack(await browser.authorize({ login_hint: 'ali' }))).toBe(true);
  });

  it('states the acr that was wished for, if the person says so', async () => {
    const browser = openDevBrowser(await startDev());
    const query = { acr_values: 'phr mfa' };
    const page = await browser.authorize(query);
    expect(page.body).toMatch(/<option>phr<\/option>\n<option>mfa<\/option>/);

    const dev: Dev = { issuer: page.url.origin, clock: Object.assign(() => 0, { advance() {} }) };
    const stated = await redeem(dev, await browser.choose(page, { user: 'alice', acr: 'mfa' }));

    expect(stated.idToken['acr']).toBe('mfa');
  });

  it('steps up where the issuer says which acr there are', async () => {
    const env = { ASTEROID_POLICY_ACR_VALUES_SUPPORTED: '[low, high]' };
    const { dev, browser } = await signedIn('alice', { env });

    const page = await browser.authorize({ acr_values: 'high' });
    expect(isChooser(page)).toBe(true);
    const more = await browser.choose(page, { user: 'alice', acr: 'high' });

    expect((await redeem(dev, more)).idToken['acr']).toBe('high');
  });
});

describe('pages beside /authorize', () => {
  it('send whoever has not chosen to the chooser, and have them back', async () => {
    const dev = await startDev();
    const browser = openDevBrowser(dev);
    const started = await fetch(`${dev.issuer}/device_authorization`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'tv', scope: 'openid' }),
    });
    const device = (await started.json()) as Record<string, string>;
    const page = await browser.open('/device', { user_code: device['user_code'] });
    expect(isChooser(page)).toBe(true);
    expect(page.body).not.toContain('value="deny"');

    const asked = await browser.choose(page, { user: 'alice' });
    expect(asked.body).toContain('Television');
    const allowed = await browser.submit('/device', { ...hiddenOf(asked), decision: 'allow' });

    expect(allowed.body).toContain('The device is connected');
    expect((await browser.open('/device')).status).toBe(200);
  });

  it('ask for consent of whom was chosen', async () => {
    const dev = await startDev();
    const browser = openDevBrowser(dev);
    const page = await browser.authorize({ prompt: 'consent' });
    const asked = await browser.choose(page, { user: 'bob' });
    expect(asked.body).toContain('<strong>bob</strong>');

    const back = await browser.submit('/consent', { ...hiddenOf(asked), decision: 'allow' });

    expect((await redeem(dev, back)).idToken['sub']).toBe('bob');
  });

  it('say that nobody is there to sign out', async () => {
    const out = await openDevBrowser(await startDev()).open('/end_session');

    expect([out.status, out.url.pathname]).toEqual([200, '/end_session']);
    expect(out.body).toContain('signed out');
  });
});

describe('whom the page shows', () => {
  it('is whom the client asks for first, by subject, address or name', async () => {
    const browser = openDevBrowser(await startDev());

    for (const login_hint of ['bob', 'Bob@example.test']) {
      expect(offered(await browser.authorize({ login_hint }))).toEqual(['bob', 'alice']);
    }
    expect(offered(await browser.authorize({ login_hint: 'ali' }))).toEqual(['alice', 'bob']);
    const parked = await browser.authorize({ login_hint: 'bob', prompt: 'login' });
    expect(offered(parked)).toEqual(['bob', 'alice']);
  });

  it('is somebody in the fields who is asked for and in no file', async () => {
    const browser = openDevBrowser(await startDev());

    const { body } = await browser.authorize({ login_hint: 'carol@example.test' });

    expect(body).toContain('<details open>');
    expect(body).toContain('name="sub" value="carol@example.test"');
    expect(body).toContain('name="email" value="carol@example.test"');
  });

  it('is found by a part of a name or an address among two hundred', async () => {
    const users = Array.from({ length: 200 }, (_, n) => ({
      ...{ sub: `u${n}`, name: `Person ${n}`, email: `p${n}@example.test` },
    }));
    const browser = openDevBrowser(await startDev({ users }));
    const page = await browser.authorize();
    expect(offered(page)).toHaveLength(200);

    const found = await browser.open('/choose', { ...hiddenOf(page), q: 'PERSON 17' });

    expect(offered(found)).toEqual(
      [17, ...Array.from({ length: 10 }, (_, n) => 170 + n)].map((n) => `u${n}`),
    );
    expect(offered(await browser.open('/choose', { q: 'p42@' }))).toEqual(['u42']);
    expect(isBack(await browser.choose(found, { user: 'u17' }))).toBe(true);
  });

  it('is also there without anybody waiting, and who is signed in comes first', async () => {
    const browser = openDevBrowser(await startDev());

    const page = await browser.choose(await browser.open('/choose'), { user: 'bob' });

    expect(offered(page)).toEqual(['bob', 'alice']);
    expect(page.body).toContain('signed in');
    expect(isBack(await browser.authorize())).toBe(true);
  });
});
