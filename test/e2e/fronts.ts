// Asteroid behind each of the proxies, and how people sign in to each of them.

import { findFreePorts } from '../support/free-port.ts';
import { startApache } from './apache.ts';
import { type Browser, openBrowser, type Visit } from './browser.ts';
import { startCaddy } from './caddy.ts';
import { wayBackOf } from './chooser.ts';
import { startHaproxy } from './haproxy.ts';
import { cookieOf, startAuthService, startNginx } from './nginx.ts';
import { startAuthProxy, startIdentityProvider } from './oauth2-proxy.ts';
import { startOauth2ProxyFront } from './oauth2-proxy-front.ts';
import { CLIENTS } from './relying-party.ts';
import { type Asteroid, type AsteroidOptions, startAsteroid } from './rig.ts';

export type Person = 'alice' | 'carol';

export type Front = {
  readonly origin: string;
  readonly port: number;
  readonly asteroid: Asteroid;
  /** A browser of somebody who signs in, or has signed in, at this proxy. */
  readonly browserOf: (person: Person) => Promise<Browser>;
  /** Header lines of a session, for requests that no browser sends. */
  readonly linesOf: (person: Person) => Promise<readonly string[]>;
};

/** Nobody knows the End-Users but the proxy, so that whatever it lets through would be believed. */
const withIssuer = async (
  port: number,
  upstream?: string,
  browserPort?: number,
): Promise<Asteroid> => {
  const options: AsteroidOptions = {
    issuer: `http://localhost:${port}`,
    clients: CLIENTS,
    backends: '[{ type: headers }]',
    ...(upstream === undefined ? {} : { upstream }),
    ...(browserPort === undefined ? {} : { browserPort }),
  };
  return await startAsteroid(options);
};

const PASSWORDS = { alice: 'password-of-alice', carol: 'password-of-carol' } as const;

const basic = (person: Person): string =>
  `Basic ${Buffer.from(`${person}:${PASSWORDS[person]}`).toString('base64')}`;

/** People show a password with every request. */
export const withPasswords =
  (startProxy: typeof startApache) =>
  async (isSplit = false): Promise<Front> => {
    const [port = 0, browser] = await findFreePorts(2);
    const asteroid = await withIssuer(port, undefined, isSplit ? browser : undefined);
    await startProxy({ listen: port, asteroid, passwords: PASSWORDS });
    return {
      origin: asteroid.issuer,
      port,
      asteroid,
      browserOf: async (person) => openBrowser([], { authorization: basic(person) }),
      linesOf: async (person) => [`Authorization: ${basic(person)}`],
    };
  };

/** People sign in at an identity provider, and oauth2-proxy keeps their session in a cookie. */
export const withSessions =
  (
    upstream: string | undefined,
    startProxy: (port: number, asteroid: Asteroid) => Promise<unknown>,
  ) =>
  async (): Promise<Front> => {
    const [port = 0] = await findFreePorts(1);
    const asteroid = await withIssuer(port, upstream);
    await startProxy(port, asteroid);
    const browserOf = async (person: Person): Promise<Browser> => {
      const browser = openBrowser();
      await signInAtProvider(browser, asteroid.issuer, person);
      return browser;
    };
    return {
      origin: asteroid.issuer,
      port,
      asteroid,
      browserOf,
      linesOf: async (person) => [`Cookie: ${(await browserOf(person)).cookies(asteroid.issuer)}`],
    };
  };

async function signInAtProvider(browser: Browser, origin: string, person: Person): Promise<void> {
  const home = `${origin}/jwks.json`;
  const start = `${origin}/oauth2/start?rd=${encodeURIComponent(home)}`;
  const back = await choose(browser, await browser.visit(start, home), person, home);
  if (back.url !== home) throw new Error(`no session:\n${back.steps.join('\n')}`);
}

/** Answers the page of the identity provider, and goes on until `until`. */
export async function choose(
  browser: Browser,
  { answer, url, steps }: Visit,
  person: Person,
  until: string,
): Promise<Visit> {
  const [, action = ''] = /<form method="post" action="([^"]+)"/.exec(answer.body) ?? [];
  const back = wayBackOf(answer.body);
  if (back === undefined) throw new Error(`nobody asks who this is:\n${steps.join('\n')}`);
  return await browser.submit(url, action, { ...back, user: person }, until);
}

const callbackOf = (port: number): string => `http://localhost:${port}/oauth2/callback`;

/** As an auth service beside another proxy. */
export async function startAuth(port: number): Promise<number> {
  const [auth = 0] = await findFreePorts(1);
  const provider = await startIdentityProvider(callbackOf(port));
  await startAuthProxy({ port: auth, public: port, provider });
  return auth;
}

export const AUTH_REQUEST = 'nginx-auth-request';

/** Sessions are known to an imitation of oauth2-proxy, which can also be made to say strange things. */
export const withEmulation =
  (startProxy: (port: number, auth: number, asteroid: Asteroid) => Promise<void>) =>
  async (isSplit = false): Promise<Front> => {
    const [port = 0, browser] = await findFreePorts(2);
    const upstream = `preset: ${AUTH_REQUEST}`;
    const asteroid = await withIssuer(port, upstream, isSplit ? browser : undefined);
    await startProxy(port, await startAuthService(), asteroid);
    return {
      origin: asteroid.issuer,
      port,
      asteroid,
      browserOf: async (person) => openBrowser([cookieOf(person)]),
      linesOf: async (person) => [`Cookie: ${cookieOf(person)}`],
    };
  };

export type FrontName = keyof typeof FRONTS;

export const FRONTS = {
  nginx: withSessions(`preset: ${AUTH_REQUEST}`, async (listen, asteroid) => {
    await startNginx({ listen, auth: await startAuth(listen), asteroid, preset: AUTH_REQUEST });
  }),
  apache: withPasswords(startApache),
  haproxy: withPasswords(startHaproxy),
  'caddy of Debian': withEmulation(async (listen, auth, asteroid) => {
    await startCaddy({ release: 'debian', listen, auth, asteroid, preset: AUTH_REQUEST });
  }),
  caddy: withSessions(`preset: ${AUTH_REQUEST}`, async (listen, asteroid) => {
    const auth = await startAuth(listen);
    await startCaddy({ release: 'current', listen, auth, asteroid, preset: AUTH_REQUEST });
  }),
  'oauth2-proxy': withSessions('preset: oauth2-proxy', async (listen, asteroid) => {
    const provider = await startIdentityProvider(callbackOf(listen));
    await startOauth2ProxyFront({ listen, asteroid, provider });
  }),
} as const;
