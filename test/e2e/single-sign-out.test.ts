// Two applications, one sign-out, in a real browser: Chromium, nginx with auth_request, oauth2-proxy as
// the auth service, and behind it an identity provider of its own (asteroid dev, with its chooser).

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../support/free-port.ts';
import { screenshot, startChromium } from './chromium.ts';
import { startNginx } from './nginx.ts';
import { startAuthProxy, startIdentityProvider } from './oauth2-proxy.ts';
import { cleanUp, onCleanUp, startAsteroid } from './rig.ts';
import { startWebApp, type WebApp } from './web-app.ts';

describe('signing out in Chromium, behind nginx and oauth2-proxy (LO-1, LO-5, LO-6)', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let wiki: WebApp;
  let shop: WebApp;
  let issuer: string;

  beforeAll(async () => {
    [wiki, shop] = await Promise.all([startWebApp('wiki'), startWebApp('shop')]);
    const [listen = 0, auth = 0] = await findFreePorts(2);
    issuer = `http://localhost:${listen}`;
    const provider = await startIdentityProvider(`${issuer}/oauth2/callback`);
    const asteroid = await startAsteroid({
      issuer,
      clients: `clients:\n${wiki.metadata}${shop.metadata}`,
      upstream: 'preset: nginx-auth-request',
      more: 'outbound: { allow_private: [127.0.0.0/8, "::1/128"] }\n',
    });
    await startNginx({ listen, auth, asteroid, preset: 'nginx-auth-request' });
    await startAuthProxy({ port: auth, public: listen, provider });
    await Promise.all([wiki.connect(issuer), shop.connect(issuer)]);
    browser = await startChromium();
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    onCleanUp(() => context.close());
    page = await context.newPage();
  });
  afterAll(cleanUp);

  it('signs alice in once, at the identity provider, for both applications', async () => {
    await page.goto(`${wiki.origin}/login`);
    await page.getByRole('button', { name: /alice/i }).click();
    await page.waitForURL(`${wiki.origin}/`);
    expect(await page.locator('h1').innerText()).toBe('wiki: signed in as alice');

    await page.goto(`${shop.origin}/login`); // no question this time
    await page.waitForURL(`${shop.origin}/`);
    expect(await page.locator('h1').innerText()).toBe('shop: signed in as alice');
  });

  it('signs her out of both when she signs out of one, and brings her back where it asked', async () => {
    const cookies = (await context.cookies(issuer)).map(({ name }) => name);
    expect(cookies).toContain('_oauth2_proxy');

    await page.goto(`${wiki.origin}/logout`);
    await page.waitForURL(`${wiki.origin}/signed-out**`);

    expect(await page.locator('body').innerText()).toBe('goodbye: from here & back = again');
    expect(wiki.signedIn()).toEqual([]);
    expect(shop.signedIn()).toEqual([]);
  });

  it('told both in the back channel, with a token that a relying party can verify', async () => {
    for (const { logoutTokens, clientId } of [wiki, shop]) {
      await expect.poll(() => logoutTokens.length).toBe(1);
      expect(logoutTokens[0]).toMatchObject({ iss: issuer, aud: clientId, sub: 'alice' });
    }
    expect(wiki.logoutTokens[0]?.['sid']).toBe(shop.logoutTokens[0]?.['sid']);
  });

  it('told both in the front channel, with exactly iss and sid', () => {
    for (const { frontChannel, logoutTokens } of [wiki, shop]) {
      expect(frontChannel.map((query) => Object.fromEntries(query))).toEqual([
        { iss: issuer, sid: logoutTokens[0]?.['sid'] },
      ]);
    }
  });

  it('leaves refresh tokens dead', async () => {
    for (const { refreshTokens, refresh } of [wiki, shop]) {
      await expect(refresh(refreshTokens[0] ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
    }
  });

  it('ended the session of the proxy too: whoever comes next has to sign in', async () => {
    const cookies = (await context.cookies(issuer)).map(({ name }) => name);
    expect(cookies).not.toContain('_oauth2_proxy');

    // The identity provider has a session of its own, which nobody here may end.
    await context.clearCookies({ name: /asteroid-choice/ });
    await page.goto(`${wiki.origin}/login`);

    await page.getByRole('button', { name: /alice/i }).waitFor();
    expect(page.url()).not.toContain(issuer);
    await page.screenshot(screenshot('signed-out-of-the-proxy'));
  });

  it('asks before it signs out whoever was merely sent there', async () => {
    await page.getByRole('button', { name: /alice/i }).click();
    await page.waitForURL(`${wiki.origin}/`);

    await page.goto(`${issuer}/end_session`);
    await page.screenshot(screenshot('sign-out'));
    expect(wiki.signedIn()).toEqual(['alice']);
    await page.getByRole('button', { name: /sign out/i }).click();
    await page.waitForURL(`${issuer}/signed_out**`);
    await page.screenshot(screenshot('signed-out'));

    expect(wiki.signedIn()).toEqual([]);
  });
});
