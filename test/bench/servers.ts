// What is compared, and how each of them is started: on a port of its own, all on one core.

import { openBrowser } from '../e2e/browser.ts';
import {
  PROGRAM,
  type Running,
  start,
  startAsteroid,
  startRedis,
  UPSTREAM_SECRET,
} from '../e2e/rig.ts';
import { findFreePort } from '../support/free-port.ts';
import { ask } from './ask.ts';
import { compile } from './compile.ts';
import { amount } from './options.ts';
import { cpuSeconds, LOAD_CORE, pin, residentMiB, SERVER_CORE } from './processes.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  MOST_BROWSERS,
  REDIRECT_URI,
  SCOPE,
  type Target,
} from './rows.ts';

export type Server = {
  readonly target: Target;
  readonly cpuSeconds: () => number;
  readonly residentMiB: () => number;
  readonly stop: Running['stop'];
  /** How Node is told to start it once more, on the same port. */
  readonly again: { readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv };
};

function settle(running: Running, target: Target, again: Server['again']): Server {
  const pid = running.process.pid ?? 0;
  pin(pid, SERVER_CORE);
  return {
    ...{ target, again, stop: running.stop },
    cpuSeconds: () => cpuSeconds(pid),
    residentMiB: () => residentMiB(pid),
  };
}

const OURS: Target['paths'] = {
  discovery: '/.well-known/openid-configuration',
  jwks: '/jwks.json',
  authorize: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  introspection: '/introspect',
};

const IDENTITY =
  `X-Asteroid-Upstream-Secret: ${UPSTREAM_SECRET}\r\n` +
  'X-Authenticated-User: alice\r\nX-Authenticated-Email: alice@example.test\r\n';

const toClient = (n: number): string => `
  - client_id: ${n === 0 ? CLIENT_ID : `${CLIENT_ID}-${n}`}
    client_secret: ${CLIENT_SECRET}
    redirect_uris: ["${REDIRECT_URI}"]
    grant_types: [authorization_code, ${n === 0 ? 'refresh_token, ' : ''}client_credentials]
    scope: ${SCOPE}`;

export type AsteroidTerms = {
  readonly name: string;
  /** Absent: the memory store. */
  readonly redisUrl?: string;
  readonly clients?: number;
  readonly workers?: number;
};

/** The built program, by `serve` and a configuration file. */
export async function startOurs(terms: AsteroidTerms): Promise<Server> {
  const { name, redisUrl, clients = 2, workers = 1 } = terms;
  const asteroid = await startAsteroid({
    clients: `clients:${Array.from({ length: clients }, (_, n) => toClient(n)).join('')}\n`,
    logLevel: 'warn',
    maxEntries: 10_000_000,
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...(workers === 1 ? {} : { more: `workers: ${workers}` }),
  });
  const { port } = asteroid;
  const target: Target = {
    ...{ name, port, host: `127.0.0.1:${port}`, paths: OURS, identity: IDENTITY },
    ...{ clientId: CLIENT_ID, browsers: [], takesFirstVisits: true, asksToSignIn: false },
  };
  return settle(asteroid, target, {
    args: [PROGRAM, 'serve', '--config', asteroid.configFile],
    env: {},
  });
}

type Peer = Pick<Target, 'name' | 'paths'> &
  Partial<Pick<Target, 'takesFirstVisits' | 'asksToSignIn'>> & {
    /** Below servers/. */
    readonly file: string;
    readonly redisUrl?: string | undefined;
  };

async function startPeer({ name, file, paths, redisUrl, ...peer }: Peer): Promise<Server> {
  const port = await findFreePort();
  const args = [await compile(file)];
  const env = { PORT: `${port}`, REDIS_URL: redisUrl ?? '', NODE_ENV: 'production' };
  const running = await start(process.execPath, args, { port, env });
  const target: Target = {
    ...{ name, port, host: `127.0.0.1:${port}`, paths, identity: '' },
    ...{ clientId: CLIENT_ID, browsers: [], takesFirstVisits: false, asksToSignIn: false, ...peer },
  };
  return settle(running, target, { args, env });
}

const ceiling = (file: string) => (name: string, redisUrl: string) =>
  startPeer({ name, file, paths: OURS, redisUrl, takesFirstVisits: true });

const oidcProvider = (name: string, redisUrl?: string): Promise<Server> =>
  startPeer({
    ...{ name, file: 'oidc-provider.mjs', redisUrl, asksToSignIn: true },
    paths: {
      discovery: '/.well-known/openid-configuration',
      jwks: '/jwks',
      authorize: '/auth',
      token: '/token',
      userinfo: '/me',
      introspection: '/token/introspection',
    },
  });

const mock = (name: string): Promise<Server> =>
  startPeer({ name, file: 'mock.ts', paths: { ...OURS, jwks: '/jwks' } });

const SIGN_INS_AT_A_TIME = 16;

/** Lets as many browsers come for the first time as a pool has, so that they are known later. */
export async function fillBrowsers({ target }: Server): Promise<void> {
  // More than there are connections: two first visits of one browser to a client at the same time end
  // with a code of oidc-provider that is not of the grant which its session remembers.
  const most = amount(MOST_BROWSERS, 64);
  if (target.takesFirstVisits) await ask(target, 'authorize, first visit', { most });
  if (!target.asksToSignIn) return;
  const signInAll = async (): Promise<void> => {
    while (target.browsers.length < most) target.browsers.push(await signIn(target));
  };
  await Promise.all(Array.from({ length: SIGN_INS_AT_A_TIME }, signInAll));
}

/** The cookies of a browser that has signed in once. */
async function signIn({ host, paths, clientId }: Target): Promise<string> {
  const endpoint = `http://${host}${paths.authorize}`;
  const browser = openBrowser();
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'openid',
    state: 'state',
  });
  const visit = await browser.visit(`${endpoint}?${query}`, REDIRECT_URI);
  if (!visit.url.includes('code=')) throw new Error(`no code: ${visit.steps.join('\n')}`);
  return browser.cookies(endpoint);
}

/** By what each is called in the tables; those without Redis do not use what they are given. */
const SERVERS = {
  'Asteroid, memory': (name: string) => startOurs({ name }),
  'Asteroid, Redis': (name: string, redisUrl: string) => startOurs({ name, redisUrl }),
  'oidc-provider, memory': (name: string) => oidcProvider(name),
  'oidc-provider, Redis': (name: string, redisUrl: string) => oidcProvider(name, redisUrl),
  'oauth2-mock-server': (name: string) => mock(name),
  'Express and jose': ceiling('express-jose.ts'),
  limit: ceiling('limit.ts'),
} as const satisfies Record<string, (name: string, redisUrl: string) => Promise<Server>>;

export type ServerName = keyof typeof SERVERS;
export const NAMES = Object.keys(SERVERS) as ServerName[];

export const startServer = (name: ServerName, redisUrl: string): Promise<Server> =>
  SERVERS[name](name, redisUrl);

/** One after another, in the order of the tables. */
export async function startServers(redisUrl: string): Promise<readonly Server[]> {
  const servers: Server[] = [];
  for (const name of NAMES) servers.push(await startServer(name, redisUrl));
  return servers;
}

export type SharedRedis = {
  readonly url: string;
  readonly port: number;
  readonly cpuSeconds: () => number;
};

/** A Redis of this part alone, beside the load. */
export async function startSharedRedis(): Promise<SharedRedis> {
  const { url, process } = await startRedis();
  const pid = process.pid ?? 0;
  pin(pid, LOAD_CORE);
  return { url, port: Number(new URL(url).port), cpuSeconds: () => cpuSeconds(pid) };
}
