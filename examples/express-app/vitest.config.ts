import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/*.test.ts'],
    // Files in processes of their own, all at once, and inside of a file one test beside the other: no
    // test can see the issuer, the application or the browser of another.
    pool: 'forks',
    sequence: { concurrent: true },
    // For a machine that has much else to do.
    testTimeout: 30_000,
  },
});
