// `test` of this project: every test gets an issuer of its own, the application, and a browser.

import {
  type IssuerFixtures,
  issuerFixtures,
  issuerMatchers,
} from 'asteroid-oidc/test-issuer/vitest';
import { test as base, expect } from 'vitest';
import { type Browser, openBrowser } from './browser.ts';
import { type RunningApp, startApp } from './start-app.ts';
import { USERS } from './users.ts';

expect.extend(issuerMatchers);

type Fixtures = { readonly app: RunningApp; readonly browser: Browser };

export const test = base.extend<IssuerFixtures>(issuerFixtures({ users: USERS })).extend<Fixtures>({
  app: async ({ issuer }, use) => {
    const app = await startApp(issuer);
    await use(app);
    await app.stop();
  },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from this text what the fixture needs.
  browser: async ({}, use) => await use(openBrowser()),
});
