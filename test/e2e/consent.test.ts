import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { type Callback, screenshot, startCallback, startChromium } from './chromium.ts';
import { cookieOf, startAuthService, startNginx } from './nginx.ts';
import { cleanUp, onCleanUp, startAsteroid } from './rig.ts';

const clientsOf = (callback: Callback): string => `clients:
  - client_id: shop
    client_secret: a secret of the shop
    client_name: Corner Shop
    redirect_uris: ["${callback.url}"]
    consent: always
`;

describe('the consent page behind nginx, in Chromium', () => {
  let browser: Browser;
  let callback: Callback;
  let origin: string;

  beforeAll(async () => {
    callback = await startCallback();
    const listen = await findFreePort();
    origin = `http://127.0.0.1:${listen}`;
    const asteroid = await startAsteroid({ issuer: origin, clients: clientsOf(callback) });
    await startNginx({ listen, auth: await startAuthService(), asteroid });
    browser = await startChromium();
  });
  afterAll(cleanUp);

  /** The page as alice sees it, who has a session at the auth service. */
  async function open(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    onCleanUp(() => context.close());
    const [name = '', value = ''] = cookieOf('alice').split('=');
    await context.addCookies([{ name, value, url: origin }]);
    const page = await context.newPage();
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'shop',
      redirect_uri: callback.url,
      scope: 'openid profile email',
      state: 'a state',
    });
    await page.goto(`${origin}/authorize?${query}`);
    return page;
  }

  it('names the client, the End-User and where the answer goes', async () => {
    const page = await open();

    await page.screenshot(screenshot('consent'));

    const text = await page.locator('body').innerText();
    for (const word of ['Corner Shop', 'alice', new URL(callback.url).host]) {
      expect(text).toContain(word);
    }
  });

  it('gives the client a code when alice allows it', async () => {
    const page = await open();
    const answer = callback.next();

    await page.getByRole('button', { name: /allow/i }).click();

    const params = await answer;
    expect(params.get('code')).toEqual(expect.any(String));
    expect(params.get('iss')).toBe(origin);
  });

  it('tells the client access_denied when alice denies it', async () => {
    const page = await open();
    const answer = callback.next();

    await page.getByRole('button', { name: /deny/i }).click();

    const params = await answer;
    expect([params.get('error'), params.has('code')]).toEqual(['access_denied', false]);
  });
});
