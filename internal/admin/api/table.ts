// Everything that can be asked, in the order in which people read about it.

import { metadata } from './openapi/shapes.ts';
import { describeApi } from './openapi.ts';
import { type AdminOperation, operation } from './operation.ts';
import { AUDIT } from './operations/audit.ts';
import { AUTHORIZATIONS } from './operations/authorizations.ts';
import { CLIENTS } from './operations/clients.ts';
import { CONFIGURATION } from './operations/configuration.ts';
import { KEYS } from './operations/keys.ts';
import { SESSIONS } from './operations/sessions.ts';
import { STATUS } from './operations/status.ts';
import { USERS } from './operations/users.ts';
import { named } from './shapes/shape.ts';

const description = operation({
  id: 'describe',
  method: 'GET',
  path: '/openapi.json',
  role: 'read',
  says: 'tell all of this to programs (OpenAPI 3.1)',
  answer: named('Description', metadata().meta({ description: 'This document' })),
  run: async () => ({ body: describeApi(OPERATIONS) }),
});

export const OPERATIONS: readonly AdminOperation[] = [
  ...STATUS,
  ...CLIENTS,
  ...AUTHORIZATIONS,
  ...SESSIONS,
  ...USERS,
  ...KEYS,
  ...CONFIGURATION,
  ...AUDIT,
  description,
];
