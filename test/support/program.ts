// The whole of Asteroid, as an operator starts it: from an asteroid.yaml in a folder of its own, on
// free ports of loopback, in this process or in one of its own. Everything ends with the test file.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import type { ListenerName } from '../../internal/app/listeners.ts';
import { createRandom } from '../../internal/app/random.ts';
import { readSnapshot } from '../../internal/app/read.ts';
import { run } from '../../internal/app/run.ts';
import type { JsonValue } from '../../internal/protocol/claims.ts';
import { createLog } from '../../internal/telemetry/log.ts';
import { createUnderway } from '../../internal/telemetry/underway.ts';
import type { RawTarget } from './raw-http.ts';

export type Metadata = { readonly [member: string]: JsonValue };

export const UPSTREAM_SECRET = 'what-only-the-proxy-knows-0123456789';
export const CLIENT_SECRET = 'what-only-the-client-knows-0123456789';
export const REDIRECT_URI = 'https://rp.example/callback';

const CLIENTS: readonly Metadata[] = [
  { client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
];

/** The secret is the only proof, plain headers are read, and whoever they name exists. */
const CONFIG: Metadata = {
  issuer: 'https://sso.example',
  listen: { public: { port: 0 }, admin: { port: 0 } },
  upstream: { trust: { secret: { files: ['upstream'] } } },
  clients: { file: 'clients.yaml' },
  userinfo: { backends: [{ type: 'headers' }] },
  keys: { source: 'ephemeral' },
  log: { level: 'debug' },
};

export type FolderOptions = {
  /** Sections of asteroid.yaml, each in place of the whole one above. */
  readonly config?: Metadata;
  readonly clients?: readonly Metadata[];
  readonly users?: readonly Metadata[];
  /** Further files of the folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
};

export type Folder = {
  readonly path: string;
  readonly configFile: string;
  file(name: string): string;
  write(name: string, content: string): Promise<void>;
  writeClients(clients: readonly Metadata[]): Promise<void>;
};

const programs: (() => Promise<unknown>)[] = [];
const folders: string[] = [];

afterAll(async () => {
  await Promise.all(programs.splice(0).map((end) => end()));
  await Promise.all(folders.splice(0).map((path) => rm(path, { recursive: true, force: true })));
});

/** A configuration on the disk. JSON is YAML, so it goes the way that every configuration goes. */
export async function makeFolder(options: FolderOptions = {}): Promise<Folder> {
  const home = await mkdtemp(path.join(tmpdir(), 'asteroid-threats-'));
  folders.push(home);
  const file = (name: string): string => path.join(home, name);
  const drafts = await mkdtemp(path.join(tmpdir(), 'asteroid-drafts-'));
  folders.push(drafts);
  // As a whole: a program that watches would find the file empty halfway, and rightly refuse it.
  const write = async (name: string, content: string): Promise<void> => {
    const draft = path.join(drafts, randomUUID());
    await writeFile(draft, content, { mode: 0o600 });
    await rename(draft, file(name));
  };
  const writeClients = (clients: readonly Metadata[]) =>
    write('clients.yaml', JSON.stringify({ clients }));
  await write('asteroid.yaml', JSON.stringify({ ...CONFIG, ...options.config }));
  await write('upstream', `${UPSTREAM_SECRET}\n`);
  await write('users.yaml', JSON.stringify({ users: options.users ?? [{ sub: 'alice' }] }));
  await writeClients(options.clients ?? CLIENTS);
  for (const [name, content] of Object.entries(options.files ?? {})) await write(name, content);
  return { path: home, configFile: file('asteroid.yaml'), file, write, writeClients };
}

type LogLine = Readonly<Record<string, unknown>>;

export type Program = {
  readonly folder: Folder;
  readonly public: RawTarget;
  /** Throws for a listener that is not configured. */
  at(name: ListenerName): RawTarget;
  logged(): readonly LogLine[];
  logText(): string;
  /** What the configuration was warned about. */
  readonly warnings: readonly string[];
  reload(): Promise<void>;
  stop(): Promise<void>;
};

export type ProgramOptions = FolderOptions & {
  /** Seconds since 1970; the system's clock when absent. */
  readonly now?: () => number;
  readonly env?: Readonly<Record<string, string>>;
};

/** In this process, in the mode `serve`; throws what the program would print. */
export async function startProgram(options: ProgramOptions = {}): Promise<Program> {
  const folder = await makeFolder(options);
  const { env = {}, now = () => Math.floor(Date.now() / 1000) } = options;
  const configFiles = [folder.configFile];
  const read = () => readSnapshot({ files: configFiles, env, mode: 'serve' });
  const snapshot = await read();
  let text = '';
  const write = (line: string): void => {
    text += line;
  };
  const underway = createUnderway();
  const log = createLog({
    level: snapshot.config.log.level,
    format: 'json',
    destination: { write },
    traceOf: (requestId) => underway.find(requestId)?.traceId,
  });
  const random = createRandom();
  const surroundings = { mode: 'serve', now, random, underway, env, pid: 0 } as const;
  const running = await run({ ...surroundings, snapshot, read, log });
  programs.push(() => {
    void running.stop();
    return running.stop(); // the second time it does not wait for anybody
  });
  const at = (name: ListenerName): RawTarget =>
    toTarget(running.listeners.get(name)?.name ?? `no listener ${name}`);
  return {
    folder,
    public: at('public'),
    at,
    logged: () => toLines(text),
    logText: () => text,
    warnings: snapshot.warnings,
    reload: running.reload,
    stop: running.stop,
  };
}

const toLines = (text: string): readonly LogLine[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): LogLine => JSON.parse(line));

/** From where a listener says it listens. */
function toTarget(name: string): RawTarget {
  if (name.startsWith('unix:')) return { path: name.slice('unix:'.length) };
  const [, port] = /:(\d+)$/.exec(name) ?? [];
  if (port === undefined) throw new Error(`no address: ${name}`);
  return { port: Number(port) };
}

export type ChildOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  /** What `bundleProgram` made, to be run instead of the source. */
  readonly bundle?: string;
  readonly stdin?: string;
  /** A descriptor in place of a pipe that is read: nothing of the log is seen then. */
  readonly stdout?: number;
  /** Further descriptors, from 3 on. */
  readonly descriptors?: readonly number[];
};

export type Child = {
  readonly process: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The exit code; undefined when a signal ended it. */
  readonly exit: Promise<number | undefined>;
  logged(): readonly LogLine[];
  /** Waits until it listens there; throws with its output when it ends before. */
  at(name: ListenerName): Promise<RawTarget>;
  /** Waits for a line of the log. */
  logs(message: string, times?: number): Promise<LogLine>;
};

const ROOT = path.resolve(import.meta.dirname, '../..');
const SHELL = 'LISTEN_PID=$$ exec "$0" "$@"';

const SOURCE = path.join(ROOT, 'cmd/asteroid/main.ts');

/** As a process of its own: the one of this run (one-program.ts) unless a bundle is named. */
export function spawnProgram(args: readonly string[], options: ChildOptions = {}): Child {
  const { env = {}, uid, stdin = '', stdout: output = 'pipe', descriptors = [], bundle } = options;
  const built = bundle ?? process.env['ASTEROID_PROGRAM'];
  const program = built === undefined ? ['--import', 'tsx', SOURCE] : [built];
  // Through a shell, because systemd too says the process id that only the process itself knows.
  const command = [process.execPath, ...program, ...args];
  const child = spawn('/bin/sh', ['-c', SHELL, ...command], {
    cwd: bundle === undefined ? ROOT : path.dirname(bundle),
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', output, 'pipe', ...descriptors],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    stderr += bytes;
  });
  child.stdin?.on('error', () => undefined).end(stdin);
  let isOver = false;
  const exit = new Promise<number | undefined>((resolve) =>
    child.once('close', (code) => {
      isOver = true;
      resolve(code ?? undefined);
    }),
  );
  programs.push(() => {
    child.kill('SIGKILL');
    return exit;
  });
  const until = async <Value>(find: () => Value | undefined): Promise<Value> => {
    for (;;) {
      const over = isOver;
      const found = find();
      if (found !== undefined) return found;
      if (over) throw new Error(`the program ended: ${stdout}${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const logged = (): readonly LogLine[] => toLines(stdout);
  const logs = (message: string, times = 1): Promise<LogLine> =>
    until(() => logged().filter(({ msg }) => msg === message)[times - 1]);
  const at = async (name: ListenerName): Promise<RawTarget> => {
    const isThere = ({ msg, listener }: LogLine) => msg === 'listening' && listener === name;
    return toTarget(String((await until(() => logged().find(isThere)))['address']));
  };
  return { process: child, stdout: () => stdout, stderr: () => stderr, exit, logged, at, logs };
}

/** A subcommand that ends by itself. */
export async function runProgram(args: readonly string[], options: ChildOptions = {}) {
  const child = spawnProgram(args, options);
  const code = await child.exit;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}
