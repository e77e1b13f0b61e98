import { defineConfig } from '@playwright/test';

const { CHROMIUM, CI } = process.env;

export default defineConfig({
  testDir: 'test/browser',
  // Every test has its own issuer and its own application, on ports that were free: all at once is fine.
  fullyParallel: true,
  workers: 3,
  forbidOnly: CI !== undefined,
  reporter: 'list',
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    launchOptions: {
      // The machine's own Chromium. Without CHROMIUM: `npx playwright install chromium`.
      ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
      // Nothing that a browser does on its own account.
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    },
  },
});
