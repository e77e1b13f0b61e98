import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { screenshot, startChromium } from './chromium.ts';
import { cookieOf, startAuthService, startNginx } from './nginx.ts';
import { cleanUp, onCleanUp, startAsteroid } from './rig.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const CLIENTS = `clients:
  - client_id: tv
    client_name: Television
    token_endpoint_auth_method: none
    grant_types: ["${DEVICE_CODE}", refresh_token]
`;

describe('the pages of devices behind nginx, in Chromium', () => {
  let browser: Browser;
  let origin: string;

  beforeAll(async () => {
    const listen = await findFreePort();
    origin = `http://127.0.0.1:${listen}`;
    const asteroid = await startAsteroid({ issuer: origin, clients: CLIENTS });
    await startNginx({ listen, auth: await startAuthService(), asteroid });
    browser = await startChromium();
  });
  afterAll(cleanUp);

  const post = async (path: string, form: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams({ client_id: 'tv', ...form });
    const response = await fetch(`${origin}${path}`, { method: 'POST', body });
    return (await response.json()) as Record<string, string>;
  };
  const start = () => post('/device_authorization', { scope: 'openid profile' });
  const poll = ({ device_code = '' }: Record<string, string>) =>
    post('/token', { grant_type: DEVICE_CODE, device_code });

  /** A browser in which alice has a session at the auth service, and which runs no script. */
  async function openContext(): Promise<BrowserContext> {
    const context = await browser.newContext({ javaScriptEnabled: false });
    onCleanUp(() => context.close());
    const [name = '', value = ''] = cookieOf('alice').split('=');
    await context.addCookies([{ name, value, url: origin }]);
    return context;
  }

  it('are answered with nothing but a keyboard', async () => {
    const device = await start();
    const page = await (await openContext()).newPage();
    await page.goto(device['verification_uri'] ?? '');
    await page.screenshot(screenshot('device-code'));

    await page.keyboard.press('Tab');
    if ((await page.locator('input:focus').count()) === 0) {
      await page.keyboard.press('Shift+Tab');
    }
    await page.keyboard.type((device['user_code'] ?? '').toLowerCase());
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /allow/i }).waitFor();
    const text = await page.locator('body').innerText();
    await page.screenshot(screenshot('device-confirm'));
    for (const word of ['Television', 'alice', device['user_code'] ?? 'none']) {
      expect(text).toContain(word);
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText(/go back to your device/i).waitFor();

    expect(await poll(device)).toHaveProperty('id_token');
  });

  it('decide nothing when a link is followed, and deny when alice does', async () => {
    const device = await start();
    const page = await (await openContext()).newPage();
    await page.goto(device['verification_uri_complete'] ?? '');

    expect(await poll(device)).toMatchObject({ error: 'authorization_pending' });
    await page.getByRole('button', { name: /^deny$/i }).click();
    await page
      .getByText(/was refused/i)
      .first()
      .waitFor();

    expect(await poll(device)).toMatchObject({ error: 'access_denied' });
  });

  it('ask again for a code that is none', async () => {
    const page = await (await openContext()).newPage();
    await page.goto(`${origin}/device`);

    await page.getByLabel(/enter the code/i).fill('BBBB-BBBB');
    await page.getByRole('button', { name: /continue/i }).click();

    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/no device waits/i);
  });
});
