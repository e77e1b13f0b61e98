// The program as one bundle, made from the sources of a checkout.

import path from 'node:path';
import { build } from 'esbuild';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MAIN = 'cmd/asteroid/main.ts';

/** How esbuild is asked for what Node starts by itself. */
export const FOR_NODE = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  banner: {
    js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);",
  },
  logLevel: 'error',
} as const;

/**
 * The program in a folder of its own, for a user who may not read this checkout.
 * @param root of another checkout, in place of this one.
 */
export async function bundleProgram(folder: string, root = ROOT): Promise<string> {
  await build({
    entryPoints: { program: path.join(root, MAIN) },
    outdir: folder,
    ...FOR_NODE,
  });
  return path.join(folder, 'program.mjs');
}
