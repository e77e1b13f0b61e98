import { describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { openBrowser } from '../support/browser.ts';
import { createTestClock } from '../support/clock.ts';
import { identify } from '../support/requests.ts';
import {
  AFTER,
  createSigningOut,
  endedSids,
  hintOf,
  kindOf,
  type SigningOut,
} from '../support/signing-out.ts';
import { until } from '../support/until.ts';

/** Whether alice is signed in as far as we are concerned. */
const isIn = async ({ browser }: SigningOut) => (await browser.silently()) === 'signed in';

describe('the page that asks (LO-1)', () => {
  const open = async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn();
    const { page } = await test.browser.endSession();
    return { ...test, tokens, page };
  };

  it('lets alice stay', async () => {
    const test = await open();

    expect(kindOf((await test.browser.answerPage(test.page, 'stay')).page)).toBe('stayed');
    expect(await isIn(test)).toBe(true);
    expect(endedSids(test)).toEqual([]);
  });

  it('is answered once', async () => {
    const { browser, page } = await open();
    await browser.answerPage(page, 'stay');

    expect((await browser.answerPage(page)).json['reason']).toBe('handle_unknown');
  });

  it('is answered with one of its two buttons', async () => {
    const test = await open();

    expect((await test.browser.answerPage(test.page, 'x')).json['reason']).toBe('decision_unknown');
    expect((await test.browser.answerPage(test.page, '')).json['reason']).toBe('parameter_missing');
    expect(await isIn(test)).toBe(true);
  });

  it('is for her alone, whoever learns the handle', async () => {
    const test = await open();
    const bob = openBrowser(test, identify('bob'));
    await bob.signIn();

    expect((await bob.answerPage(test.page)).json).toMatchObject({
      error: 'access_denied',
      reason: 'another_subject',
    });
    expect(await isIn(test)).toBe(true);
    expect(kindOf((await test.browser.answerPage(test.page)).page)).toBe('signed_out');
  });

  it('cannot be made out of a request that a client had put aside, nor the other way round', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a slot of the operator's.
    const loginUrl = 'https://login.example/?back=${url}';
    const test = createSigningOut({ policy: { loginUrl } });
    await test.browser.signIn();
    test.browser.identity = undefined;
    const sealed = JSON.stringify({ subject: 'alice', sid: null, goTo: 'https://evil.example' });
    const asked = { sign_out: sealed, signed_out: sealed, prompt: 'login' };
    const back = new URL((await test.browser.authorize(asked)).params.get('back') ?? '');
    const handle = back.searchParams.get('asteroid_resume') ?? '';
    expect(handle).toMatch(/^pr_/);
    const forged = { kind: 'sign_out', handle } as never;
    expect((await test.browser.answerPage(forged)).json['reason']).toBe('handle_unknown');
    expect((await test.browser.signedOut({ asteroid_resume: handle })).location).toBeUndefined();
    const { page } = await test.browser.endSession();
    const own = page?.kind === 'sign_out' ? page.handle : '';

    expect((await test.browser.authorize({ asteroid_resume: own })).location).toBeUndefined();
    expect((await test.browser.signedOut({ asteroid_resume: own })).location).toBeUndefined();
  });

  it('says no name that only a cookie knows', async () => {
    const { browser } = await open();
    browser.identity = undefined;
    const { page } = await browser.endSession();

    expect(page).toMatchObject({ kind: 'sign_out', subject: undefined, clientName: undefined });
    expect(kindOf((await browser.answerPage(page)).page)).toBe('signed_out');
  });

  it('answered when nobody is signed in any more, has nothing left to do', async () => {
    const { browser, page } = await open();
    browser.identity = undefined;
    browser.session = undefined;

    expect(kindOf((await browser.answerPage(page)).page)).toBe('signed_out');
  });
});

describe('what is no sign-out (LO-1, LO-2)', () => {
  for (const [name, query, reason] of [
    ['a repeated parameter', { state: ['a', 'b'] }, 'parameter_repeated'],
    ['a repeated URI', { post_logout_redirect_uri: [AFTER, AFTER] }, 'parameter_repeated'],
    ['a state beyond all measure', { state: 's'.repeat(4097) }, 'parameter_too_long'],
  ] as const) {
    it(`${name} is refused where it stands`, async () => {
      const test = createSigningOut();
      const tokens = await test.browser.signIn({ client_id: 'rp' });
      const answer = await test.browser.endSession({ ...hintOf(tokens), ...query });

      expect(answer.json).toMatchObject({ error: 'invalid_request', reason });
      expect(await isIn(test)).toBe(true);
    });
  }

  it('a state of 4096 characters is', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    const state = 's'.repeat(4096);
    const query = { ...hintOf(tokens), post_logout_redirect_uri: AFTER, state };

    expect((await test.browser.endSession(query)).location).toBe(`${AFTER}?state=${state}`);
  });

  it('a page that is fetched ahead, or a picture, signs nobody out', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    for (const headers of [
      { 'sec-purpose': 'prefetch' },
      { purpose: 'prefetch' },
      { 'sec-fetch-dest': 'image' },
      { 'sec-fetch-dest': 'iframe' },
    ]) {
      const { location } = await test.browser.endSession(
        { ...hintOf(tokens), post_logout_redirect_uri: AFTER },
        { headers },
      );
      expect(location).toBeUndefined();
    }
    expect(await isIn(test)).toBe(true);
    const headers = { 'sec-fetch-dest': 'document' };
    await test.browser.endSession(hintOf(tokens), { headers });
    expect(await isIn(test)).toBe(false);
  });

  for (const verb of ['endSession', 'revoke', 'forgetSession'] as const) {
    it(`a store whose ${verb} does not answer leaves it undone, to be done again`, async () => {
      const test = createSigningOut();
      const tokens = await test.browser.signIn({ client_id: 'rp', scope: 'openid' });
      test.weather.down.add(verb);
      const query = { ...hintOf(tokens), post_logout_redirect_uri: AFTER };
      await expect(test.browser.endSession(query)).rejects.toThrow(verb);
      expect(test.receivers.requests).toEqual([]);
      test.weather.down.clear();
      const { location } = await test.browser.endSession(query);

      expect(location).toBe(AFTER);
      expect((await test.refresh(tokens.refresh_token, {}, 'rp')).status).toBe(400);
      expect(await isIn(test)).toBe(false);
    });
  }

  // Who registers chooses the algorithm: else one client could keep everybody who is signed in to it from signing out.
  for (const failures of [1, Number.POSITIVE_INFINITY]) {
    const told = failures === 1 ? 'is told once it can be made' : 'is on record as not told';
    it(`a key that cannot be made keeps nobody signed in, and its client ${told}`, async () => {
      const keys = createEphemeralKeys({ now: createTestClock() });
      let toFail = 0;
      const prepare: typeof keys.prepare = (alg) => {
        toFail -= 1;
        return toFail < 0 ? keys.prepare(alg) : Promise.reject(new Unavailable('keys', 'make'));
      };
      const test = createSigningOut({ deps: { keys: { ...keys, prepare } } });
      const tokens = await test.browser.signIn({ client_id: 'rp', scope: 'openid' });
      toFail = failures;
      const { location } = await test.browser.endSession({
        ...hintOf(tokens),
        post_logout_redirect_uri: AFTER,
      });

      expect(location).toBe(AFTER);
      const end = failures === 1 ? 'logout.delivered' : 'logout.failed';
      await until(() => test.events.some(({ type }) => type === end));
      expect(test.receivers.requests).toHaveLength(failures === 1 ? 1 : 0);
      toFail = 0;
      expect((await test.refresh(tokens.refresh_token, {}, 'rp')).status).toBe(400);
      expect(await isIn(test)).toBe(false);
    });
  }
});
