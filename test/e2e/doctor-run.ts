// `asteroid doctor`, as a program.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PROGRAM, temporaryFolder } from './rig.ts';

export type DoctorRun = {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
};

export async function runDoctor(
  through: string,
  admin: number,
  args: readonly string[],
): Promise<DoctorRun> {
  const where = ['--through', through, '--admin', `http://127.0.0.1:${admin}`];
  const child = spawn(process.execPath, [PROGRAM, 'doctor', ...where, ...args]);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** The name of a file with a Cookie header in it. */
export function writeCookie(cookie: string): string {
  const file = path.join(temporaryFolder(), 'cookie');
  writeFileSync(file, cookie);
  return file;
}
