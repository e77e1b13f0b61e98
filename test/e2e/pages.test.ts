// Every page as people meet it: in a browser, in each language, in light and dark, small and large.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepPicture, screenshot, startChromium } from './chromium.ts';
import { authorizeUrl, HOSTILE, MANY, type Met, PAGES, type Site, startSite } from './people.ts';
import { cleanUp, temporaryFolder } from './rig.ts';

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
  // It stays through every `setContent`, which writes into the same window.
  await copy.setContent('<!doctype html>');
  await copy.evaluate(axe.source);
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
  return copy.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** What everybody hears of a page first, whoever reads it to them. */
const readDocument = (page: Page) =>
  page.evaluate(() => ({
    lang: document.documentElement.lang,
    mains: document.querySelectorAll('main').length,
    headings: [...document.querySelectorAll('h1')].map(({ innerText }) => innerText),
  }));

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
          await keepPicture(page, `pages-${name}-${colorScheme}-${width}`, width);
        }
        expect(await findViolations(page, colorScheme)).toEqual([]);
      }
    });

    it(`${name}: says the same in every language, for everybody`, async () => {
      const texts = new Set<string>();
      for (const [locale, lang] of LANGUAGES) {
        const page = await site.open({ javaScriptEnabled: false, locale }, user);
        await visit(page, site);

        const { headings, ...document } = await readDocument(page);
        expect(document).toEqual({ lang, mains: 1 });
        expect(headings).toHaveLength(1);
        expect(await findViolations(page, 'light')).toEqual([]);
        for (const width of [320, 360, 640]) expect(await findMisfits(page, width)).toEqual([]);
        texts.add(headings.join());
        if (locale !== 'en') await keepPicture(page, `pages-${name}-${lang}`, 360);
        await page.context().close();
      }
      expect(texts.size).toBe(LANGUAGES.length);
    });
  }
});

const metAs = (name: string): Met => {
  const met = PAGES.find((one) => one.name === name);
  if (met === undefined) throw new Error(`there is no page ${name}`);
  return met;
};

describe('a review of thirty applications', () => {
  it('tells them apart at a glance, and opens what each may see', async () => {
    const page = await site.open({ javaScriptEnabled: false, locale: 'en' }, 'alice-#');
    for (const client_id of MANY) {
      await page.goto(authorizeUrl(site, { client_id, prompt: '', scope: 'openid profile' }));
    }
    await page.goto(`${site.issuer}/review`);

    expect(await page.locator('.app').count()).toBe(MANY.length);
    expect(await page.locator('.asked').first().isVisible()).toBe(false);
    await page.locator('summary').first().click();
    expect(await page.locator('.asked').first().isVisible()).toBe(true);
    expect(await findViolations(page, 'light')).toEqual([]);
    for (const width of [320, 1280]) {
      expect(await findMisfits(page, width)).toEqual([]);
      await page.screenshot({ ...screenshot(`pages-review-many-${width}`), fullPage: true });
    }
  });
});

/** Goes on with Tab until this has the focus, which can be seen there; fails when it never has. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 20; presses += 1) {
    const focused = page.locator(`${selector}:focus`);
    if ((await focused.count()) === 1) {
      const { outlineStyle } = await focused.evaluate((element) => getComputedStyle(element));
      expect(outlineStyle).toBe('solid');
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`${selector} is not reached by Tab`);
}

describe('with nothing but a keyboard', () => {
  it('somebody allows a client', async () => {
    const page = await site.open({ locale: 'en' });
    await page.goto(authorizeUrl(site));

    await tabTo(page, 'button[value="allow"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${site.elsewhere}/**`);

    expect(new URL(page.url()).searchParams.get('code')).not.toBeNull();
  });

  it('somebody goes through the links of the client before its buttons, in that order', async () => {
    const page = await site.open({ locale: 'en' });
    await page.goto(authorizeUrl(site));
    const order: string[] = [];
    for (let presses = 0; presses < 5; presses += 1) {
      await page.keyboard.press('Tab');
      order.push(await page.locator(':focus').evaluate((element) => element.textContent ?? ''));
    }

    expect(order.map((text) => text.replace(' (opens in a new tab)', ''))).toEqual([
      ...['Home page', 'Privacy policy', 'Terms of service'],
      ...['Allow', 'Deny'],
    ]);
  });

  it('somebody types the code of a device, and connects it', async () => {
    const code = await site.startDevice();
    const page = await site.open({ locale: 'en' }, 'alice-#');
    await page.goto(`${site.issuer}/device`);

    await tabTo(page, '#user_code');
    await page.keyboard.type(code.toLowerCase());
    await page.keyboard.press('Enter');
    await page.locator('.code').waitFor();
    await tabTo(page, 'button[value="allow"]');
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'The device is connected' }).waitFor();
  });

  it('somebody stays who they are', async () => {
    const page = await site.open({ locale: 'en' });
    await page.goto(authorizeUrl(site, { client_id: 'framed', prompt: 'select_account' }));

    await tabTo(page, 'button[value="continue"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${site.elsewhere}/**`);

    expect(new URL(page.url()).searchParams.get('code')).not.toBeNull();
  });

  it('somebody says who they want to be', async () => {
    const page = await site.open({ locale: 'en' });
    await metAs('chooser').visit(page, site);

    await tabTo(page, 'button[value="bob"]');
    await page.keyboard.press('Enter');
    await tabTo(page, 'button[value="allow"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${site.elsewhere}/**`);

    expect(new URL(page.url()).searchParams.get('code')).not.toBeNull();
  });

  it('somebody looks at what an application may see, and signs out of it', async () => {
    const page = await site.open({ locale: 'en' });
    await metAs('review-dev').visit(page, site);

    await tabTo(page, 'summary');
    await page.keyboard.press('Enter');
    expect(await page.locator('.asked').isVisible()).toBe(false);
    await tabTo(page, 'button[value="end"]');
    await page.keyboard.press('Enter');

    await page.getByRole('status').waitFor();
    expect(await page.locator('.app').count()).toBe(0);
  });

  it('somebody signs out', async () => {
    const page = await site.open({ locale: 'en' });
    await page.goto(`${site.issuer}/end_session`);

    await tabTo(page, 'button[value="sign_out"]');
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  });
});

describe('what others try with our pages (CO-1, CO-2, CO-3)', () => {
  for (const name of [
    ...['consent', 'account', 'chooser', 'device-code', 'sign-out', 'error-entrance'],
    ...['error-client', 'review', 'review-all', 'review-empty', 'review-ended', 'review-dev'],
  ]) {
    it(`${name}: is shown on its own, and never in a frame of theirs`, async () => {
      const { visit, user } = metAs(name);
      const page = await site.open({ locale: 'en' }, user);
      await visit(page, site);
      const url = page.url();
      expect(await page.locator('main').count()).toBe(1);

      await page.goto(site.elsewhere);
      await page.setContent(`<iframe src="${url.replaceAll('&', '&amp;')}" width="600"></iframe>`);
      await page.waitForLoadState('networkidle');

      const inside = page.frames().filter((frame) => frame !== page.mainFrame());
      expect(inside).toHaveLength(1);
      for (const frame of inside) expect(await frame.locator('main').count()).toBe(0);
    });
  }

  for (const [name, button, then] of [
    ['consent', 'allow', 'elsewhere'],
    ['account', 'continue', 'Corner Shop'],
    ['chooser', 'alice', 'Corner Shop'],
    ['chooser-wrong', 'enter', 'Sign in to Corner Shop'],
    ['device', 'allow', 'The device is connected'],
    ['review-dev', 'end', 'You are signed out of'],
    ['review-all', 'end', 'You are signed out of all'],
    ['sign-out', 'sign_out', 'You are signed out'],
  ] as const) {
    it(`${name}: its form is refused from another site, and taken from ours`, async () => {
      const { visit, user } = metAs(name);
      const page = await site.open({ locale: 'en' }, user);
      await visit(page, site);
      const theirs = await page
        .locator('form', { has: page.locator(`button[value="${button}"]`) })
        .first()
        .evaluate((form: HTMLFormElement) => {
          const copied = form.cloneNode(true) as HTMLFormElement;
          copied.action = form.action;
          return copied.outerHTML;
        });

      const other = await page.context().newPage();
      await other.goto(site.elsewhere);
      await other.setContent(theirs);
      await other.locator(`button[value="${button}"]`).first().click();
      await other.getByRole('heading', { name: 'That came from another website' }).waitFor();

      await page.locator(`button[value="${button}"]:visible`).first().click();
      await page.getByText(then).first().waitFor();
      expect(await page.getByText('another website').count()).toBe(0);
    });
  }

  for (const [locale] of LANGUAGES) {
    it(`${locale}: a name that would run does not, and loads nothing`, async () => {
      const page = await site.open({ locale });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      const url = authorizeUrl(site, { client_id: 'hostile' });
      await page.goto(url);

      expect(await page.locator('h1').innerText()).toContain(HOSTILE);
      expect(await page.title()).toContain('<script>');
      expect(await page.locator('script, main img').count()).toBe(0);
      expect(asked.filter((one) => !one.startsWith('data:'))).toEqual([url]);
    });
  }
});

describe('a reader who wants something else', () => {
  it('sees what can be pressed in the colours of their system', async () => {
    const page = await site.open({ locale: 'en', forcedColors: 'active' });
    await page.goto(authorizeUrl(site));
    await page.screenshot({ ...screenshot('pages-consent-forced-colors'), fullPage: true });

    const widths = await page.locator('main button').evaluateAll((buttons) =>
      buttons.map((button) => {
        const { borderTopWidth, borderTopColor, backgroundColor } = getComputedStyle(button);
        return borderTopWidth !== '0px' && borderTopColor !== backgroundColor;
      }),
    );
    expect(widths).toEqual([true, true]);
  });

  it('sees nothing move that they want to stand still', async () => {
    const page = await site.open({ locale: 'en', reducedMotion: 'reduce' });
    await page.goto(authorizeUrl(site));
    const durations = () =>
      page
        .locator('main button')
        .first()
        .evaluate((button) => getComputedStyle(button).transitionDuration);

    expect(await durations()).toBe('0s');
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await durations()).toContain('0.12s');
  });
});

describe('the pages of an operator', () => {
  const TEMPLATE = `<!doctype html>
<html lang="{{lang}}" dir="{{dir}}">
<head>
{{head}}
{{style}}
<style>body { background: rgb(250, 240, 230); }</style>
</head>
<body>
<div class="ours">{{brand}}</div>
{{main}}
{{links}}
</body>
</html>
`;

  it('are their document, in which nothing else counts for less, and change when the file does', async () => {
    const file = path.join(temporaryFolder(), 'page.html');
    writeFileSync(file, TEMPLATE);
    const accent = 'accent: { light: "#ffd400" }';
    const own = await startSite(
      browser,
      `pages: { name: Ours, template_file: ${file}, ${accent} }\n`,
    );
    const page = await own.open({ locale: 'de' });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.goto(authorizeUrl(own, { client_id: 'hostile', scope: 'openid' }));
    await page.screenshot({ ...screenshot('pages-template'), fullPage: true });

    expect(await background()).toBe('rgb(250, 240, 230)');
    expect(await page.locator('.ours').innerText()).toBe('Ours');
    expect(await page.locator('h1').innerText()).toContain(HOSTILE);
    expect(await page.locator('script').count()).toBe(0);
    expect(await findViolations(page, 'light')).toEqual([]);

    writeFileSync(file, TEMPLATE.replace('rgb(250, 240, 230)', 'rgb(230, 250, 240)'));
    await expect
      .poll(
        async () => {
          await page.reload();
          return background();
        },
        { timeout: 20_000 },
      )
      .toBe('rgb(230, 250, 240)');
    await page.locator('button[value="deny"]').click();
    await page.waitForURL(`${own.elsewhere}/**`);
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
  });
});
