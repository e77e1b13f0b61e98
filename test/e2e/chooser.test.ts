import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../support/free-port.ts';
import { type Callback, screenshot, startCallback, startChromium } from './chromium.ts';
import { ask, cleanUp, onCleanUp, PROGRAM, start, temporaryFolder } from './rig.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

const authorizeUrl = (issuer: string, callback: Callback, more = {}): string =>
  `${issuer}/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: 'shop',
    redirect_uri: callback.url,
    scope: 'openid profile email groups',
    state: 'a state',
    nonce: crypto.randomUUID(),
    ...more,
  })}`;

/** The address of an issuer that knows the client of this test, alice, bob and two hundred others. */
async function startDev(callback: Callback): Promise<string> {
  const home = temporaryFolder();
  writeFileSync(
    path.join(home, 'clients.yaml'),
    `clients:
  - { client_id: shop, client_secret: a secret of the shop, client_name: Corner Shop, redirect_uris: ["${callback.url}"], post_logout_redirect_uris: ["${callback.url}"], allow_iframe: true }
  - { client_id: tv, client_name: Television, token_endpoint_auth_method: none, grant_types: ["${DEVICE_CODE}"] }
`,
  );
  const others = Array.from({ length: 200 }, (_, n) => `  - sub: u${n}\n    name: Person ${n}\n`);
  writeFileSync(
    path.join(home, 'users.yaml'),
    `users:
  - { sub: alice, name: Alice Example, email: alice@example.test, email_verified: true, groups: [staff] }
  - { sub: bob, name: Bob Example }
${others.join('')}`,
  );
  const [port = 0, admin = 0] = await findFreePorts(2);
  const args = [PROGRAM, 'dev', '--port', `${port}`, '--admin-port', `${admin}`];
  await start(process.execPath, args, { port, cwd: home });
  return `http://localhost:${port}`;
}

describe('the chooser of asteroid dev, in Chromium', () => {
  let browser: Browser;
  let callback: Callback;
  let issuer: string;
  let page: Page;

  beforeAll(async () => {
    callback = await startCallback();
    issuer = await startDev(callback);
    browser = await startChromium();
  });
  afterAll(cleanUp);

  /** A browser of its own, without script unless the test says otherwise. */
  const open = async (more: object = {}, options: BrowserContextOptions = {}): Promise<void> => {
    const context = await browser.newContext({
      viewport: { width: 900, height: 700 },
      javaScriptEnabled: false,
      ...options,
    });
    onCleanUp(() => context.close());
    page = await context.newPage();
    await page.goto(authorizeUrl(issuer, callback, more));
  };

  const visit = async (more: object): Promise<URLSearchParams> => {
    const answer = callback.next();
    await page.goto(authorizeUrl(issuer, callback, more));
    return answer;
  };

  const clickUser = async (name: RegExp): Promise<URLSearchParams> => {
    const answer = callback.next();
    await page.getByRole('button', { name }).click();
    return answer;
  };

  async function redeem(params: URLSearchParams): Promise<Record<string, unknown>> {
    const basic = Buffer.from(`shop:${encodeURIComponent('a secret of the shop')}`);
    const tokens = await ask(`${issuer}/token`, {
      headers: { Authorization: `Basic ${basic.toString('base64')}` },
      form: {
        grant_type: 'authorization_code',
        code: params.get('code') ?? '',
        redirect_uri: callback.url,
      },
    });
    expect(tokens.status).toBe(200);
    const { id_token } = JSON.parse(tokens.body);
    const [, claims = ''] = id_token.split('.');
    return { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), id_token };
  }

  it('names the client and everybody in users.yaml, and scrolls', async () => {
    const problems: string[] = [];
    await open();
    page.on('console', (message) => problems.push(message.text()));
    await page.reload();

    await page.screenshot(screenshot('chooser'));
    const text = await page.locator('body').innerText();

    for (const word of ['Corner Shop', 'Alice Example', 'Bob Example', 'Person 199'])
      expect(text).toContain(word);
    const list = await page.locator('.people').boundingBox();
    expect(list?.height).toBeLessThan(500);
    expect(problems).toEqual([]);
  });

  it('signs alice in on a click, keeps her, and renews in silence', async () => {
    await open();
    const first = await redeem(await clickUser(/alice/i));
    const silent = await redeem(await visit({ prompt: 'none' }));
    const another = await visit({});

    expect(first).toMatchObject({ iss: issuer, sub: 'alice', name: 'Alice Example' });
    expect(silent['auth_time']).toBe(first['auth_time']);
    expect(another.get('state')).toBe('a state');
    expect(another.get('iss')).toBe(issuer);
    expect((await redeem(another))['sub']).toBe('alice');
  });

  it('renews in a frame of a client on the same machine', async () => {
    await open({}, { javaScriptEnabled: true });
    await clickUser(/alice/i);
    const renew = async (): Promise<URLSearchParams> => {
      const answer = callback.next();
      await page.evaluate(
        (src) => {
          const frame = document.createElement('iframe');
          frame.src = src;
          document.body.append(frame);
        },
        authorizeUrl(issuer, callback, { prompt: 'none' }),
      );
      return answer;
    };

    expect((await redeem(await renew()))['sub']).toBe('alice');
    await page.context().clearCookies();
    expect((await renew()).get('error')).toBe('login_required');
  });

  it('forgets alice when she signs out, and takes bob', async () => {
    await open();
    const { id_token } = await redeem(await clickUser(/alice/i));
    const out = new URLSearchParams({
      id_token_hint: String(id_token),
      post_logout_redirect_uri: callback.url,
    });
    const left = callback.next();
    await page.goto(`${issuer}/end_session?${out}`);
    await left;

    expect((await visit({ prompt: 'none' })).get('error')).toBe('login_required');
    await page.goto(authorizeUrl(issuer, callback));
    expect((await redeem(await clickUser(/bob/i)))['sub']).toBe('bob');
  });

  it('signs alice in again for prompt=login, and somebody else for select_account', async () => {
    await open();
    const first = await redeem(await clickUser(/alice/i));
    await page.goto(authorizeUrl(issuer, callback, { prompt: 'login' }));
    const again = await redeem(await clickUser(/alice/i));
    expect(Number(again['auth_time'])).toBeGreaterThan(Number(first['auth_time']));

    await page.goto(authorizeUrl(issuer, callback, { prompt: 'select_account' }));
    await page.screenshot(screenshot('chooser-account'));
    await page.getByRole('button', { name: /another account/i }).click();
    expect((await redeem(await clickUser(/bob/i)))['sub']).toBe('bob');
  });

  it('tells the client access_denied when nobody is chosen', async () => {
    await open();
    const params = await clickUser(/deny/i);

    expect(params.get('error')).toBe('access_denied');
    expect(params.get('state')).toBe('a state');
    expect(params.has('code')).toBe(false);
  });

  it('takes claims that are typed, says what is wrong beside them, and loses nothing', async () => {
    await open({ login_hint: 'carol' });
    expect(await page.getByLabel('Subject').inputValue()).toBe('carol');
    await page.getByLabel('Email address').fill('carol at home');
    await page.getByLabel('Groups').fill('board, sales');
    await page.getByLabel('Other claims').fill('{"locale": "fr-CH"}');
    await page.getByRole('button', { name: /with these claims/i }).click();
    await page.getByRole('alert').waitFor();
    await page.screenshot({ ...screenshot('chooser-wrong'), fullPage: true });
    expect(await page.getByRole('alert').innerText()).toMatch(/an email address/);
    expect(await page.getByLabel('Groups').inputValue()).toBe('board, sales');

    await page.getByLabel('Email address').fill('carol@example.test');
    expect(await redeem(await clickUser(/with these claims/i))).toMatchObject({
      ...{ sub: 'carol', email: 'carol@example.test', groups: ['board', 'sales'] },
      locale: 'fr-CH',
    });
  });

  it('begins with the claims of whoever is edited', async () => {
    await open();
    await page.locator('.row', { hasText: 'Alice' }).getByRole('button', { name: 'Edit' }).click();
    expect(await page.getByLabel('Email address').inputValue()).toBe('alice@example.test');
    await page.getByLabel('Groups').fill('');
    await page.screenshot({ ...screenshot('chooser-edit'), fullPage: true });

    const claims = await redeem(await clickUser(/with these claims/i));

    expect(claims).toMatchObject({ sub: 'alice', email_verified: true });
    expect(claims).not.toHaveProperty('groups');
  });

  it('finds one of two hundred, and is used with nothing but a keyboard', async () => {
    await open();
    const tab = async (to: string): Promise<void> => {
      for (let step = 0; step < 12; step += 1) {
        await page.keyboard.press('Tab');
        if ((await page.locator(`${to}:focus`).count()) > 0) return;
      }
      throw new Error(`${to} is not reached`);
    };
    await tab('#q');
    await page.keyboard.type('person 17');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=person/);
    await tab('button[name="user"]');
    await page.screenshot(screenshot('chooser-found'));
    const answer = callback.next();
    await page.keyboard.press('Enter');

    expect((await redeem(await answer))['sub']).toBe('u17');
  });

  it('lets a device in without any header', async () => {
    const started = await ask(`${issuer}/device_authorization`, {
      form: { client_id: 'tv', scope: 'openid' },
    });
    const device = JSON.parse(started.body);
    await open();
    await page.goto(device.verification_uri_complete);
    await page.getByRole('button', { name: /alice/i }).click();
    await page.getByRole('button', { name: /allow/i }).click();
    await page.getByText(/go back to your device/i).waitFor();

    const form = {
      ...{ grant_type: DEVICE_CODE, client_id: 'tv', device_code: device.device_code },
    };
    expect(JSON.parse((await ask(`${issuer}/token`, { form })).body)).toHaveProperty('id_token');
  });

  for (const [name, options] of [
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { viewport: { width: 360, height: 740 } }],
    ['german', { locale: 'de-CH' }],
  ] as const) {
    it(`fits on its screen: ${name}`, async () => {
      await open({ acr_values: 'urn:example:mfa', login_hint: 'alice' }, options);
      await page.screenshot(screenshot(`chooser-${name}`));
      await page.locator('summary').click();
      await page.screenshot({ ...screenshot(`chooser-${name}-form`), fullPage: true });

      const width = await page.locator('html').evaluate((html) => html.scrollWidth);
      expect(width).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
    });
  }

  it('never shows the page inside of another', async () => {
    const { headers } = await ask(`${issuer}/choose`);

    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['cache-control']).toContain('no-store');
  });

  it('takes the header of a client on this machine instead of asking', async () => {
    const answer = await ask(authorizeUrl(issuer, callback), {
      headers: { 'X-Authenticated-User': 'alice' },
    });

    expect(answer.status).toBe(303);
    expect(answer.headers.location?.startsWith(callback.url)).toBe(true);
  });
});
