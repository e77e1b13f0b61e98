// What the upstream said at sign-in, kept with the authorization. It proves nothing by itself: the
// proxy vouched for the End-User then, and cannot tell that they are gone since.

import type { Backend } from './backend.ts';
import { cleanClaims } from './clean.ts';

/** Has an answer for every subject, and never proves that one exists. */
export function createHeadersBackend(): Backend {
  return {
    type: 'headers',
    provesExistence: false,
    remote: false,
    find: (_subject, snapshot) => cleanClaims(snapshot),
    close: async () => {},
  };
}
