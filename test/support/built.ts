// dist/ as it ships, made anew in a folder of its own, and what a process of it loads.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** @returns the program in the folder. */
export function buildProgram(folder: string): string {
  execFileSync(process.execPath, ['build.mjs', folder], { cwd: ROOT, stdio: 'pipe' });
  return path.join(folder, 'asteroid.js');
}

export type Loaded = {
  /** Files of the program. */
  readonly files: readonly string[];
  /** Packages that they hold code of. */
  readonly packages: ReadonlySet<string>;
};

type Coverage = { readonly result: readonly { readonly url: string }[] };

/** @param coverage where Node wrote what it ran (NODE_V8_COVERAGE), for one process that is over. */
export function readLoaded(program: string, coverage: string): Loaded {
  const folder = path.dirname(program);
  const urls = readdirSync(coverage).flatMap((name) => {
    const { result }: Coverage = JSON.parse(readFileSync(path.join(coverage, name), 'utf8'));
    return result.map(({ url }) => url);
  });
  const files = urls
    .filter((url) => url.startsWith('file:'))
    .map((url) => fileURLToPath(url))
    .filter((file) => path.dirname(file) === folder);
  return { files, packages: new Set(files.flatMap(packagesOf)) };
}

function packagesOf(file: string): readonly string[] {
  const { sources }: { readonly sources: readonly string[] } = JSON.parse(
    readFileSync(`${file}.map`, 'utf8'),
  );
  return sources.flatMap((source) => {
    const inside = source.split('node_modules/').at(-1);
    return inside === undefined || inside === source ? [] : [nameOf(inside)];
  });
}

const nameOf = (inside: string): string =>
  inside.split('/', inside.startsWith('@') ? 2 : 1).join('/');
