import { describe, expect, it } from 'vitest';
import type { Page, ReviewedApplication } from '../../internal/oidc/endpoint.ts';
import { DEVICE_CODE } from '../../internal/protocol/names.ts';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { makeClient } from '../support/clients.ts';
import { withDevices } from '../support/device-flow.ts';
import { createTestIssuer, type Different, type TestIssuer } from '../support/issuer.ts';
import { type Answer, identify, type Query } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const AT_SHOP = { client_id: 'shop', redirect_uri: 'https://shop.example/cb' };
const AT_APP = { client_id: 'app', redirect_uri: 'https://app.example/cb' };

type Reviewing = TestIssuer & { readonly browser: TestBrowser };

/** `shop` and `wiki`, which asks once, and alice at her browser. */
function createReviewing(different: Different = {}): Reviewing {
  const test = createTestIssuer({
    ...different,
    clients: [
      makeClient('shop', {
        clientName: 'Corner <Shop>',
        redirectUris: [AT_SHOP.redirect_uri],
        backchannelLogoutUri: 'https://shop.example/backchannel',
        logoUri: 'https://shop.example/logo.png',
      }),
      makeClient('wiki', { consent: 'once' }),
      makeClient('app', { redirectUris: [AT_APP.redirect_uri] }),
      ...(different.clients ?? []),
    ],
  });
  return { ...test, browser: openBrowser(test) };
}

function applicationsOf({ page }: Answer): readonly ReviewedApplication[] {
  if (page?.kind !== 'review') throw new Error(`no review: ${page?.kind}`);
  return page.applications;
}

const namesOf = (answer: Answer): readonly string[] =>
  applicationsOf(answer).map(({ clientName }) => clientName);

/** The first application of alice's review, or that of this name. */
async function findApplication(browser: TestBrowser, name?: string): Promise<ReviewedApplication> {
  const applications = applicationsOf(await browser.review());
  const found = applications.find(({ clientName }) => name === undefined || clientName === name);
  if (found === undefined) throw new Error(`no such application: ${name}`);
  return found;
}

const press = (browser: TestBrowser, handle: string, more: Query = {}) =>
  browser.review({}, { handle, decision: 'end', ...more });

/** Where a POST leads. */
const follow = (browser: TestBrowser, { location = '' }: Answer) =>
  browser.review(Object.fromEntries(new URL(location).searchParams));

const noticeOf = (page: Page | undefined) => (page?.kind === 'review' ? page.notice : 'no review');

const endedOf = ({ events }: TestIssuer) =>
  events.flatMap((event) =>
    event.type === 'authorization.ended' ? [[event.clientId, event.reason]] : [],
  );

async function agree(test: Reviewing, query: Query = {}): Promise<void> {
  const { page } = await test.browser.authorize({ client_id: 'wiki', ...query });
  if (page?.kind !== 'consent') throw new Error('no consent page');
  await test.consent({ handle: page.handle, decision: 'allow' });
}

describe('the review: what it shows', () => {
  it('names each application once, with where it was signed in to, what it may use and since when', async () => {
    const test = createReviewing();
    const { browser, clock } = test;
    const since = clock();
    await browser.signIn({ ...AT_SHOP, scope: 'openid email' });
    clock.advance(100);
    await browser.signIn({ ...AT_SHOP, scope: 'openid profile' });

    const { page, status } = await browser.review();

    expect(status).toBe(200);
    expect(page).toMatchObject({ kind: 'review', subject: 'alice', notice: undefined });
    expect(page).toMatchObject({
      isPartial: false,
      applications: [
        {
          clientName: 'Corner <Shop>',
          isKnown: true,
          links: { logoUri: 'https://shop.example/logo.png' },
          hosts: ['shop.example'],
          since,
          usedAt: since + 100,
          isRemembered: false,
          signIns: [{ where: 'this_browser', since, usedAt: since + 100, isOffline: false }],
          others: 0,
        },
      ],
    });
    const [shop] = applicationsOf(await browser.review());
    expect(shop?.scope.map(({ name }) => name).sort()).toEqual(['email', 'openid', 'profile']);
  });

  it('tells browsers apart, and puts first what was used last', async () => {
    const test = createReviewing();
    const { clock } = test;
    const [mine, other] = [openBrowser(test), openBrowser(test)];
    const tokens = await mine.signIn(AT_SHOP);
    clock.advance(10);
    await other.signIn({ ...AT_SHOP, scope: 'openid' });
    clock.advance(10);
    await mine.signIn({ ...AT_APP, scope: 'openid' });

    const before = await mine.review();
    expect(namesOf(before)).toEqual(['app', 'Corner <Shop>']);
    clock.advance(10);
    await test.refresh(tokens.refresh_token, {}, 'shop');
    const after = await mine.review();

    expect(namesOf(after)).toEqual(['Corner <Shop>', 'app']);
    const signIns = applicationsOf(after)[0]?.signIns.map(({ where, isOffline, usedAt }) => ({
      ...{ where, isOffline, usedAt },
    }));
    const now = clock();
    expect(signIns).toEqual([
      { where: 'this_browser', isOffline: true, usedAt: now },
      { where: 'browser', isOffline: false, usedAt: now - 20 },
    ]);
  });

  it('shows nothing of anybody else, and says so where nothing was granted', async () => {
    const test = createReviewing();
    await openBrowser(test, identify('bob')).signIn(AT_SHOP);

    expect(applicationsOf(await test.browser.review())).toEqual([]);
    expect(namesOf(await openBrowser(test, identify('bob')).review())).toEqual(['Corner <Shop>']);
  });

  it('shows what was agreed to and is remembered, also where nothing stands', async () => {
    const test = createReviewing();
    await agree(test, { scope: 'openid email' });
    const { browser } = test;

    const wiki = await findApplication(browser);
    expect(wiki).toMatchObject({ clientName: 'wiki', isRemembered: true, usedAt: undefined });
    test.clock.advance(2 * 3600);
    const later = await findApplication(browser);

    expect(later).toMatchObject({ isRemembered: true, signIns: [], usedAt: undefined });
    expect(later.scope.map(({ name }) => name)).toEqual(['openid', 'email']);
  });

  it('shows, by its id, what is no client any more, and ends it all the same', async () => {
    const test = createReviewing();
    const tokens = await test.browser.signIn(AT_SHOP);
    test.clients.delete('shop');

    const shop = await findApplication(test.browser);
    expect(shop).toMatchObject({ clientName: 'shop', isKnown: false });
    expect(shop.links.logoUri).toBeUndefined();
    await press(test.browser, shop.handle);

    expect(applicationsOf(await test.browser.review())).toEqual([]);
    expect((await test.userinfo(tokens.access_token)).status).toBe(401);
  });

  it('shows End-Users with pairwise subjects what is theirs, and tells clients theirs', async () => {
    const pairwise = makeClient('pair', {
      sectorIdentifier: 'rp.example',
      backchannelLogoutUri: 'https://rp.example/backchannel',
    });
    const pairwiseSalt = new Uint8Array(32).fill(7);
    const test = createReviewing({ clients: [pairwise], deps: { pairwiseSalt } });
    const { id_token } = await test.browser.signIn({ client_id: 'pair' });
    const { sub, sid } = claimsOf(id_token);
    expect(sub).not.toBe('alice');

    const { handle } = await findApplication(test.browser, 'pair');
    await press(test.browser, handle);
    await test.receivers.queue.drain(1000);

    const [told] = test.receivers.requests;
    expect(told?.url).toBe('https://rp.example/backchannel');
    expect(claimsOf(String(told?.body).replace('logout_token=', ''))).toMatchObject({ sub, sid });
  });

  it('shows 500 authorizations as the few places that they are of, and ends them all', async () => {
    const test = createReviewing();
    const browsers = Array.from({ length: 25 }, () => openBrowser(test));
    for (const browser of browsers) {
      for (let n = 0; n < 20; n += 1) await browser.signIn({ ...AT_SHOP, scope: 'openid' });
    }

    const [shop] = applicationsOf(await test.browser.review());
    expect(shop?.signIns).toHaveLength(20);
    expect(shop?.others).toBe(5);
    await press(test.browser, shop?.handle ?? '');

    expect(applicationsOf(await test.browser.review())).toEqual([]);
    expect(endedOf(test)).toHaveLength(500);
  });

  it('says that there is more than it shows', async () => {
    const test = createReviewing();
    for (let n = 0; n < 501; n += 1) await test.browser.signIn({ ...AT_SHOP, scope: 'openid' });

    const { page } = await test.browser.review();

    expect(page).toMatchObject({ kind: 'review', isPartial: true });
    const all = await test.browser.review({ all: '1' });
    if (all.page?.kind !== 'review_all') throw new Error('no page that asks');
    await press(test.browser, all.page.handle);
    expect(endedOf(test)).toHaveLength(501);
  });
});

describe('the review: ending something', () => {
  it('ends one application: its tokens, its sign-ins everywhere, and nothing of another', async () => {
    const test = createReviewing();
    const [mine, other] = [openBrowser(test), openBrowser(test)];
    const ended = [await mine.signIn(AT_SHOP), await other.signIn(AT_SHOP)];
    const kept = await mine.signIn(AT_APP);

    const answer = await press(mine, (await findApplication(mine, 'Corner <Shop>')).handle);

    expect(answer.status).toBe(303);
    expect(answer.location).toMatch(/^https:\/\/op\.example\/a\/review\?done=[\w-]+$/);
    const shown = await follow(mine, answer);
    expect(noticeOf(shown.page)).toEqual({ kind: 'application', clientName: 'Corner <Shop>' });
    expect(namesOf(shown)).toEqual(['app']);
    for (const { access_token, refresh_token } of ended) {
      expect((await test.userinfo(access_token)).status).toBe(401);
      expect((await test.refresh(refresh_token, {}, 'shop')).json['error']).toBe('invalid_grant');
    }
    expect((await test.userinfo(kept.access_token)).status).toBe(200);
    expect(endedOf(test)).toEqual([
      ['shop', 'withdrawn'],
      ['shop', 'withdrawn'],
    ]);
  });

  it('tells its client of each session, once, by the back channel', async () => {
    const test = createReviewing();
    const [mine, other] = [openBrowser(test), openBrowser(test)];
    const sids = new Set<unknown>();
    for (const browser of [mine, mine, other]) {
      sids.add(claimsOf((await browser.signIn(AT_SHOP)).id_token)['sid']);
    }
    await mine.signIn(AT_APP);

    await press(mine, (await findApplication(mine, 'Corner <Shop>')).handle);
    await test.receivers.queue.drain(1000);

    const told = test.receivers.requests.map(({ url, body }) => {
      const { aud, sid } = claimsOf(String(body).replace('logout_token=', ''));
      return { url, aud, sid };
    });
    expect(told).toHaveLength(2);
    expect(new Set(told.map(({ sid }) => sid))).toEqual(sids);
    expect(told[0]).toMatchObject({ url: 'https://shop.example/backchannel', aud: 'shop' });
  });

  it('ends what one browser holds, and leaves the other signed in', async () => {
    const test = createReviewing();
    const [mine, other] = [openBrowser(test), openBrowser(test)];
    const kept = await mine.signIn(AT_SHOP);
    const gone = [await other.signIn(AT_SHOP), await other.signIn(AT_SHOP)];

    const { signIns } = await findApplication(mine);
    const there = signIns.find(({ where }) => where === 'browser');
    const answer = await press(mine, there?.handle ?? '');

    expect(noticeOf((await follow(mine, answer)).page)).toMatchObject({ kind: 'sign_in' });
    for (const { access_token } of gone) {
      expect((await test.userinfo(access_token)).status).toBe(401);
    }
    expect((await test.userinfo(kept.access_token)).status).toBe(200);
  });

  it('tells a device from the browser that let it in, and ends the one without the other', async () => {
    const both = makeClient('both', {
      grantTypes: ['authorization_code', 'refresh_token', DEVICE_CODE],
    });
    for (const kept of ['device', 'this_browser'] as const) {
      const test = createReviewing({ clients: [both] });
      const { browser } = test;
      const here = await browser.signIn({ client_id: 'both' });
      const { start, handleOf, send, poll } = withDevices(test);
      const { user_code, device_code } = await start({}, 'both');
      const shown = { handle: await handleOf(user_code), decision: 'allow' };
      await send(shown, identify('alice'), { session: browser.session });
      const there = (await poll(device_code, {}, 'both')).json;

      const { signIns } = await findApplication(browser, 'both');
      expect(signIns.map(({ where }) => where).sort()).toEqual(['device', 'this_browser']);
      const ended = signIns.find(({ where }) => where !== kept);
      await press(browser, ended?.handle ?? '');

      const statusOf = async (token: unknown) => (await test.userinfo(String(token))).status;
      const isKept = kept === 'device';
      expect(await statusOf(there['access_token'])).toBe(isKept ? 200 : 401);
      expect(await statusOf(here.access_token)).toBe(isKept ? 401 : 200);
    }
  });

  it('forgets what was agreed to, so that it is asked again', async () => {
    const test = createReviewing();
    await agree(test);
    await agree(test, { client_id: 'wiki', prompt: 'consent' });
    expect((await test.browser.authorize({ client_id: 'wiki' })).params.has('code')).toBe(true);

    await press(test.browser, (await findApplication(test.browser)).handle);

    expect((await test.browser.authorize({ client_id: 'wiki' })).page?.kind).toBe('consent');
    expect(test.events).toContainEqual(
      expect.objectContaining({ type: 'consent.withdrawn', clientId: 'wiki', subject: 'alice' }),
    );
    const silent = await test.browser.authorize({ client_id: 'wiki', prompt: 'none' });
    expect(silent.params.get('error')).toBe('consent_required');
  });

  it('asks before everything ends, and can be left', async () => {
    const test = createReviewing();
    const tokens = await test.browser.signIn(AT_SHOP);
    await agree(test);

    const asked = await test.browser.review({ all: '1' });
    expect(asked.page).toMatchObject({ kind: 'review_all', subject: 'alice' });
    if (asked.page?.kind !== 'review_all') throw new Error('no page that asks');
    const { clientNames, handle } = asked.page;
    expect(clientNames.toSorted()).toEqual(['Corner <Shop>', 'wiki']);
    const left = await press(test.browser, handle, { decision: 'keep' });
    expect(left.location).toBe('https://op.example/a/review');
    expect((await test.userinfo(tokens.access_token)).status).toBe(200);

    const answer = await press(test.browser, handle);
    const shown = await follow(test.browser, answer);

    expect(noticeOf(shown.page)).toEqual({ kind: 'everything' });
    expect(applicationsOf(shown)).toEqual([]);
    expect((await test.userinfo(tokens.access_token)).status).toBe(401);
    expect((await test.browser.review({ all: '1' })).page?.kind).toBe('review');
  });

  it('leaves nothing undone that it could not do at first: the button can be pressed again', async () => {
    const test = createReviewing();
    const tokens = await test.browser.signIn(AT_SHOP);
    const { handle } = await findApplication(test.browser);
    test.weather.down.add('endAllGranted');

    await expect(press(test.browser, handle)).rejects.toThrow('endAllGranted');
    expect((await test.userinfo(tokens.access_token)).status).toBe(200);
    test.weather.down.clear();
    const answer = await press(test.browser, handle);

    expect(answer.status).toBe(303);
    expect((await test.userinfo(tokens.access_token)).status).toBe(401);
  });

  it('says that it could not end all of it, having told the clients of what did end', async () => {
    const base = createReviewing();
    const { store } = base.deps;
    const failing = {
      ...store,
      endAllGranted: async (...args: Parameters<typeof store.endAllGranted>) => ({
        ...(await store.endAllGranted(...args)),
        isComplete: false,
      }),
    };
    const test = createReviewing({ deps: { store: failing } });
    await test.browser.signIn(AT_SHOP);

    const { handle } = await findApplication(test.browser);
    await expect(press(test.browser, handle)).rejects.toThrow('endAllGranted');
    await test.receivers.queue.drain(1000);

    expect(endedOf(test)).toEqual([['shop', 'withdrawn']]);
    expect(test.receivers.requests).toHaveLength(1);
  });
});

describe('the review: nobody is signed in', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of the configuration
  const loginUrl = 'https://proxy.example/start?rd=${url}';

  it('leads to the sign-in and back, in the language that was asked for', async () => {
    const { browser } = createReviewing({ policy: { loginUrl } });
    browser.identity = undefined;

    const { location } = await browser.review({ ui_locales: 'de', done: 'x', all: '1' });

    const back = new URL(new URL(location ?? '').searchParams.get('rd') ?? '');
    expect(back.origin + back.pathname).toBe('https://op.example/a/review');
    expect([...back.searchParams.keys()]).toEqual(['ui_locales', 'asteroid_login_attempt']);
    // Who comes back as nobody is not sent round again.
    const again = await browser.review(Object.fromEntries(back.searchParams));
    expect(again).toMatchObject({ status: 401, page: { kind: 'error', code: 'login_required' } });
    browser.identity = identify('alice');
    expect((await browser.review(Object.fromEntries(back.searchParams))).page?.kind).toBe('review');
  });

  it('says so where there is nowhere to sign in', async () => {
    const { browser } = createReviewing();
    browser.identity = undefined;

    expect(await browser.review()).toMatchObject({ status: 401, page: { kind: 'error' } });
  });

  it('keeps the language over a button, and nothing that is none', async () => {
    const test = createReviewing();
    await test.browser.signIn(AT_SHOP);
    const handleIn = async (ui_locales: string) =>
      applicationsOf(await test.browser.review({ ui_locales }))[0]?.handle ?? '';
    const [german, hostile] = [await handleIn('de fr'), await handleIn('de"><b>')];

    const keep = { decision: 'keep' };
    expect((await press(test.browser, german, keep)).location).toBe(
      'https://op.example/a/review?ui_locales=de%20fr',
    );
    expect((await press(test.browser, hostile, keep)).location).toBe('https://op.example/a/review');
  });
});
