// Everything that can be asked, in the order in which people read about it.

import { metadata } from '../../admin/api/openapi/shapes.ts';
import { describeOperations } from './openapi.ts';
import { type Operation, operation } from './operation.ts';
import { DIRECTORY } from './operations/directory.ts';
import { ISSUERS } from './operations/issuers.ts';
import { MISBEHAVING } from './operations/misbehaving.ts';
import { SIGNING_IN } from './operations/signing-in.ts';
import { named } from './shapes/shape.ts';

const description = operation({
  id: 'describe',
  method: 'GET',
  path: '/openapi.json',
  says: 'tell all of this to programs (OpenAPI 3.1)',
  answer: named('Description', metadata().meta({ description: 'This document' })),
  run: () => describeOperations(OPERATIONS),
});

export const OPERATIONS: readonly Operation[] = [
  ...ISSUERS,
  ...DIRECTORY,
  ...SIGNING_IN,
  ...MISBEHAVING,
  description,
];
