// A server of somebody else's that runs as a process for a test: it ends with the test, may be frozen,
// and may be ended as a crash does.

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { freeze } from './freeze.ts';

export type ServerProcess = {
  readonly pid: number;
  /** Asks it to end, and waits. */
  stop(): Promise<void>;
  /** Freezes it: its sockets stay open and nothing answers (SIGSTOP). */
  pause(): Promise<void>;
  resume(): void;
  /** Ends it as a crash does (SIGKILL). */
  kill(): Promise<void>;
};

export type ServerCommand = {
  readonly program: string;
  readonly args: readonly string[];
  /** Whom it runs as, where that is not who runs the tests. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Of servers that fork: all processes of it at the moment, which are frozen and killed with it. */
  readonly listProcesses?: () => Promise<readonly number[]>;
  readonly isReady: () => Promise<boolean>;
};

/** Waits until it answers; rejects with the end of what it printed if it ends before. */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const { program, args, user = {}, listProcesses = async () => [] } = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...user });
  let others: readonly number[] = [];
  const send = (name: NodeJS.Signals) => {
    for (const pid of [child.pid ?? 0, ...others]) trySend(pid, name);
  };
  const endWithUs = () => send('SIGKILL');
  process.once('exit', endWithUs);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = async (name: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    send('SIGCONT');
    send(name);
    await ended;
    process.off('exit', endWithUs);
  };
  await untilReady(child, command).catch(async (error: unknown) => {
    if (child.pid !== undefined) await end('SIGKILL');
    throw error;
  });
  return {
    pid: child.pid ?? 0,
    stop: () => end('SIGINT'),
    async pause() {
      others = await listProcesses();
      freeze([child.pid, ...others]);
    },
    resume: () => send('SIGCONT'),
    async kill() {
      // Frozen, it could not say.
      if (others.length === 0) others = await listProcesses().catch(() => []);
      await end('SIGKILL');
    },
  };
}

function trySend(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

async function untilReady(child: ChildProcess, { program, isReady }: ServerCommand) {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output = `${output}${chunk}`.slice(-1000);
    });
  }
  const failed = new Promise<never>((_, reject) => {
    child.once('error', () => reject(new Error(`${program} cannot be started: see make test`)));
    child.once('close', () => reject(new Error(`${program} ended: ${output}`)));
  });
  const ready = (async () => {
    while (!(await isReady())) await pause(20);
  })();
  await Promise.race([ready, failed]);
}
