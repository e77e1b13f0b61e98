// The machine's own Chromium, and a client for it to come back to.

import { mkdirSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findFreePort } from '../support/free-port.ts';
import { onCleanUp, ROOT } from './rig.ts';

const OUTPUT = path.join(ROOT, 'test/e2e/.output');

// Nothing that a browser does on its own account: it has no business outside of this machine.
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function startChromium(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] || '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: QUIET });
  onCleanUp(() => browser.close());
  return browser;
}

/** Where a screenshot goes, for people to look at. */
export function screenshot(name: string): { readonly path: string } {
  mkdirSync(OUTPUT, { recursive: true });
  return { path: path.join(OUTPUT, `${name}.png`) };
}

/** All of a page, as wide as a screen; on a machine where nobody looks, none is made. */
export async function keepPicture(page: Page, name: string, width: number): Promise<void> {
  if (process.env['CI'] === 'true') return;
  await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
  await page.screenshot({ ...screenshot(name), fullPage: true });
}

/** Where a client waits for its answer. */
export type Callback = {
  readonly url: string;
  /** The parameters of the answer that arrives next; ask before it can. */
  readonly next: () => Promise<URLSearchParams>;
};

export async function startCallback(): Promise<Callback> {
  const port = await findFreePort();
  const url = `http://localhost:${port}/callback`;
  let arrived: (params: URLSearchParams) => void = () => {};
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end('back at the client');
    if (pathname === '/callback') arrived(searchParams);
  });
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  const next = () =>
    new Promise<URLSearchParams>((resolve) => {
      arrived = resolve;
    });
  return { url, next };
}
