// What `asteroid dev` serves, in this process, on a free port and by a clock that a test moves; and a
// browser in front of it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import { createRandom } from '../../internal/app/random.ts';
import { readSnapshot } from '../../internal/app/read.ts';
import { run } from '../../internal/app/run.ts';
import { createLog } from '../../internal/telemetry/log.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { findFreePort } from './free-port.ts';
import type { Metadata } from './program.ts';

export const CALLBACK = 'http://localhost:1/callback';
const AFTER = 'http://localhost:1/after';

export const CLIENTS: readonly Metadata[] = [
  {
    client_id: 'shop',
    client_secret: 'what the shop knows',
    client_name: 'Corner Shop',
    redirect_uris: [CALLBACK],
    post_logout_redirect_uris: [AFTER],
    grant_types: ['authorization_code', 'refresh_token'],
  },
  {
    client_id: 'tv',
    client_name: 'Television',
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
  },
];

const USERS: readonly Metadata[] = [
  {
    ...{ sub: 'alice', name: 'Alice Example', email: 'alice@example.test', email_verified: true },
    ...{ groups: ['engineering', 'admins'], locale: 'de-CH', preferred_username: 'ali' },
  },
  { sub: 'bob', name: 'Bob Example', email: 'bob@example.test' },
];

export type DevOptions = {
  readonly users?: readonly Metadata[];
  readonly env?: Readonly<Record<string, string>>;
};

export type Dev = { readonly issuer: string; readonly clock: TestClock };

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

/** Ends by itself after the test. */
export async function startDev({ users = USERS, env: more = {} }: DevOptions = {}): Promise<Dev> {
  const home = await mkdtemp(path.join(tmpdir(), 'asteroid-dev-'));
  const clientsFile = path.join(home, 'clients.yaml');
  const usersFile = path.join(home, 'users.yaml');
  await writeFile(clientsFile, JSON.stringify({ clients: CLIENTS }));
  await writeFile(usersFile, printUsers(users));
  const port = await findFreePort();
  const issuer = `http://localhost:${port}`;
  const env = {
    ASTEROID_ISSUER: issuer,
    ASTEROID_LISTEN_PUBLIC_PORT: String(port),
    ASTEROID_LISTEN_ADMIN_PORT: '0',
    ASTEROID_KEYS_SOURCE: 'ephemeral',
    ASTEROID_CLIENTS_FILE: clientsFile,
    ASTEROID_USERINFO_BACKENDS: JSON.stringify([
      { type: 'yaml', file: usersFile },
      { type: 'headers' },
    ]),
    ...more,
  };
  const clock = createTestClock(1_800_000_000);
  const read = () => readSnapshot({ files: [], env, mode: 'dev' });
  const log = createLog({ level: 'error', format: 'json', destination: { write: () => {} } });
  const terms = { mode: 'dev', now: clock, random: createRandom(), env, pid: 0 } as const;
  const running = await run({ ...terms, snapshot: await read(), read, log });
  ends.push(async () => {
    void running.stop();
    await running.stop();
    await rm(home, { recursive: true, force: true });
  });
  return { issuer, clock };
}

// Of flow collections a YAML file may have only so many.
const printUsers = (users: readonly Metadata[]): string =>
  ['users:', ...users.map((user) => `  - ${printMembers(user)}`)].join('\n');

const printMembers = (user: Metadata): string =>
  Object.entries(user)
    .map(([claim, value]) => `${claim}: ${JSON.stringify(value)}`)
    .join('\n    ');

export type Query = Readonly<Record<string, string | undefined>>;

export type Shown = {
  readonly status: number;
  /** What was asked for last, or the address outside of the issuer that it led to. */
  readonly url: URL;
  readonly body: string;
  readonly headers: Headers;
};

export type DevBrowser = {
  /** By name. */
  readonly cookies: Map<string, string>;
  /** Follows the issuer, and goes nowhere else. */
  readonly open: (path: string, query?: Query) => Promise<Shown>;
  readonly submit: (path: string, form: Query) => Promise<Shown>;
  readonly authorize: (query?: Query) => Promise<Shown>;
  /** Answers the page that asks who to be. */
  readonly choose: (page: Shown, form: Query) => Promise<Shown>;
};

/** @param headers of every request. @param cookies a jar that other issuers fill as well. */
export function openDevBrowser(
  { issuer }: Pick<Dev, 'issuer'>,
  headers: Record<string, string> = {},
  cookies: Map<string, string> = new Map(),
): DevBrowser {
  const { origin } = new URL(issuer);
  const fetchOne = async (url: URL, form: Query | undefined): Promise<Shown> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const own = { ...headers, ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, {
      redirect: 'manual',
      headers: form === undefined ? own : { ...own, origin },
      ...(form === undefined ? {} : { method: 'POST', body: toSearch(form) }),
    });
    for (const line of response.headers.getSetCookie()) keep(cookies, line);
    return { status: response.status, url, body: await response.text(), headers: response.headers };
  };
  const send = async (first: string, form?: Query): Promise<Shown> => {
    let shown = await fetchOne(new URL(issuer + first), form);
    for (let step = 0; step < 12; step += 1) {
      const location = shown.headers.get('location');
      if (location === null) return shown;
      const url = new URL(location, shown.url);
      if (url.origin !== origin) return { ...shown, url };
      shown = await fetchOne(url, undefined);
    }
    throw new Error(`too many redirects: ${shown.url}`);
  };
  const open = (path: string, query: Query = {}) => send(`${path}?${toSearch(query)}`);
  const browser: DevBrowser = {
    cookies,
    open,
    submit: send,
    authorize: (query = {}) => open('/authorize', { ...REQUEST, ...query }),
    choose: (page, form) => send('/choose', { ...hiddenOf(page), ...form }),
  };
  return browser;
}

const REQUEST: Query = {
  client_id: 'shop',
  redirect_uri: CALLBACK,
  response_type: 'code',
  scope: 'openid profile email groups',
  state: 'a state',
};

const toSearch = (query: Query): URLSearchParams =>
  new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as [string, string]],
    ),
  );

function keep(cookies: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (/max-age=0/i.test(line)) cookies.delete(name);
  else cookies.set(name, value);
}

/** What the forms of a page send along. */
export const hiddenOf = ({ body }: Pick<Shown, 'body'>): Query =>
  Object.fromEntries(
    [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(
      ([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')],
    ),
  );

/** Whom the page offers, in its order. */
export const offered = ({ body }: Shown): readonly string[] =>
  [...body.matchAll(/name="user" value="([^"]*)"/g)].map(([, user = '']) => user);

export const isChooser = ({ url, body }: Shown): boolean =>
  url.pathname.endsWith('/choose') && body.includes('for development');

/** What the client learns: claims of the ID Token, and those of userinfo. */
export async function redeem({ issuer }: Pick<Dev, 'issuer'>, { url }: Shown) {
  const code = url.searchParams.get('code');
  if (code === null) throw new Error(`no code: ${url}`);
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('shop:what+the+shop+knows')}` },
    body: toSearch({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK }),
  });
  const tokens = (await response.json()) as Readonly<Record<string, string>>;
  const told = await fetch(`${issuer}/userinfo`, {
    headers: { authorization: `Bearer ${tokens['access_token']}` },
  });
  const [, claims = ''] = tokens['id_token']?.split('.') ?? [];
  return {
    tokens,
    idToken: JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>,
    userinfo: (await told.json()) as Record<string, unknown>,
  };
}
