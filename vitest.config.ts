import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/deploy/**', 'test/bench/**', 'test/faults/**'],
    // A machine that is slow or busy fails nothing.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    globalSetup: ['./test/support/one-program.ts'],
    // Two for each core: most of the time goes by in files that wait for a Redis or a process.
    maxWorkers: 2 * availableParallelism(),
    reporters: ['default', './test/support/closing-line.ts'],
  },
});
