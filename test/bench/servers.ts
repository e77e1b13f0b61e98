// Starts what is compared: each server on its own port, all of them on one core.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openBrowser } from '../e2e/browser.ts';
import {
  freePort,
  type Running,
  start,
  startAsteroid,
  startRedis,
  UPSTREAM_SECRET,
} from '../e2e/rig.ts';
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE, type Target } from './rows.ts';
import { LOAD_CORE, pin, SERVER_CORE } from './taskset.ts';

export type Server = {
  readonly target: Target;
  /** What the process has used of a core so far; 0 where nobody tells. */
  readonly cpuSeconds: () => number;
};

const CLIENTS = `clients:
  - client_id: ${CLIENT_ID}
    client_secret: ${CLIENT_SECRET}
    redirect_uris: ["${REDIRECT_URI}"]
    grant_types: [authorization_code, refresh_token, client_credentials]
    scope: ${SCOPE}
`;

const TICKS_PER_SECOND = 100;

function settle(running: Running, target: Target): Server {
  const { pid } = running.process;
  pin(pid, SERVER_CORE);
  const cpuSeconds = (): number => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    } catch {
      return 0;
    }
  };
  return { target, cpuSeconds };
}

const OURS: Target['paths'] = {
  discovery: '/.well-known/openid-configuration',
  authorize: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  introspection: '/introspect',
};

const IDENTITY =
  `X-Asteroid-Upstream-Secret: ${UPSTREAM_SECRET}\r\n` +
  'X-Authenticated-User: alice\r\nX-Authenticated-Email: alice@example.test\r\n';

async function startOurs(name: string, redisUrl?: string): Promise<Server> {
  const redis = redisUrl === undefined ? {} : { redisUrl };
  const asteroid = await startAsteroid({
    clients: CLIENTS,
    logLevel: 'warn',
    maxEntries: 10_000_000,
    ...redis,
  });
  const host = `127.0.0.1:${asteroid.port}`;
  return settle(asteroid, { name, port: asteroid.port, host, paths: OURS, identity: IDENTITY });
}

async function startTheirs(file: string, redisUrl: string): Promise<Running & { port: number }> {
  const port = await freePort();
  const program = path.join(import.meta.dirname, 'servers', file);
  const env = { PORT: `${port}`, REDIS_URL: redisUrl, NODE_ENV: 'production' };
  const running = await start(process.execPath, ['--import', 'tsx', program], { port, env });
  return { ...running, port };
}

async function startLimit(redisUrl: string): Promise<Server> {
  const running = await startTheirs('limit.ts', redisUrl);
  const { port } = running;
  const host = `127.0.0.1:${port}`;
  return settle(running, { name: 'limit', port, host, paths: OURS, identity: '' });
}

async function startOidcProvider(redisUrl: string): Promise<Server> {
  const name = 'oidc-provider, Redis';
  const running = await startTheirs('oidc-provider.mjs', redisUrl);
  const { port } = running;
  const paths = {
    discovery: '/.well-known/openid-configuration',
    authorize: '/auth',
    token: '/token',
    userinfo: '/me',
    introspection: '/token/introspection',
  };
  const identity = `Cookie: ${await signIn(`http://127.0.0.1:${port}/auth`)}\r\n`;
  return settle(running, { name, port, host: `127.0.0.1:${port}`, paths, identity });
}

/** The cookies of a browser that has signed in once. */
async function signIn(endpoint: string): Promise<string> {
  const browser = openBrowser();
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    scope: 'openid',
    state: 'state',
  });
  const visit = await browser.visit(`${endpoint}?${query}`, REDIRECT_URI);
  if (!visit.url.includes('code=')) throw new Error(`no code: ${visit.steps.join('\n')}`);
  return browser.cookies(endpoint);
}

export async function startServers(): Promise<readonly Server[]> {
  const redis = await startRedis();
  pin(redis.process.pid, LOAD_CORE);
  return [
    await startOurs('Asteroid, memory'),
    await startOurs('Asteroid, Redis', redis.url),
    await startOidcProvider(redis.url),
    await startLimit(redis.url),
  ];
}
