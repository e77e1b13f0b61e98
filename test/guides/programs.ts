// Products are programs that somebody else has built: where they are is said by the environment, and
// what their guides type runs in a shell that finds them by name.

import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../e2e/rig.ts';

export function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}: see docs/contributing.md`);
  return value;
}

/** Some programs refuse root. */
export const asNobody = (run: readonly string[]): readonly string[] =>
  process.getuid?.() === 0
    ? ['setpriv', '--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups', ...run]
    : run;

/** A PATH on which this name is that program with those arguments before any others. */
export function command(name: string, run: readonly string[]): { readonly PATH: string } {
  const folder = temporaryFolder();
  const file = path.join(folder, name);
  const quoted = run.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  writeFileSync(file, `#!/bin/sh\nexec ${quoted} "$@"\n`);
  chmodSync(file, 0o755);
  return { PATH: `${folder}:${process.env['PATH']}` };
}

/** Answers what it printed; throws that when it fails. */
export function runShell(text: string, env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', text], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`${text}\nended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}
