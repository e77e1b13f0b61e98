// Makes dist/: one entry for the program, one for tests of other people's programs, and a chunk for
// everything that is imported when it is first used, so that nobody pays for a store, a client or a
// watcher that their configuration does not name.

import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { besides, chunks } from './build/chunks.mjs';
import { writeDeclarations } from './build/declarations.mjs';

/** Where to; by default dist. */
const [, , OUT = 'dist'] = process.argv;

// Packages written as CommonJS call `require` for what Node itself brings.
const REQUIRE = `import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);`;

await rm(OUT, { recursive: true, force: true });

const common = {
  outdir: OUT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'linked',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
};

const { metafile } = await build({
  ...common,
  entryPoints: {
    asteroid: 'cmd/asteroid/main.ts',
    'test-issuer': 'internal/testissuer/testissuer.ts',
  },
  // Beside the entries: what a chunk finds relative to itself, an entry finds as well.
  chunkNames: '[name]-[hash]',
  splitting: true,
  alias: {
    'iconv-lite': './build/iconv-lite.cjs',
    'supports-color': './build/supports-color.cjs',
  },
  banner: { js: REQUIRE },
  plugins: [chunks],
  metafile: true,
});

// Apart from the rest, of which they find the test issuer as it ships: they bring no chunks of their own.
await build({
  ...common,
  entryPoints: {
    'test-issuer-vitest': 'internal/testissuer/fixtures/vitest.ts',
    'test-issuer-playwright': 'internal/testissuer/fixtures/playwright.ts',
  },
  plugins: [besides('internal/testissuer/testissuer.ts', './test-issuer.js')],
});

await writeDeclarations(`${OUT}/types`);

// A first line of its own moves everything else one line down, in the map as well.
const program = `${OUT}/asteroid.js`;
await writeFile(program, `#!/usr/bin/env node\n${await readFile(program, 'utf8')}`);
await chmod(program, 0o755);
const map = JSON.parse(await readFile(`${program}.map`, 'utf8'));
await writeFile(`${program}.map`, JSON.stringify({ ...map, mappings: `;${map.mappings}` }));

const scripts = Object.keys(metafile.outputs).filter((name) => name.endsWith('.js'));
const bytes = await Promise.all(scripts.map(async (name) => (await stat(name)).size));
const kib = Math.round(bytes.reduce((sum, size) => sum + size, 0) / 1024);
console.log(`${OUT}/: ${scripts.length} files, ${kib} KiB`);
