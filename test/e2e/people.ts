// A server whose pages people meet, and the way to each of them in a browser that a proxy vouches for.

import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { findFreePort } from '../support/free-port.ts';
import {
  onCleanUp,
  PROGRAM,
  start,
  startAsteroid,
  temporaryFolder,
  UPSTREAM_SECRET,
} from './rig.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const SECRET = 'a secret of the shop';

/** What is long, runs the other way or could pass for markup. */
export const HOSTILE = `<script>document.title='run'</script>"onmouseover='x' \u202e{{main}}\${7*7}</title><img src=x>`;

/** Clients that somebody who uses a great many of them uses. */
export const MANY = Array.from({ length: 30 }, (_, n) => `many-${n}`);

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32"><rect width="32" height="32" rx="9" fill="#2456c8"/><path d="M9 20.5 16 7l7 13.5-7 4.5z" fill="#fff"/></svg>';

const clientsOf = (origin: string): string => `clients:
  - client_id: shop
    client_secret: ${SECRET}
    client_name: Corner Shop
    redirect_uris: ["${origin}/callback"]
    client_uri: https://shop.example.com/
    policy_uri: https://shop.example.com/privacy
    tos_uri: https://shop.example.com/terms
    consent: always
  - client_id: hostile
    client_secret: ${SECRET}
    client_name: ${JSON.stringify(HOSTILE)}
    redirect_uris: ["${origin}/callback"]
    consent: always
  - client_id: framed
    client_secret: ${SECRET}
    client_name: Framed
    redirect_uris: ["${origin}/callback"]
    frontchannel_logout_uri: ${origin}/hang
  - client_id: tv
    client_name: Television
    token_endpoint_auth_method: none
    grant_types: ["${DEVICE_CODE}", refresh_token]
${MANY.map((id) => `  - { client_id: ${id}, client_secret: ${SECRET}, client_name: Application ${id} of the department for long names, redirect_uris: ["${origin}/callback"] }\n`).join('')}`;

const CONFIG = `pages:
  name: Example Accounts
  logo_file: logo.svg
  links:
    - { text: { en: Help, de: Hilfe, fr: Aide, es: Ayuda, zh: 帮助 }, url: "https://help.example.com" }
    - { text: { en: Privacy, de: Datenschutz, fr: Confidentialité, es: Privacidad, zh: 隐私 }, url: "https://example.com/privacy" }
scopes:
  "reports:read": { description: { en: The reports of your department, de: Die Berichte Ihrer Abteilung, fr: Les rapports de votre service, es: Los informes de su departamento, zh: 您部门的报告 } }
`;

const UPSTREAM = `headers:
    subject: { name: X-Authenticated-User }
  reauthenticate_url: "/again?rd=\${url}"`;

export type Site = {
  readonly issuer: string;
  /** A client, and anybody else's site: it answers everything, and \`/hang\` never. */
  readonly elsewhere: string;
  /** One without a proxy. */
  readonly dev: string;
  /** A page of a browser that the proxy knows as alice, or as nobody. */
  readonly open: (options?: BrowserContextOptions, user?: string) => Promise<Page>;
  /** Whoever has the page allows what is asked there, without a look at it. */
  readonly allow: (page: Page, url: string) => Promise<void>;
  /** A code that a device shows. */
  readonly startDevice: () => Promise<string>;
};

/** @param more further lines of asteroid.yaml in place of those about pages. */
export async function startSite(browser: Browser, more = CONFIG): Promise<Site> {
  const elsewhere = await startElsewhere();
  const home = temporaryFolder();
  writeFileSync(path.join(home, 'logo.svg'), LOGO);
  const asteroid = await startAsteroid({
    clients: clientsOf(elsewhere),
    upstream: UPSTREAM,
    backends: '[{ type: headers }]',
    more: more.replace('logo.svg', path.join(home, 'logo.svg')),
  });
  const { issuer } = asteroid;
  let people = 0;
  const vouched = new WeakMap<BrowserContext, Headers>();
  const open = async (options: BrowserContextOptions = {}, user = 'alice'): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    onCleanUp(() => context.close());
    // Nobody may try many codes of devices.
    people += 1;
    const headers = toHeaders(user.replace('#', `${people}`));
    vouched.set(context, headers);
    await vouch(context, issuer, headers);
    return context.newPage();
  };
  const allow = async (page: Page, url: string): Promise<void> => {
    const { request } = page.context();
    const headers = { ...vouched.get(page.context()), origin: issuer };
    const shown = await (await request.get(url, { headers })).text();
    const [, action = ''] = /<form [^>]*action="([^"]+)"/.exec(shown) ?? [];
    const [, handle = ''] = /name="handle" value="([^"]+)"/.exec(shown) ?? [];
    const form = { handle, decision: 'allow' };
    const answer = await request.post(new URL(action, issuer).href, {
      ...{ headers, form, maxRedirects: 0 },
    });
    if (answer.status() >= 400) throw new Error(`not allowed: ${answer.status()} at ${url}`);
  };
  const startDevice = async (): Promise<string> => {
    const body = new URLSearchParams({ client_id: 'tv', scope: 'openid profile email' });
    const response = await fetch(`${issuer}/device_authorization`, { method: 'POST', body });
    const { user_code: code } = (await response.json()) as Record<string, string>;
    return code ?? '';
  };
  return { issuer, elsewhere, dev: await startDev(elsewhere), open, allow, startDevice };
}

type Headers = Readonly<Record<string, string>>;

/** What a proxy says of somebody. */
const toHeaders = (user: string): Headers => ({
  'x-asteroid-upstream-secret': UPSTREAM_SECRET,
  ...(user === '' ? {} : { 'x-authenticated-user': user }),
});

/** As a proxy would: only on the way to the issuer. */
const vouch = (context: BrowserContext, issuer: string, vouching: Headers): Promise<unknown> =>
  context.route(`${issuer}/**`, (route) =>
    route.continue({ headers: { ...route.request().headers(), ...vouching } }),
  );

async function startElsewhere(): Promise<string> {
  const port = await findFreePort();
  const server = http.createServer((request, response) => {
    if (request.url?.startsWith('/hang')) return;
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>elsewhere');
  });
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${port}`;
}

async function startDev(elsewhere: string): Promise<string> {
  const home = temporaryFolder();
  writeFileSync(path.join(home, 'clients.yaml'), clientsOf(elsewhere));
  writeFileSync(
    path.join(home, 'users.yaml'),
    'users:\n  - { sub: alice, name: Alice Example }\n  - { sub: bob, name: Bob Example }\n',
  );
  const port = await findFreePort();
  const admin = await findFreePort();
  const args = [PROGRAM, 'dev', '--port', `${port}`, '--admin-port', `${admin}`];
  await start(process.execPath, args, { port, cwd: home });
  return `http://localhost:${port}`;
}

/** The address of an authorization request. */
export function authorizeUrl(
  { issuer, elsewhere }: Pick<Site, 'issuer' | 'elsewhere'>,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'shop',
    redirect_uri: `${elsewhere}/callback`,
    scope: 'openid profile email address phone groups reports:read offline_access',
    state: 'a state',
    prompt: 'consent',
    ...more,
  });
  return `${issuer}/authorize?${query}`;
}

const press = (page: Page, value: string): Promise<void> =>
  page.locator(`button[value="${value}"]:not(.edit)`).click();

async function typeCode(page: Page, site: Site, code: string): Promise<void> {
  await page.goto(`${site.issuer}/device`);
  await page.locator('#user_code').fill(code);
  await page.keyboard.press('Enter');
  await page.locator('.problem, .code').waitFor();
}

/** What somebody granted who is signed in to two applications, to one of them on two devices as well. */
async function review(page: Page, site: Site): Promise<void> {
  for (let devices = 0; devices < 2; devices += 1) {
    const code = await site.startDevice();
    await site.allow(page, `${site.issuer}/device?user_code=${code}`);
  }
  for (const client_id of ['shop', 'hostile']) {
    await site.allow(page, authorizeUrl(site, { client_id }));
  }
  await page.goto(`${site.issuer}/review`);
  await page
    .locator('details:not(.access)')
    .first()
    .evaluate((element) => element.setAttribute('open', ''));
}

/** The issuer without a proxy, asked as the other is. */
const ofDev = ({ dev, elsewhere }: Site) => ({ issuer: dev, elsewhere });

export type Met = {
  readonly name: string;
  readonly visit: (page: Page, site: Site) => Promise<unknown>;
  /** Whom the proxy knows; absent: alice. */
  readonly user?: string;
};

/** Every page that somebody can meet, and how they get there. */
export const PAGES: readonly Met[] = [
  { name: 'consent', visit: (page, site) => page.goto(authorizeUrl(site)) },
  {
    name: 'consent-hostile',
    visit: (page, site) => page.goto(authorizeUrl(site, { client_id: 'hostile' })),
  },
  {
    name: 'account',
    visit: (page, site) =>
      page.goto(authorizeUrl(site, { prompt: 'select_account', login_hint: 'bob' })),
  },
  {
    name: 'chooser',
    visit: (page, site) => page.goto(authorizeUrl(ofDev(site))),
  },
  {
    name: 'chooser-wrong',
    visit: async (page, site) => {
      await page.goto(authorizeUrl(ofDev(site), { login_hint: 'carol' }));
      await page.locator('#email').fill('carol at home');
      await page.locator('#ago').fill('yesterday');
      await page.locator('#claims').fill('{"locale": ');
      await press(page, 'enter');
      await page.locator('.problem').first().waitFor();
    },
  },
  {
    name: 'review-dev',
    visit: async (page, site) => {
      await page.goto(authorizeUrl(ofDev(site)));
      await press(page, 'alice');
      await press(page, 'allow');
      await page.waitForURL(`${site.elsewhere}/**`);
      await page.goto(`${site.dev}/review`);
    },
  },
  {
    name: 'device-code',
    user: 'alice-#',
    visit: (page, site) => page.goto(`${site.issuer}/device`),
  },
  {
    name: 'device-code-wrong',
    user: 'alice-#',
    visit: (page, site) => typeCode(page, site, 'BBBB-BBBB'),
  },
  {
    name: 'device',
    user: 'alice-#',
    visit: async (page, site) => typeCode(page, site, await site.startDevice()),
  },
  {
    name: 'device-connected',
    user: 'alice-#',
    visit: async (page, site) => {
      await typeCode(page, site, await site.startDevice());
      await press(page, 'allow');
    },
  },
  {
    name: 'device-refused',
    user: 'alice-#',
    visit: async (page, site) => {
      await typeCode(page, site, await site.startDevice());
      await press(page, 'deny');
    },
  },
  {
    name: 'review-empty',
    user: 'nobody-yet-#',
    visit: (page, site) => page.goto(`${site.issuer}/review`),
  },
  { name: 'review', user: 'alice-#', visit: review },
  {
    name: 'review-ended',
    user: 'alice-#',
    visit: async (page, site) => {
      await review(page, site);
      await page.locator('button[value="end"]').last().click();
    },
  },
  {
    name: 'review-all',
    user: 'alice-#',
    visit: async (page, site) => {
      await review(page, site);
      await page.locator('a.button').click();
    },
  },
  {
    name: 'sign-out',
    visit: (page, site) => page.goto(`${site.issuer}/end_session?client_id=shop`),
  },
  {
    name: 'signed-out',
    visit: async (page, site) => {
      await page.goto(`${site.issuer}/end_session`);
      await press(page, 'sign_out');
    },
  },
  {
    name: 'stayed',
    visit: async (page, site) => {
      await page.goto(`${site.issuer}/end_session`);
      await press(page, 'stay');
    },
  },
  {
    name: 'telling',
    visit: async (page, site) => {
      await page.goto(authorizeUrl(site, { client_id: 'framed', prompt: '', scope: 'openid' }));
      await page.goto(`${site.issuer}/end_session`);
      await page.locator('button[value="sign_out"]').click({ noWaitAfter: true });
      await page.locator('#next').waitFor();
    },
  },
  {
    name: 'form-post',
    visit: (page, site) =>
      page.goto(
        authorizeUrl(site, {
          client_id: 'framed',
          prompt: '',
          scope: 'openid',
          response_mode: 'form_post',
        }),
      ),
  },
  { name: 'error-nobody', user: '', visit: (page, site) => page.goto(`${site.issuer}/device`) },
  {
    name: 'error-client',
    visit: (page, site) => page.goto(authorizeUrl(site, { client_id: 'nobody' })),
  },
  {
    name: 'error-address',
    visit: (page, site) => page.goto(authorizeUrl(site, { redirect_uri: 'https://evil.example/' })),
  },
  {
    name: 'error-over',
    visit: async (page, site) => {
      await page.goto(authorizeUrl(site));
      await page.locator('input[name="handle"]').evaluate((input) => {
        input.setAttribute('value', 'pr_none');
      });
      await press(page, 'allow');
    },
  },
  { name: 'error-entrance', visit: (page, site) => page.goto(`${site.issuer}/consent`) },
  {
    name: 'error-malformed',
    visit: (page, site) => page.goto(`${site.issuer}/end_session?state=a&state=b`),
  },
];
