// Two issuers, each a process of its own, that share one Redis and one directory of keys.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findFreePort } from '../support/free-port.ts';
import { NOBODY, onCleanUp, own, temporaryFolder } from './cleanup.ts';
import { printClients, type Settings, settings, UPSTREAM_SECRET } from './clients.ts';
import { fetchStatus } from './requests.ts';

export type Issuer = {
  readonly name: string;
  readonly port: number;
  readonly admin: number;
  readonly folder: string;
  readonly keysDir: string;
  readonly pid: () => number;
  /** Everything that its process of the moment has printed. */
  readonly output: () => string;
  /** Starts its process, and waits until it is ready. @param isFull no file that it writes has room. */
  start(isFull?: boolean): Promise<void>;
  /** Resolves when it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
  stepClock(milliseconds: number): void;
  write(file: string, content: string): void;
};

export type IssuerTerms = {
  /** What `bundle` made. */
  readonly program: string;
  /** The section `store.redis`, of each issuer. */
  readonly store: Settings;
  readonly keysDir: string;
  /** The section `keys`, in place of that directory. */
  readonly keys?: Settings | undefined;
};

const PLAIN = 'exec "$0" "$@"';
/** The kernel refuses every write to a file (EFBIG), as a disk does that is full. */
const FULL = `ulimit -f 0 && ${PLAIN}`;

async function createIssuer(name: string, terms: IssuerTerms): Promise<Issuer> {
  const folder = temporaryFolder();
  const [port, admin] = [await findFreePort(), await findFreePort()];
  const write = (file: string, content: string): void => {
    const name = path.join(folder, file);
    writeFileSync(name, content, { mode: 0o600 });
    chmodSync(name, 0o600);
    own(name);
  };
  mkdirSync(terms.keysDir, { recursive: true, mode: 0o700 });
  own(terms.keysDir);
  const keys = terms.keys ?? { source: 'file', dir: terms.keysDir };
  write('asteroid.yaml', JSON.stringify(settings({ port, admin }, terms.store, keys)));
  write('upstream', `${UPSTREAM_SECRET}\n`);
  write('clients.yaml', printClients());

  let child: ChildProcess | undefined;
  let output = '';
  const isOver = (): boolean =>
    child === undefined || child.exitCode !== null || child.signalCode !== null;
  const signal = (which: NodeJS.Signals): void => void child?.kill(which);
  onCleanUp(() => {
    signal('SIGCONT');
    signal('SIGKILL');
  });

  return {
    ...{ name, port, admin, folder, write, signal, keysDir: terms.keysDir },
    pid: () => child?.pid ?? 0,
    output: () => output,
    async start(isFull = false) {
      output = '';
      const args = ['serve', '--config', path.join(folder, 'asteroid.yaml')];
      child = spawn(
        '/bin/sh',
        ['-c', isFull ? FULL : PLAIN, process.execPath, terms.program, ...args],
        {
          ...NOBODY,
          stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        },
      );
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (bytes: Buffer) => {
          output += bytes.toString();
        });
      }
      while ((await fetchStatus(admin, '/readyz')) !== 200) {
        if (isOver()) throw new Error(`issuer ${name} ended: ${output}`);
        await pause(20);
      }
    },
    async end(which) {
      if (child === undefined || isOver()) return child?.exitCode ?? null;
      const exit = once(child, 'exit');
      child.kill(which);
      await exit;
      return child.exitCode;
    },
    stepClock: (milliseconds) => void child?.send(milliseconds),
  };
}

export type Issuers = readonly [Issuer, Issuer];

/** @param stores the section `store.redis` of either: they may see Redis by different addresses. */
export async function startIssuers(
  program: string,
  stores: readonly [IssuerTerms['store'], IssuerTerms['store']],
  keys?: Settings,
): Promise<Issuers> {
  const keysDir = path.join(temporaryFolder(), 'keys');
  const [first, second] = await Promise.all([
    createIssuer('A', { program, store: stores[0], keysDir, keys }),
    createIssuer('B', { program, store: stores[1], keysDir, keys }),
  ]);
  await first.start();
  await second.start();
  return [first, second];
}
