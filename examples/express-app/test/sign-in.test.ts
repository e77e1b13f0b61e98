import { describe, expect } from 'vitest';
import { openBrowser } from './support/browser.ts';
import { test } from './support/test.ts';

describe('signing in', () => {
  test('shows whoever signed in at the issuer, and only in that browser', async ({
    app,
    browser,
    issuer,
  }) => {
    issuer.signIn('alice');

    const home = await browser.open(`${app.url}/login`);
    const stranger = await openBrowser().open(app.url);

    expect(home.url).toBe(`${app.url}/`);
    expect(home.text).toContain('signed in as <strong>alice</strong>');
    expect(stranger.text).toContain('You are not signed in');
    expect(issuer).toHaveIssued({ sub: 'alice', client_id: 'web' });
  });

  test('leads to the page that somebody wanted to see', async ({ app, browser, issuer }) => {
    issuer.signIn('bob');

    const profile = await browser.open(`${app.url}/profile`);

    expect(profile.url).toBe(`${app.url}/profile`);
    expect(profile.text).toContain('bob@example.com');
  });

  test('leads nowhere else', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');

    const page = await browser.open(`${app.url}/login?return_to=https://evil.example/`);

    expect(page.url).toBe(`${app.url}/`);
  });

  test('asks for a code with PKCE, state and nonce', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);

    expect(issuer).toHaveSeen({
      step: 'authorize',
      request: {
        response_type: 'code',
        code_challenge_method: 'S256',
        code_challenge: expect.any(String),
        state: expect.any(String),
        nonce: expect.any(String),
      },
    });
  });

  test('is not possible with the answer for another browser', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    const stolen = await fetch(`${app.url}/login`, { redirect: 'manual' });
    const answer = await fetch(stolen.headers.get('location') ?? '', { redirect: 'manual' });

    const page = await browser.open(answer.headers.get('location') ?? '');

    expect(page.url).toBe(`${app.url}/`);
    expect(page.text).toContain('You are not signed in');
    expect(issuer).not.toHaveIssued();
  });
});
