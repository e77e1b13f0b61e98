import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// The machine's own Chromium where there is one; else what `npx playwright install chromium` brings.
const executablePath = process.env['CHROMIUM'] || '/usr/bin/chromium';

export default defineConfig({
  testDir: 'test/browser',
  // Every test has its own issuer and its own application, on ports that were free: all at once is fine.
  fullyParallel: true,
  workers: 3,
  reporter: 'list',
  // For a machine that has much else to do.
  expect: { timeout: 15_000 },
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(existsSync(executablePath) ? { executablePath } : {}),
      // Nothing that a browser does on its own account.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
