// What somebody granted, seen and ended in a real browser without scripts, behind nginx: two applications, of
// which each hears of it from server to server.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { screenshot, startChromium } from './chromium.ts';
import { cookieOf, startAuthService, startNginx } from './nginx.ts';
import { cleanUp, onCleanUp, startAsteroid } from './rig.ts';
import { startWebApp, type WebApp } from './web-app.ts';

describe('the review behind nginx, in Chromium', () => {
  let browser: Browser;
  let wiki: WebApp;
  let shop: WebApp;
  let origin: string;
  let alice: Page;

  beforeAll(async () => {
    [wiki, shop] = await Promise.all([startWebApp('wiki'), startWebApp('shop')]);
    const listen = await findFreePort();
    origin = `http://localhost:${listen}`;
    const asteroid = await startAsteroid({
      issuer: origin,
      clients: `clients:\n${wiki.metadata}${shop.metadata}`,
      more: 'outbound: { allow_private: [127.0.0.0/8, "::1/128"] }\n',
    });
    await startNginx({ listen, auth: await startAuthService(), asteroid });
    await Promise.all([wiki.connect(origin), shop.connect(origin)]);
    browser = await startChromium();
    alice = await (await openAs('alice')).newPage();
  });
  afterAll(cleanUp);

  /** A browser without scripts, whose session at the auth service is that of somebody. */
  async function openAs(user: 'alice' | 'bob'): Promise<BrowserContext> {
    const context = await browser.newContext({
      javaScriptEnabled: false,
      locale: 'en',
      viewport: { width: 900, height: 900 },
    });
    onCleanUp(() => context.close());
    const [name = '', value = ''] = cookieOf(user).split('=');
    await context.addCookies([{ name, value, url: origin }]);
    return context;
  }

  async function signIn(page: Page, app: WebApp): Promise<void> {
    await page.goto(`${app.origin}/login`);
    await page.waitForURL(`${app.origin}/`);
  }

  const textOf = (page: Page): Promise<string> => page.locator('main').innerText();

  it('shows nothing where nothing was granted', async () => {
    await alice.goto(`${origin}/review`);
    await alice.screenshot(screenshot('review-empty'));

    expect(await textOf(alice)).toContain('No application');
    expect(await alice.locator('form, a.button').count()).toBe(0);
  });

  it('shows both applications, what they may use, and when they did', async () => {
    await signIn(alice, wiki);
    await signIn(alice, shop);
    await signIn(await (await openAs('alice')).newPage(), shop);
    await alice.goto(`${origin}/review`);
    await alice.screenshot({ ...screenshot('review'), fullPage: true });

    const text = await textOf(alice);
    for (const part of ['alice', 'wiki', 'shop', new URL(wiki.origin).host, 'UTC']) {
      expect(text).toContain(part);
    }
    const year = String(new Date().getUTCFullYear());
    expect(await alice.locator('time').first().innerText()).toContain(year);
    await alice.getByText(/where you are signed in: 2/i).click();
    await alice.screenshot({ ...screenshot('review-places'), fullPage: true });
    expect(await textOf(alice)).toContain('This browser');
  });

  it('shows bob nothing of that, and lets him end nothing of it', async () => {
    const bob = await (await openAs('bob')).newPage();
    await bob.goto(`${origin}/review`);
    expect(await textOf(bob)).not.toContain('wiki');

    const handle = await alice.locator('form input[name=handle]').last().getAttribute('value');
    const answer = await bob.request.post(`${origin}/review`, {
      form: { handle: handle ?? '', decision: 'end' },
    });

    expect(answer.status()).toBe(403);
    expect([wiki.signedIn(), shop.signedIn()]).toEqual([['alice'], ['alice', 'alice']]);
  });

  it('ends what one browser holds, and then all of the application, which hears of it', async () => {
    await alice.goto(`${origin}/review`);
    const places = alice.locator('details:not(.access)');
    await places.locator('summary').click();
    await places
      .getByRole('listitem')
      .filter({ hasText: 'A browser' })
      .getByRole('button', { name: /sign out there/i })
      .click();
    await alice.waitForURL(`${origin}/review?done=*`);
    await expect.poll(() => shop.signedIn()).toEqual(['alice']);

    await alice.getByRole('button', { name: /sign out of shop/i }).click();
    await alice.getByRole('status').waitFor();
    await alice.screenshot({ ...screenshot('review-ended'), fullPage: true });

    expect(await alice.getByRole('status').innerText()).toContain('signed out of shop');
    await expect.poll(() => shop.signedIn()).toEqual([]);
    expect(wiki.signedIn()).toEqual(['alice']);
    expect(shop.logoutTokens.map(({ sub }) => sub)).toEqual(['alice', 'alice']);
    for (const token of shop.refreshTokens) {
      await expect(shop.refresh(token)).rejects.toMatchObject({ error: 'invalid_grant' });
    }
  });

  it('asks before it ends everything, and changes nothing where the answer is no', async () => {
    await signIn(alice, shop);
    await alice.goto(`${origin}/review`);
    await alice.getByRole('link', { name: /sign out of all/i }).click();
    await alice.screenshot({ ...screenshot('review-all'), fullPage: true });
    await alice.getByRole('button', { name: /change nothing/i }).click();
    expect([wiki.signedIn(), shop.signedIn()]).toEqual([['alice'], ['alice']]);

    await alice.getByRole('link', { name: /sign out of all/i }).click();
    await alice.getByRole('button', { name: /sign out of all of them/i }).click();

    await expect.poll(() => [wiki.signedIn(), shop.signedIn()]).toEqual([[], []]);
    expect(await textOf(alice)).toContain('No application');
    await alice.reload();
    expect(await textOf(alice)).toContain('No application');
  });

  it('is not shown inside of another page', async () => {
    await alice.goto(`${origin}/review`);
    const answer = await alice.request.get(`${origin}/review`, {
      headers: { 'Sec-Fetch-Dest': 'iframe' },
    });

    expect(answer.status()).toBe(400);
    expect(answer.headers()['x-frame-options']).toBe('DENY');
  });
});
