// What the description of the Admin API says beside its operations.

import { ADMIN_ERRORS } from '../refusal.ts';
import { type DescribedApi, describeOperations, type Json } from './openapi/describe.ts';
import { refusal } from './openapi/shapes.ts';
import { type AdminOperation, BASE } from './operation.ts';
import { named, SHAPES } from './shapes/shape.ts';

const HEAD = {
  openapi: '3.1.1',
  info: {
    title: 'Asteroid: Admin API',
    version: '1',
    description:
      'Answered by the admin listener where the configuration has `admin`. Times are seconds since 1970, UTC, unless said otherwise.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: BASE, description: 'at the admin listener' }],
  security: [{ token: [] }, { certificate: [] }],
} satisfies Json;

const REFUSAL = named('Refusal', refusal());

const API: DescribedApi = {
  head: HEAD,
  securitySchemes: {
    token: {
      type: 'http',
      scheme: 'bearer',
      description: 'A token of `admin.tokens`, or an access token as `admin.access_tokens` has it',
    },
    certificate: {
      type: 'mutualTLS',
      description: 'A certificate that `admin.certificates` names',
    },
  },
  names: {
    client_id: 'That of a client, percent-encoded',
    secret_id: 'As the client lists it',
    kid: 'The key ID (RFC 7517 §4.5)',
    authorization_id: 'As the list, tokens and events have it',
    sid: 'As the list, ID Tokens and events have it',
    sub: 'The subject, percent-encoded, as the proxy names it',
  },
  responses: [
    {
      name: 'InvalidRequest',
      status: '400',
      description: 'The request says something that cannot be; the description says what',
    },
    {
      name: 'NoCredential',
      status: '401',
      description: 'Without a credential, or with a wrong one',
    },
    {
      name: 'InsufficientRole',
      status: '403',
      description: 'The role of the credential is read, or a page of a browser asked',
    },
    { name: 'NotFound', status: '404', description: 'There is none of this name', isRare: true },
    {
      name: 'Conflict',
      status: '409',
      description: 'It cannot be done as things are',
      isRare: true,
    },
    {
      name: 'PreconditionFailed',
      status: '412',
      description: 'It is another version than that of If-Match; read it again',
      isRare: true,
    },
    {
      name: 'Unavailable',
      status: '503',
      description: 'What it needs does not answer; ask again after Retry-After',
    },
    { name: 'Refused', status: 'default', description: 'Any other reason why nothing was done' },
  ],
  refusal: REFUSAL,
  shapes: SHAPES,
};

/** The whole document. */
export const describeApi = (operations: readonly AdminOperation[]): Json =>
  describeOperations(
    operations.map(({ errors, role, ...one }) => ({
      ...one,
      errors: errors.map((error) => String(ADMIN_ERRORS[error])),
      extra: { 'x-asteroid-role': role },
    })),
    API,
  );
