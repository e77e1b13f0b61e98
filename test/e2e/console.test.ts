// The console as people meet it: in a browser, in light and dark, on a desk and in a hand, by keyboard alone.

import { createHash, randomBytes } from 'node:crypto';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { screenshot, startCallback, startChromium } from './chromium.ts';
import { cleanUp, startAsteroid, UPSTREAM_SECRET } from './rig.ts';

const TOKEN = `adm_${randomBytes(32).toString('base64url')}`;
const HASH = createHash('sha256').update(TOKEN).digest('base64').replace(/=+$/, '');

const HOSTILE = `<script>document.title='run'</script>"onmouseover='x' \u202e${'long'.repeat(60)}`;
const CLIENTS = `clients:
  - { client_id: shop, client_secret: a secret of the shop, client_name: ${JSON.stringify(HOSTILE)}, redirect_uris: ["https://rp.example/callback"] }`;
const MORE = `admin:
  tokens: [{ name: operator, hash: "$sha256$${HASH}", role: write }]
  console: { enabled: true }`;

const PAGES = [
  ...['', '/clients', '/client?client_id=shop', '/authorizations', '/sessions', '/users'],
  ...['/users?sub=alice', '/keys', '/audit', '/identity', '/configuration', '/do/rotate'],
];

let browser: Browser;
let origin = '';
let copy: Page;

beforeAll(async () => {
  browser = await startChromium();
  const asteroid = await startAsteroid({ clients: CLIENTS, more: MORE });
  origin = `http://127.0.0.1:${asteroid.admin}`;
  copy = await browser.newPage();
  // The longest words that the trail has.
  const headers = { Authorization: `Bearer ${TOKEN}` };
  expect((await fetch(`${origin}/admin/v1/reload`, { method: 'POST', headers })).status).toBe(200);
  await fetch(`${asteroid.issuer}/authorize?client_id=shop`, {
    redirect: 'manual',
    headers: { 'X-Asteroid-Upstream-Secret': UPSTREAM_SECRET, 'X-Authenticated-User': 'alice' },
  });
});
afterAll(cleanUp);

async function enter(colorScheme: 'light' | 'dark', width: number): Promise<Page> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
  await page.goto(`${origin}/console`);
  await page.fill('input[name=token]', TOKEN);
  await page.click('button');
  return page;
}

/** What axe has against a copy of it, since the page itself lets no script run. */
async function findViolations(
  page: Page,
  colorScheme: 'light' | 'dark',
): Promise<readonly string[]> {
  await copy.emulateMedia({ colorScheme });
  await copy.setContent(await page.content());
  await copy.evaluate(axe.source);
  return copy.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

describe('the console, in Chromium', () => {
  for (const scheme of ['light', 'dark'] as const) {
    it(`${scheme}: is for everybody, and fits on a desk and in a hand`, async () => {
      const wide = await enter(scheme, 1400);
      for (const path of PAGES) {
        await wide.goto(`${origin}/console${path}`);
        expect([path, await findViolations(wide, scheme)]).toEqual([path, []]);
        expect(await wide.title()).not.toBe('run');
        for (const width of [1400, 360]) {
          await wide.setViewportSize({ width, height: 800 });
          const [inner, outer] = await wide.evaluate(() => {
            const { scrollWidth, clientWidth } = document.documentElement;
            return [scrollWidth, clientWidth];
          });
          expect([path, width, inner]).toEqual([path, width, outer]);
          const name = `console${path.replaceAll(/[^a-z]+/g, '-')}-${scheme}-${width}`;
          await wide.screenshot({ ...screenshot(name), fullPage: true });
        }
      }
      await wide.close();
    });
  }

  it('is come to by a link of another site, without a second sign-in', async () => {
    const page = await enter('light', 1280);
    const { url } = await startCallback();
    for (const path of ['/console/keys', '/console/sign-in?next=/console/keys']) {
      await page.goto(url);
      const leave = (to: string) => {
        globalThis.location.href = to;
      };
      await page.evaluate(leave, `${origin}${path}`);
      await page.getByRole('heading', { name: 'Keys', exact: true }).waitFor();
      expect(page.url()).toBe(`${origin}/console/keys`);
    }
  });

  it('has nothing to go back to after a sign-out', async () => {
    const page = await enter('light', 1280);
    await page.goto(`${origin}/console/keys`);
    await page.click('text=Sign out');
    await page.waitForURL('**/console/sign-in?done=signed_out');
    await page.goBack();
    await page.waitForURL('**/console/sign-in**');
    expect(await page.locator('h1').innerText()).toBe('Sign in');
  });

  it('is walked through and acted from with nothing but a keyboard', async () => {
    const page = await enter('light', 1280);
    await page.goto(`${origin}/console/keys`);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to the page');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Rotate…');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/console/do/rotate');
    await tabTo(page, 'Add successors');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/console/keys?done=keys_rotated');
    expect(await page.getByRole('status').innerText()).toContain('Successors');
  });
});

/** Goes on with Tab until this has the focus, which can be seen there. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0 || (await focused.innerText()) !== text) continue;
    const outline = await focused.evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(outline).toBe('solid');
    return;
  }
  throw new Error(`${text} is not reached by Tab`);
}
