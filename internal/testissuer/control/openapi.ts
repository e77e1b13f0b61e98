// What the description of the control API says beside its operations.

import {
  type DescribedApi,
  describeOperations as describe,
  type Json,
} from '../../admin/api/openapi/describe.ts';
import { refusal } from '../../admin/api/openapi/shapes.ts';
import { BASE } from './base.ts';
import type { Operation } from './operation.ts';
import { named, SHAPES } from './shapes/shape.ts';

const HEAD = {
  openapi: '3.1.1',
  info: {
    title: 'Asteroid for development: control of the test issuer',
    version: '1',
    description:
      'Answered by the admin listener of `asteroid dev`, and by nothing else. The same shapes as those of the package `asteroid-oidc/test-issuer`.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: BASE, description: 'at the admin listener; the control file says which it is' }],
  security: [{ token: [] }],
} satisfies Json;

const REFUSAL = named('Refusal', refusal());

const API: DescribedApi = {
  head: HEAD,
  securitySchemes: {
    token: {
      type: 'http',
      scheme: 'bearer',
      description: 'Told by `asteroid dev` at its start; ASTEROID_DEV_TOKEN chooses it',
    },
  },
  names: {
    issuer_id: '`root`, or the id of an isolated issuer',
    client_id: 'That of a client, percent-encoded',
    sub: 'That of an End-User, percent-encoded',
    fault_id: 'As it was answered when the fault was added',
  },
  responses: [
    {
      name: 'InvalidRequest',
      status: '400',
      description: 'The request says something that cannot be; the description says what',
    },
    { name: 'NoToken', status: '401', description: 'Without the token, or with another one' },
    { name: 'NotFound', status: '404', description: 'There is none of this name' },
    { name: 'Refused', status: 'default', description: 'Any other reason why nothing was done' },
  ],
  refusal: REFUSAL,
  shapes: SHAPES,
};

/** The whole document. */
export const describeOperations = (operations: readonly Operation[]): Json =>
  describe(operations, API);
