import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/deploy/**', 'test/bench/**', 'test/faults/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Every core: many files wait for a Redis or a process, and leave theirs idle.
    maxWorkers: '100%',
    reporters: ['default', './test/support/closing-line.ts'],
  },
});
