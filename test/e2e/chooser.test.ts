import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Callback, screenshot, startCallback, startChromium } from './chromium.ts';
import { ask, cleanUp, freePorts, onCleanUp, PROGRAM, start, temporaryFolder } from './rig.ts';

const authorizeUrl = (issuer: string, callback: Callback): string =>
  `${issuer}/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: 'shop',
    redirect_uri: callback.url,
    scope: 'openid profile email',
    state: 'a state',
    nonce: crypto.randomUUID(),
  })}`;

/** The address of an issuer that knows the client of this test, alice and bob. */
async function startDev(callback: Callback): Promise<string> {
  const home = temporaryFolder();
  writeFileSync(
    path.join(home, 'clients.yaml'),
    `clients:
  - { client_id: shop, client_secret: a secret of the shop, client_name: Corner Shop, redirect_uris: ["${callback.url}"] }
`,
  );
  writeFileSync(
    path.join(home, 'users.yaml'),
    `users:
  - { sub: alice, name: Alice Example, email: alice@example.test, email_verified: true }
  - { sub: bob, name: Bob Example }
`,
  );
  const [port = 0, admin = 0] = await freePorts(2);
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

  const open = async (): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    onCleanUp(() => context.close());
    page = await context.newPage();
    await page.goto(authorizeUrl(issuer, callback));
  };

  it('names the client and everybody in users.yaml', async () => {
    const problems: string[] = [];
    await open();
    page.on('console', (message) => problems.push(message.text()));
    await page.reload();

    await page.screenshot(screenshot('chooser'));
    const text = await page.locator('body').innerText();

    for (const word of ['Corner Shop', 'Alice Example', 'Bob Example'])
      expect(text).toContain(word);
    expect(problems).toEqual([]);
  });

  it('signs alice in on a click, and her code is good for an ID Token', async () => {
    await open();
    const answer = callback.next();

    await page.getByRole('button', { name: /alice/i }).click();

    const params = await answer;
    expect(params.get('state')).toBe('a state');
    expect(params.get('iss')).toBe(issuer);
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
    const [, claims = ''] = JSON.parse(tokens.body).id_token.split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: issuer,
      sub: 'alice',
      name: 'Alice Example',
    });
  });

  it('tells the client access_denied when nobody is chosen', async () => {
    await open();
    const answer = callback.next();

    await page.getByRole('button', { name: /deny/i }).click();

    const params = await answer;
    expect(params.get('error')).toBe('access_denied');
    expect(params.get('state')).toBe('a state');
    expect(params.has('code')).toBe(false);
  });

  it('never shows the page inside of another', async () => {
    const { headers } = await ask(authorizeUrl(issuer, callback));

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
