// The configuration as this build of Asteroid understands it: the tables of the domain say which
// words a client may use.

import { type LoadOptions, load, type Snapshot } from '../loader/load.ts';
import { CLIENT_AUTH_METHODS } from '../oidc/clientauth/table.ts';
import { GRANTS } from '../oidc/grants/table.ts';

/** Throws `ConfigError` with every problem of every file. */
export const readSnapshot = (
  options: Omit<LoadOptions, 'grantTypes' | 'authMethods'>,
): Promise<Snapshot> =>
  load({
    ...options,
    grantTypes: new Set(GRANTS.map(({ grantType }) => grantType)),
    authMethods: new Set(CLIENT_AUTH_METHODS.map(({ name }) => name)),
  });
