// Starts real programs on free ports of loopback, and ends them again. Everything here is seen from
// outside: nothing of internal/ is imported.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http, { type IncomingHttpHeaders } from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort, findFreePorts } from '../support/free-port.ts';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const PROGRAM = path.join(ROOT, 'dist/asteroid.js');
export const UPSTREAM_SECRET = 'an upstream secret of at least thirty-two bytes';

const cleanups: (() => void | Promise<void>)[] = [];

/** Runs when `cleanUp` is called, last registered first. */
export const onCleanUp = (end: () => void | Promise<void>): void => {
  cleanups.push(end);
};

export async function cleanUp(): Promise<void> {
  for (const end of cleanups.splice(0).reverse()) await end();
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'asteroid-e2e-'));
  onCleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export type Running = {
  readonly process: ChildProcess;
  /** Everything it has printed so far. */
  readonly output: () => string;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
};

/** Starts a program and waits until it answers on a port; fails when it ends before. */
export async function start(
  command: string,
  args: readonly string[],
  ready: { readonly port: number; readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Running> {
  const child = spawn(command, args, {
    cwd: ready.cwd,
    env: { ...process.env, ...ready.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  let problem: Error | undefined;
  child.on('error', (error) => {
    problem = error;
  });
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (ended() || child.pid === undefined) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exit;
    clearTimeout(late);
  };
  onCleanUp(() => stop());
  for (let tries = 0; tries < 200; tries += 1) {
    if (problem !== undefined || ended()) break;
    if (await answers(ready.port)) return { process: child, output: () => output, stop };
    await sleep(50);
  }
  await stop('SIGKILL');
  throw new Error(`${command} did not start: ${problem?.message ?? output}`);
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, 'localhost');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/** A redis-server of this run alone, that keeps nothing on disk. */
export async function startRedis(): Promise<Running & { readonly url: string }> {
  const port = await findFreePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const redis = await start(process.env['REDIS_SERVER'] || 'redis-server', args, {
    port,
    cwd: temporaryFolder(),
  });
  return { ...redis, url: `redis://127.0.0.1:${port}` };
}

export type Asteroid = Running & {
  readonly port: number;
  /** Instead of the port, when it listens on one. */
  readonly socketPath: string | undefined;
  readonly issuer: string;
  readonly admin: number;
  /** The configuration it was started with. */
  readonly configFile: string;
};

export type AsteroidOptions = {
  /** As browsers and clients see it; absent: the listener's own address. */
  readonly issuer?: string;
  readonly port?: number;
  /** Listens on a Unix socket, which is then a proof of its own, instead of a port. */
  readonly socket?: boolean;
  readonly redisUrl?: string;
  /** Where what reads an identity listens, when it has a port of its own. */
  readonly browserPort?: number;
  /** How many entries the memory store may hold; absent: its default. */
  readonly maxEntries?: number;
  readonly keysDir?: string;
  readonly clients: string;
  /** What `upstream` says beside `trust`, e.g. `preset: oauth2-proxy`; absent: plain headers. */
  readonly upstream?: string;
  readonly logLevel?: string;
  /** Who knows the End-Users; absent: a users.yaml with alice and bob. */
  readonly backends?: string;
  /** Further sections of asteroid.yaml. */
  readonly more?: string;
};

const HEADERS = `headers:
    subject: { name: X-Authenticated-User }
    email: { name: X-Authenticated-Email, verified: false }
    groups: { name: X-Authenticated-Groups, format: csv }`;

const USERS = `users:
  - { sub: alice, name: Alice Example, email: alice@example.test, email_verified: true, groups: [engineering] }
  - { sub: bob, name: Bob Example, email: bob@example.test, email_verified: true, groups: [sales] }
`;

/** The built program, by `serve` and the documented configuration alone. */
export async function startAsteroid(options: AsteroidOptions): Promise<Asteroid> {
  const home = temporaryFolder();
  const [free = 0, admin = 0] = await findFreePorts(2);
  const port = options.port ?? free;
  const issuer = options.issuer ?? `http://127.0.0.1:${port}`;
  const keysDir = options.keysDir ?? path.join(home, 'keys');
  const redis = options.redisUrl;
  const socketPath = options.socket === true ? path.join(home, 'asteroid.sock') : undefined;
  const tcp = `{ host: 127.0.0.1, port: ${port} }`;
  const { browserPort } = options;
  const browser = browserPort ? `\n  browser: { host: 127.0.0.1, port: ${browserPort} }` : '';
  const memory = options.maxEntries ? `, memory: { max_entries: ${options.maxEntries} }` : '';
  const store = redis
    ? `{ driver: redis, redis: { url: "${redis}" } }`
    : `{ driver: memory${memory} }`;
  mkdirSync(keysDir, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(home, 'clients.yaml'), options.clients);
  writeFileSync(path.join(home, 'users.yaml'), USERS);
  writeFileSync(path.join(home, 'secret'), UPSTREAM_SECRET, { mode: 0o600 });
  const configFile = path.join(home, 'asteroid.yaml');
  writeFileSync(
    configFile,
    `issuer: ${issuer}
listen:
  public: ${socketPath === undefined ? tcp : `{ socket: ${socketPath}, mode: "0660" }`}
  admin: { host: 127.0.0.1, port: ${admin} }${browser}
upstream:
  trust:
    ${socketPath === undefined ? 'peers: [127.0.0.1/32]' : 'unix_socket: true'}
    secret: { header: X-Asteroid-Upstream-Secret, files: [secret] }
  ${options.upstream ?? HEADERS}
store: ${store}
clients: { file: clients.yaml }
userinfo: { backends: ${options.backends ?? '[{ type: yaml, file: users.yaml }]'} }
keys: { source: file, dir: ${keysDir} }
log: { level: ${options.logLevel ?? 'info'} }
${options.more ?? ''}`,
  );
  const args = [PROGRAM, 'serve', '--config', configFile];
  const ready = socketPath === undefined ? port : admin;
  const running = await start(process.execPath, args, { port: ready, cwd: home });
  return { ...running, port, socketPath, admin, issuer, configFile };
}

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Question = {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  /** Sent as it is, where a URL would be normalised. */
  readonly path?: string;
  /** Where to connect to instead of the URL's host. */
  readonly socketPath?: string | undefined;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
  readonly agent?: http.Agent;
};

/** One HTTP request with whatever Host and headers the test wants; follows nothing. */
export async function ask(url: string, question: Question = {}): Promise<Answer> {
  const body = question.form && new URLSearchParams(question.form).toString();
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = http.request(url, {
    method: question.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body === undefined ? {} : form), ...question.headers },
    agent: question.agent,
    socketPath: question.socketPath,
    ...(question.path === undefined ? {} : { path: question.path }),
    timeout: 15_000,
  });
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url}`)));
    request.end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: Buffer.concat(chunks).toString(),
  };
}
