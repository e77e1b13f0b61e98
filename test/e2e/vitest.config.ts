import { existsSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

const root = path.resolve(import.meta.dirname, '../..');
// install.sh built it, or said in one line why it could not.
const proxy = existsSync(path.join(root, '.cache/bin/oauth2-proxy'));

export default defineConfig({
  root,
  test: {
    include: ['test/e2e/*.test.ts'],
    exclude: proxy ? [] : ['test/e2e/oauth2-proxy*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    fileParallelism: false,
    reporters: ['verbose', './test/support/closing-line.ts'],
  },
});
