// `test` of this project in a real browser: every test gets an issuer of its own, the application, and a page.

import { test as base } from '@playwright/test';
import {
  type IssuerFixtures,
  type IssuerWorkerFixtures,
  issuerFixtures,
  issuerMatchers,
} from 'asteroid-oidc/test-issuer/playwright';
import { type RunningApp, startApp } from './start-app.ts';
import { USERS } from './users.ts';

export const expect = base.expect.extend(issuerMatchers);

export const test = base
  .extend<IssuerFixtures, IssuerWorkerFixtures>(issuerFixtures({ users: USERS }))
  .extend<{ readonly app: RunningApp }>({
    app: async ({ issuer }, use) => {
      const app = await startApp(issuer);
      await use(app);
      await app.stop();
    },
  });
