// Which modules end in one file. esbuild makes a chunk for every set of entry points that have code in
// common: dozens, each of which Node has to find, read and link at start. What is loaded later says
// here that it needs what is loaded by then anyway, so that all of that is common to all, and one file.

import path from 'node:path';

/** Loaded by whoever reads a configuration. */
const START = ['cmd/asteroid/serve.ts'];
/** Loaded by whoever serves; nearly everybody has keys in files, and every store says what it holds. */
const RUN = [
  ...START,
  ...['internal/app/run.ts', 'internal/keys/file/file.ts'],
  ...['internal/store/store.ts', 'internal/store/held.ts', 'internal/store/granted.ts'],
];

/** Those that need less than what serves. */
const LESS = new Map([
  ['cmd/asteroid/command-line.ts', []],
  ['cmd/asteroid/health.ts', []],
  ['cmd/asteroid/serve.ts', START],
  ['internal/app/workers/primary.ts', START],
]);

const ENTRY = 'internal/testissuer/testissuer.ts';

/** A plugin for esbuild. */
export const chunks = {
  name: 'chunks',
  setup(build) {
    const root = process.cwd();
    build.onResolve({ filter: /\.ts$/ }, ({ kind, path: specifier, resolveDir, namespace }) => {
      if (namespace === 'later') return undefined;
      const file = path.join(resolveDir, specifier);
      const name = path.relative(root, file);
      const isLater = kind === 'dynamic-import' || (kind === 'entry-point' && name === ENTRY);
      return isLater ? { path: name, namespace: 'later' } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: 'later' }, ({ path: file }) => {
      const needed = LESS.get(file) ?? RUN;
      const lines = needed.map((other) => `import './${other}';`);
      return { contents: [...lines, `export * from './${file}';`].join('\n'), resolveDir: root };
    });
  },
};

/**
 * A plugin for a bundle that stands beside another.
 * @param {string} source a module that is in the other one, from the root
 * @param {string} entry where it is found there
 */
export const besides = (source, entry) => ({
  name: 'besides',
  setup(build) {
    build.onResolve({ filter: /\.ts$/ }, ({ path: specifier, resolveDir }) => {
      const isThere = path.join(resolveDir, specifier) === path.resolve(source);
      return isThere ? { path: entry, external: true } : undefined;
    });
  },
});
