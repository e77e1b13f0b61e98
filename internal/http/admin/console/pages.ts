// Every page of the console, and everything that can be done from it.

import { CLIENT_ACTS } from './acts/clients.ts';
import { GRANT_ACTS } from './acts/grants.ts';
import { KEY_ACTS } from './acts/keys.ts';
import { USER_ACTS } from './acts/users.ts';
import { AUDIT_PAGES } from './pages/audit.ts';
import { CLIENT_PAGES } from './pages/clients.ts';
import { CONFIGURATION_PAGES } from './pages/configuration.ts';
import { GRANT_PAGES } from './pages/grants.ts';
import { IDENTITY_PAGES } from './pages/identity.ts';
import { KEY_PAGES } from './pages/keys.ts';
import { OVERVIEW_PAGES } from './pages/overview.ts';
import { USER_PAGES } from './pages/users.ts';
import type { Act, PageEntry } from './visit.ts';

export const CONSOLE_PAGES: readonly PageEntry[] = [
  ...OVERVIEW_PAGES,
  ...CLIENT_PAGES,
  ...GRANT_PAGES,
  ...USER_PAGES,
  ...KEY_PAGES,
  ...AUDIT_PAGES,
  ...IDENTITY_PAGES,
  ...CONFIGURATION_PAGES,
];

export const CONSOLE_ACTS: readonly Act[] = [
  ...CLIENT_ACTS,
  ...GRANT_ACTS,
  ...USER_ACTS,
  ...KEY_ACTS,
];

/** Below which every act has its own path. */
export const ACTS_PATH = '/do/';
