import { describe, expect, vi } from 'vitest';
import { startApp } from './support/start-app.ts';
import { test } from './support/test.ts';

/** Logout tokens that end nothing. */
const LIES = [
  'logout_token.aud.wrong',
  'logout_token.typ.wrong',
  'logout_token.events.missing',
  'logout_token.nonce.present',
  'logout_token.subject.missing',
  'logout_token.jti.missing',
  'logout_token.signature.corrupt',
] as const;

describe('signing out', () => {
  test('ends the session here and at the issuer', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);

    const home = await browser.press(`${app.url}/logout`);

    expect(home.url).toBe(`${app.url}/`);
    expect(home.text).toContain('You are not signed in');
    expect(issuer).toHaveSeen({ step: 'endSession', client: 'web' });
  });

  test('at another application of the same issuer ends the session here', async ({
    app,
    browser,
    issuer,
    onTestFinished,
  }) => {
    const other = await startApp(issuer, 'other');
    onTestFinished(() => other.stop());
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);
    await browser.open(`${other.url}/login`);

    await browser.press(`${other.url}/logout`);

    // The issuer tells us in the back channel, and nobody waits for that.
    const isSignedOut = async (): Promise<void> => {
      const home = await browser.open(app.url);
      expect(home.text).toContain('You are not signed in');
    };
    await vi.waitFor(isSignedOut, { timeout: 20_000 });
  });

  test('is not believed of anybody but the issuer', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);
    const { id_token = '' } = await issuer.issue({ as: 'alice', client: 'web', scope: 'openid' });

    for (const token of ['', 'a.b.c', id_token]) {
      const body = new URLSearchParams({ logout_token: token });
      const answer = await fetch(`${app.url}/backchannel-logout`, { method: 'POST', body });
      expect(answer.status).toBe(400);
    }

    expect((await browser.open(app.url)).text).toContain('signed in as <strong>alice</strong>');
  });

  for (const lie of LIES) {
    test(`is not believed when the token has ${lie}`, async ({
      app,
      browser,
      issuer,
      onTestFinished,
    }) => {
      const other = await startApp(issuer, 'other');
      onTestFinished(() => other.stop());
      issuer.signIn('alice');
      await browser.open(`${app.url}/login`);
      await browser.open(`${other.url}/login`);
      issuer.faults.add({ do: lie });

      await browser.press(`${other.url}/logout`);

      await vi.waitFor(() => expect(app.log).not.toEqual([]), { timeout: 20_000 });
      expect(app.log[0]).toContain('back-channel logout');
      expect((await browser.open(app.url)).text).toContain('signed in as <strong>alice</strong>');
    });
  }
});
