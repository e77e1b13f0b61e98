// Declarations of what dist/ exports, from the sources: only files whose types say all of it by themselves, so
// that nothing else has to be read.

import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const FOLDER = 'internal';

const SOURCES = [
  'producer/api.ts',
  'testissuer/api.ts',
  'testissuer/fixtures/each-test.ts',
  'testissuer/fixtures/matchers.ts',
  'testissuer/fixtures/vitest.ts',
  'testissuer/fixtures/playwright.ts',
];

const OPTIONS = [
  ...['--ignoreConfig', '--strict', '--target', 'es2023', '--module', 'nodenext'],
  ...['--declaration', '--emitDeclarationOnly', '--isolatedDeclarations'],
  ...['--noResolve', '--noCheck', '--allowImportingTsExtensions'],
];

const ENTRY = `export type * from './producer/api.ts';
export type * from './testissuer/api.ts';
import type { StartProducer } from './producer/api.ts';
import type { StartTestIssuer } from './testissuer/api.ts';
/** Listens on 127.0.0.1 when it resolves. Throws with everything that is wrong with the options at once. */
export declare const startTestIssuer: StartTestIssuer;
/** An app behind the proxy of a preset. Throws what whoever starts it can put right. */
export declare const startProducer: StartProducer;
`;

/** @param {string} out the folder, e.g. dist/types */
export async function writeDeclarations(out) {
  const tsc = fileURLToPath(import.meta.resolve('typescript/package.json')).replace(
    /package\.json$/,
    'bin/tsc',
  );
  const files = SOURCES.map((file) => `${FOLDER}/${file}`);
  const args = [tsc, ...OPTIONS, '--rootDir', FOLDER, '--outDir', out, ...files];
  execFileSync(process.execPath, args, { stdio: 'inherit' });
  await writeFile(`${out}/test-issuer.d.ts`, ENTRY);
}
