// Every page as people meet it: in a browser, in each language, in light and dark, small and large.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { screenshot, startChromium } from './chromium.ts';
import { authorizeUrl, HOSTILE, PAGES, type Site, startSite } from './people.ts';
import { cleanUp } from './rig.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LANGUAGES = [
  ['en', 'en'],
  ['de-AT', 'de'],
  ['fr', 'fr'],
  ['es-MX', 'es'],
  ['zh-CN', 'zh-Hans'],
] as const;

let browser: Browser;
let site: Site;
let copy: Page;

beforeAll(async () => {
  browser = await startChromium();
  site = await startSite(browser);
  copy = await browser.newPage();
});
afterAll(cleanUp);

/**
 * What axe has against the page, each with the elements that it is about. It is asked about a copy of what
 * somebody without scripts sees: axe is a script, and pages that go on by themselves would be gone.
 */
async function findViolations(
  page: Page,
  colorScheme: 'light' | 'dark',
): Promise<readonly string[]> {
  const seen = (await page.content()).replaceAll(/<script[\s\S]*?<\/script>|<\/?noscript>/g, '');
  await copy.emulateMedia({ colorScheme });
  await copy.setContent(seen.replaceAll(/<iframe[^>]*><\/iframe>/g, ''));
  await copy.evaluate(AXE);
  return copy.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** What does not fit at this width, and what is too small to be pressed. */
async function findMisfits(page: Page, width: number): Promise<readonly string[]> {
  await page.setViewportSize({ width, height: 800 });
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = scrollWidth > clientWidth ? [`${scrollWidth} px wide`] : [];
    const pressed = [...document.querySelectorAll('button, input:not([type="hidden"]), .button')];
    const small = pressed
      .filter((element) => element.getBoundingClientRect().height < 44)
      .map(({ outerHTML }) => `too low: ${outerHTML}`);
    const cut = pressed
      .filter(({ scrollWidth: inner, clientWidth: outer }) => inner > outer)
      .map(({ outerHTML }) => `cut off: ${outerHTML}`);
    return [...wide, ...small, ...cut];
  });
}

describe('every page, in Chromium', () => {
  for (const { name, visit, user } of PAGES) {
    it(`${name}: is seen in light and in dark, on a desk and in a hand`, async () => {
      const page = await site.open({ javaScriptEnabled: false, locale: 'en' }, user);
      await visit(page, site);

      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [1280, 360]) {
          await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
          const { path } = screenshot(`pages-${name}-${colorScheme}-${width}`);
          await page.screenshot({ path, fullPage: true });
        }
        expect(await findViolations(page, colorScheme)).toEqual([]);
      }
    });

    it(`${name}: says the same in every language, for everybody`, async () => {
      const texts = new Set<string>();
      for (const [locale, lang] of LANGUAGES) {
        const page = await site.open({ javaScriptEnabled: false, locale }, user);
        await visit(page, site);

        expect(await page.locator('html').getAttribute('lang')).toBe(lang);
        expect(await page.locator('h1').count()).toBe(1);
        expect(await page.locator('main').count()).toBe(1);
        expect(await findViolations(page, 'light')).toEqual([]);
        for (const width of [320, 360, 640]) expect(await findMisfits(page, width)).toEqual([]);
        texts.add(await page.locator('h1').innerText());
        if (locale !== 'en') {
          await page.setViewportSize({ width: 360, height: 740 });
          const { path } = screenshot(`pages-${name}-${lang}`);
          await page.screenshot({ path, fullPage: true });
        }
        await page.context().close();
      }
      expect(texts.size).toBe(LANGUAGES.length);
    });
  }
});
