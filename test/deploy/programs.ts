// Programs of others that judge what is in deploy/, as `test/deploy/install.sh` brings them.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../e2e/rig.ts';

export const TOOLS = path.join(ROOT, '.cache/deploy');
export const HELM = path.join(TOOLS, 'bin/helm');
export const KUBECTL = path.join(TOOLS, 'bin/kubectl');

export const inProject = (file: string): string => path.join(ROOT, file);

export type Outcome = {
  readonly status: number | null;
  /** Standard output alone. */
  readonly stdout: string;
  /** Both, for messages. */
  readonly output: string;
};

type Options = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
};

export function run(command: string, args: readonly string[], options: Options = {}): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    maxBuffer: 64 * 1024 * 1024,
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  if (error !== undefined) throw error;
  return { status, stdout, output: `${stdout}${stderr}` };
}

/** Standard output of a program that has to succeed. */
export function succeed(command: string, args: readonly string[], options: Options = {}): string {
  const { status, stdout, output } = run(command, args, options);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${status}\n${output}`);
  return stdout;
}

/** Python with the packages that are installed for these tests alone. */
export const python = (args: readonly string[], options: Options = {}): Outcome =>
  run('python3', args, {
    ...options,
    env: { ...options.env, PYTHONPATH: path.join(TOOLS, 'python') },
  });
