import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../support/free-port.ts';
import { screenshot, startChromium } from './chromium.ts';
import { cleanUp, onCleanUp, PROGRAM, start, temporaryFolder } from './rig.ts';

/** A client that remembers what it was asked; `/hang` never answers. */
async function startClient() {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/hang')) return;
    // Whoever is in a frame and wants to leave it: the page of frames must not let them.
    const script = request.url?.startsWith('/front')
      ? '<script>try { top.location = "/kidnapped" } catch {}</script>'
      : '';
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(`at the client${script}`);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, asked };
}

describe('signing out of asteroid dev, in Chromium', () => {
  let browser: Browser;
  let client: Awaited<ReturnType<typeof startClient>>;
  let issuer: string;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    client = await startClient();
    const home = temporaryFolder();
    const clientOf = (id: string, front: string) =>
      `  - { client_id: ${id}, client_secret: a secret of the shop, client_name: Corner Shop, redirect_uris: ["${client.origin}/callback"], post_logout_redirect_uris: ["${client.origin}/after"], frontchannel_logout_uri: "${client.origin}${front}" }\n`;
    writeFileSync(
      path.join(home, 'clients.yaml'),
      `clients:\n${clientOf('shop', '/front')}${clientOf('hang', '/hang')}`,
    );
    writeFileSync(path.join(home, 'users.yaml'), 'users:\n  - { sub: alice, name: Alice }\n');
    const [port = 0, admin = 0] = await findFreePorts(2);
    const args = [PROGRAM, 'dev', '--port', `${port}`, '--admin-port', `${admin}`];
    await start(process.execPath, args, { port, cwd: home });
    issuer = `http://localhost:${port}`;
    browser = await startChromium();
  });
  afterAll(cleanUp);

  async function signIn(clientId: string): Promise<void> {
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: clientId, scope: 'openid', state: 's' },
      redirect_uri: `${client.origin}/callback`,
    });
    await page.goto(`${issuer}/authorize?${query}`);
    await page.getByRole('button', { name: /alice/i }).click();
    await page.waitForURL(/callback/);
  }

  async function open(): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    onCleanUp(() => context.close());
    page = await context.newPage();
    problems = [];
    client.asked.length = 0;
  }

  const leave = async (): Promise<void> => {
    const query = new URLSearchParams({
      ...{ client_id: 'shop', state: 'a&b', post_logout_redirect_uri: `${client.origin}/after` },
    });
    await page.goto(`${issuer}/end_session?${query}`);
    page.on('console', (message) => problems.push(message.text()));
    await page.screenshot(screenshot('sign-out'));
    await page.getByRole('button', { name: 'Sign out' }).click();
  };

  it('asks, tells the client in a frame that cannot leave it, and goes back', async () => {
    await open();
    await signIn('shop');
    await leave();
    await page.waitForURL(`${client.origin}/after?state=a%26b`);

    const frame = client.asked.find((url) => url.startsWith('/front'));
    const told = new URL(frame ?? '', client.origin).searchParams;
    expect([...told.keys()]).toEqual(['iss', 'sid']);
    expect(told.get('iss')).toBe(issuer);
    expect(client.asked.filter((url) => url.startsWith('/kidnapped'))).toEqual([]);
    expect(problems.filter((text) => /Content Security Policy/i.test(text))).toEqual([]);
  });

  it('goes on after three seconds when a frame hangs', async () => {
    await open();
    await signIn('hang');
    const startedAt = performance.now();
    await leave();
    await page.waitForURL(/after/);

    expect(performance.now() - startedAt).toBeGreaterThan(2500);
    expect(performance.now() - startedAt).toBeLessThan(9000);
  });

  it('has nothing left to ask afterwards', async () => {
    await open();
    await signIn('shop');
    await leave();
    await page.waitForURL(/after/);
    await page.goto(`${issuer}/end_session`);
    await page.screenshot(screenshot('signed-out'));

    expect(await page.locator('h1').innerText()).toBe('You are signed out');
  });
});
