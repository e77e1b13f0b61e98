import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: path.resolve(import.meta.dirname, '../..'),
  test: {
    include: ['test/e2e/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // As many files as cores: browsers and proxies have the rest of each to themselves.
    maxWorkers: '100%',
    reporters: ['verbose', './test/support/closing-line.ts'],
  },
});
