import { describe, expect } from 'vitest';
import { askApi } from './support/api.ts';
import { AUDIENCE } from './support/start-app.ts';
import { test } from './support/test.ts';

const FOR_API = { as: 'alice', client: 'web', scope: 'openid api', resource: AUDIENCE };

/** Answers of the issuer that must sign nobody in, each once. */
const LIES = [
  'id_token.nonce.wrong',
  'id_token.iss.wrong',
  'id_token.aud.wrong',
  'id_token.exp.past',
  'id_token.signature.corrupt',
  'id_token.kid.unknown',
  'id_token.alg.none',
  'token.id_token.missing',
  'authorization.state.dropped',
  'authorization.state.changed',
  'authorization.iss.wrong',
] as const;

describe('a sign-in', () => {
  for (const lie of LIES) {
    test(`is refused for ${lie}, and the next one is none the worse`, async ({
      app,
      browser,
      issuer,
    }) => {
      issuer.signIn('alice');
      issuer.faults.once(lie);

      const page = await browser.open(`${app.url}/login`);
      const home = await browser.open(app.url);
      const again = await browser.open(`${app.url}/login`);

      expect(page.status).toBe(502);
      expect(page.text).toContain('We could not sign you in');
      expect(home.text).toContain('You are not signed in');
      expect(again.text).toContain('signed in as <strong>alice</strong>');
    });
  }

  test('says when to come back while the issuer has too much to do', async ({
    app,
    browser,
    issuer,
  }) => {
    issuer.signIn('alice');
    issuer.faults.once('token.status', { status: 503, retry_after: 7 });

    const page = await browser.open(`${app.url}/login`);

    expect(page.status).toBe(503);
    expect(page.headers.get('retry-after')).toBe('7');
    expect(page.text).toContain('not possible right now');
    expect(issuer).toHaveSeen({ step: 'token', status: 503 });
  });

  test('is possible once the issuer is there', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    issuer.faults.once('discovery.reset');

    const page = await browser.open(`${app.url}/login`);
    const again = await browser.open(`${app.url}/login`);

    expect(page.status).toBe(503);
    expect(again.text).toContain('signed in as <strong>alice</strong>');
  });
});

describe('a profile', () => {
  test('of somebody else is not shown', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);
    issuer.faults.once('userinfo.sub.wrong');

    const page = await browser.open(`${app.url}/profile`);

    expect(page.status).toBe(502);
    expect(page.text).not.toContain('alice@example.com');
  });

  test('is shown again when the access token was revoked, after another sign-in', async ({
    app,
    browser,
    issuer,
  }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);
    issuer.faults.once('userinfo.status', { status: 401 });

    const page = await browser.open(`${app.url}/profile`);

    expect(page.text).toContain('alice@example.com');
    expect(issuer.flows().filter(({ step }) => step === 'authorize')).toHaveLength(2);
  });
});

/** Access tokens that open nothing. */
const BAD_TOKENS = [
  'access_token.iss.wrong',
  'access_token.aud.wrong',
  'access_token.exp.past',
  'access_token.typ.wrong',
  'access_token.client_id.missing',
  'access_token.signature.corrupt',
  'access_token.kid.unknown',
  'access_token.alg.none',
] as const;

describe('the API', () => {
  for (const bad of BAD_TOKENS) {
    test(`refuses a token with ${bad}, and takes the next`, async ({ app, issuer }) => {
      issuer.faults.once(bad);
      const { access_token } = await issuer.issue(FOR_API);
      const next = await issuer.issue(FOR_API);

      expect((await askApi(app, access_token)).status).toBe(401);
      expect((await askApi(app, next.access_token)).status).toBe(200);
    });
  }

  test('blames no token when it cannot have the keys', async ({ app, issuer }) => {
    const { access_token } = await issuer.issue(FOR_API);
    issuer.faults.once('jwks.status', { status: 500 });

    const during = await askApi(app, access_token);
    const after = await askApi(app, access_token);

    expect([during.status, after.status]).toEqual([503, 200]);
  });
});

describe('the log', () => {
  test('says what was wrong, under the reference of the page, and no token', async ({
    app,
    browser,
    issuer,
  }) => {
    issuer.signIn('alice');
    issuer.faults.once('id_token.signature.corrupt');

    const page = await browser.open(`${app.url}/login`);

    const [, reference = ''] = /Reference: (\w+)/.exec(page.text) ?? [];
    expect(app.log).toEqual([expect.stringMatching(`^${reference} signature verification failed`)]);
    expect(app.log.join()).not.toContain('eyJ');
  });
});
