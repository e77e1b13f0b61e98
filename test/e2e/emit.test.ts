import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../support/free-port.ts';
import { screenshot, startChromium } from './chromium.ts';
import { cleanUp, onCleanUp, PROGRAM, start, temporaryFolder } from './rig.ts';

/** An app that knows people by the headers of Authelia, greets them, and counts over a WebSocket. */
const SAMPLE = `<!doctype html><title>Sample</title><h1>Hello, NAME</h1><p id="groups">GROUPS</p>
<a href="/authelia/logout?rd=/">Sign out</a>
<p id="events"></p><script>
new EventSource('/events').onmessage = ({ data }) => { document.getElementById('events').textContent = data; };
</script>`;

async function startSample(port: number): Promise<void> {
  const server = http.createServer(({ url, headers }, response) => {
    if (url === '/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(`data: events for ${headers['remote-user']}\n\n`);
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end(
      SAMPLE.replace('NAME', String(headers['remote-name'])).replace(
        'GROUPS',
        String(headers['remote-groups']),
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
}

describe('asteroid dev --emit authelia in front of an app, in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let url: string;
  let app: number;

  beforeAll(async () => {
    const home = temporaryFolder();
    writeFileSync(
      path.join(home, 'users.yaml'),
      `users:
  - { sub: alice, name: Alice Example, email: alice@example.test, groups: [admins, dev] }
  - { sub: bob, name: Bob Example, email: bob@example.test }
`,
    );
    const [port = 0, appPort = 0] = await findFreePorts(2);
    app = appPort;
    url = `http://localhost:${port}`;
    const words = ['dev', '--emit', 'authelia', '--to', `http://localhost:${app}`];
    await start(process.execPath, [PROGRAM, ...words, '--port', `${port}`], { port, cwd: home });
    browser = await startChromium();
    const context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    onCleanUp(() => context.close());
    page = await context.newPage();
  });
  afterAll(cleanUp);

  it('asks who somebody is, where the app would be', async () => {
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    await page.goto(`${url}/start`);

    await page.screenshot(screenshot('emit-chooser'));

    expect(await page.locator('body').innerText()).toContain('Alice Example');
    expect(problems).toEqual([]);
  });

  it('says what to start while the app does not run', async () => {
    await page.getByRole('button', { name: /alice example/i }).click();
    await page.waitForURL(`${url}/start`);
    await page.screenshot(screenshot('emit-unreachable'));

    expect(await page.locator('body').innerText()).toContain(`http://localhost:${app}`);
  });

  it('is alice for the app once it runs, and so are its events', async () => {
    await startSample(app);

    await page.goto(`${url}/start`);

    expect(await page.locator('h1').innerText()).toBe('Hello, Alice Example');
    expect(await page.locator('#groups').innerText()).toBe('admins,dev');
    await page.getByText('events for alice').waitFor();
  });

  it('is bob after signing out by the path of the product and choosing again', async () => {
    await page.getByRole('link', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: /bob example/i }).click();
    await page.waitForURL(`${url}/`);

    expect(await page.locator('h1').innerText()).toBe('Hello, Bob Example');
    expect(await page.locator('#groups').innerText()).toBe('');
    await page.getByText('events for bob').waitFor();
  });
});
