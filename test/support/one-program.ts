// The program, bundled once for a whole run of tests. From source each process of it finds, translates and links
// hundreds of files before it does anything, and tests start some hundreds of processes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleProgram } from './bundle.ts';

let folder = '';

/** Called by vitest before any file: `spawnProgram` finds the program by the environment. */
export async function setup(): Promise<void> {
  folder = await mkdtemp(path.join(tmpdir(), 'asteroid-program-'));
  process.env['ASTEROID_PROGRAM'] = await bundleProgram(folder);
}

/** Called by vitest after the last one. */
export const teardown = (): Promise<void> => rm(folder, { recursive: true, force: true });
