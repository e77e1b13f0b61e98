import { describe, expect } from 'vitest';
import { test } from './support/test.ts';

describe('an access token', () => {
  test('is used as long as it lives', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);

    issuer.clock.advance('30m');
    const profile = await browser.open(`${app.url}/profile`);

    expect(profile.text).toContain('alice@example.com');
    expect(issuer).not.toHaveIssued({ grant_type: 'refresh_token' });
  });

  test('that expired is refreshed, and nobody notices', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);
    issuer.signOut();

    issuer.clock.advance('2h');
    const profile = await browser.open(`${app.url}/profile`);

    expect(profile.url).toBe(`${app.url}/profile`);
    expect(profile.text).toContain('alice@example.com');
    expect(issuer).toHaveIssued({ sub: 'alice', grant_type: 'refresh_token' });
  });

  test('is refreshed once, until it expires again', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);

    issuer.clock.advance('2h');
    await browser.open(`${app.url}/profile`);
    await browser.open(`${app.url}/profile`);
    issuer.clock.advance('2h');
    await browser.open(`${app.url}/profile`);

    const refreshed = issuer
      .flows()
      .filter(({ request }) => request['grant_type'] === 'refresh_token');
    expect(refreshed.map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe('a refresh token', () => {
  test('that the issuer refuses leads to the sign-in', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);

    // Longer than any refresh token of a session lives.
    issuer.clock.advance('10h');
    issuer.signIn('bob');
    const profile = await browser.open(`${app.url}/profile`);

    expect(issuer).toHaveSeen({ step: 'token', status: 400, error: 'invalid_grant' });
    expect(profile.text).toContain('bob@example.com');
  });

  test('of somebody who was removed is refused, and the session is over', async ({
    app,
    browser,
    issuer,
  }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);

    await issuer.users.remove('alice');
    issuer.signOut();
    issuer.clock.advance('2h');
    const page = await browser.open(`${app.url}/profile`);
    const home = await browser.open(app.url);

    expect(new URL(page.url).origin).toBe(new URL(issuer.url).origin);
    expect(home.text).toContain('You are not signed in');
  });
});
