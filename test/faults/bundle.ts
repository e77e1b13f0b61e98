// The program of this checkout as one file that starts fast, as it is or with a bug planted in it.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { FOR_NODE } from '../support/bundle.ts';
import { own } from './cleanup.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** One text of one file, and what stands there instead. */
export type Plant = { readonly file: string; readonly from: string; readonly to: string };

/** Throws where the text is not there exactly once: a bug that is not planted is not found either. */
function plantInto(text: string, { file, from, to }: Plant): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`cannot plant into ${file}: ${from}`);
  return parts.join(to);
}

const planting = (plants: readonly Plant[], planted: Set<Plant>): Plugin => ({
  name: 'plants',
  setup(build) {
    for (const file of new Set(plants.map((plant) => plant.file))) {
      const filter = new RegExp(`${file.replaceAll('.', '\\.')}$`);
      build.onLoad({ filter }, async ({ path: found }) => {
        const own = plants.filter((plant) => plant.file === file);
        for (const plant of own) planted.add(plant);
        return { contents: own.reduce(plantInto, await readFile(found, 'utf8')), loader: 'ts' };
      });
    }
  },
});

/** @returns the file to start. */
export async function bundle(folder: string, plants: readonly Plant[] = []): Promise<string> {
  const planted = new Set<Plant>();
  await build({
    entryPoints: { issuer: path.join(ROOT, 'test/faults/stepped.ts') },
    outdir: folder,
    ...FOR_NODE,
    plugins: [planting(plants, planted)],
  });
  const missed = plants.find((plant) => !planted.has(plant));
  if (missed !== undefined) throw new Error(`${missed.file} is not part of the program`);
  for (const file of await readdir(folder)) own(path.join(folder, file));
  return path.join(folder, 'issuer.mjs');
}
