// Makes plain programs of what stands in servers/: the loader of TypeScript would be counted as theirs
// when it comes to how soon they answer and what they take.

import path from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../e2e/rig.ts';

const FOLDER = path.join(ROOT, '.cache/bench');

/** The file that Node can run; packages stay where npm has put them. */
export async function compile(file: string): Promise<string> {
  await build({
    entryPoints: [path.join(import.meta.dirname, 'servers', file)],
    ...{ outdir: FOLDER, outExtension: { '.js': '.mjs' }, bundle: true, splitting: true },
    ...{ packages: 'external', platform: 'node', format: 'esm', target: 'node20' },
  });
  return path.join(FOLDER, `${path.parse(file).name}.mjs`);
}
