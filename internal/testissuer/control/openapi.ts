// The description that programs read (OpenAPI 3.1): made from the table of operations and the shapes of
// what they say, so that it cannot say anything else than what is done.

import * as z from 'zod';
import type { JsonValue } from '../../protocol/claims.ts';
import { BASE } from './base.ts';
import type { Operation } from './operation.ts';
import { named, SHAPES, words } from './shapes/shape.ts';

type Json = { readonly [member: string]: JsonValue };

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

const refusal = named(
  'Refusal',
  z.strictObject({
    error: words().meta({ description: 'One word, for programs' }),
    error_description: words().meta({ description: 'What to do, for people' }),
  }),
);

const NAMES: { readonly [name: string]: string } = {
  issuer_id: '`root`, or the id of an isolated issuer',
  client_id: 'That of a client, percent-encoded',
  sub: 'That of an End-User, percent-encoded',
  fault_id: 'As it was answered when the fault was added',
};

type Response = readonly [name: string, status: string, description: string];

/** What any operation may answer beside what it is for. */
const RESPONSES: readonly Response[] = [
  ['InvalidRequest', '400', 'The request says something that cannot be; the description says what'],
  ['NoToken', '401', 'Without the token, or with another one'],
  ['NotFound', '404', 'There is none of this name'],
  ['Refused', 'default', 'Any other reason why nothing was done'],
];

/** The whole document. */
export function describeOperations(operations: readonly Operation[]): Json {
  const paths = [...new Set(operations.map(({ path }) => path))];
  return {
    ...HEAD,
    paths: Object.fromEntries(paths.map((path) => [path, describePath(path, operations)])),
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Told by `asteroid dev` at its start; ASTEROID_DEV_TOKEN chooses it',
        },
      },
      parameters: Object.fromEntries(Object.entries(NAMES).map(describeName)),
      responses: Object.fromEntries(
        RESPONSES.map(([name, , description]) => [
          name,
          { description, content: contentOf(refusal) },
        ]),
      ),
      schemas: describeShapes(),
    },
  };
}

const describeName = ([name, description]: readonly [string, string]): readonly [string, Json] => [
  name,
  { name, in: 'path', required: true, description, schema: { type: 'string', minLength: 1 } },
];

function describePath(path: string, operations: readonly Operation[]): Json {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const here = operations.filter((operation) => operation.path === path);
  const parameters = names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
  return {
    ...(names.length === 0 ? {} : { parameters }),
    ...Object.fromEntries(here.map((one) => [one.method.toLowerCase(), describeOperation(one)])),
  };
}

function describeOperation({ id, says, body, status, answer }: Operation): Json {
  const isOptional = body?.safeParse({}).success === true;
  const success = { description: says };
  return {
    operationId: id,
    summary: says,
    ...(body === undefined
      ? {}
      : { requestBody: { required: !isOptional, content: contentOf(body) } }),
    responses: {
      [status]: answer === undefined ? success : { ...success, content: contentOf(answer) },
      ...Object.fromEntries(
        RESPONSES.map(([name, of]) => [of, { $ref: `#/components/responses/${name}` }]),
      ),
    },
  };
}

const contentOf = (shape: z.ZodType): Json => ({
  'application/json': { schema: { $ref: toPointer(SHAPES.get(shape)?.id ?? '') } },
});

const toPointer = (id: string): string => `#/components/schemas/${id}`;

/** A shape that stands in others is told once; where it stands has a fragment of this document. */
function describeShapes(): Json {
  const { schemas } = z.toJSONSchema(SHAPES, { uri: toPointer, io: 'input' });
  const sorted = Object.entries(schemas).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([name, { $schema: _dialect, $id: _place, ...schema }]) => [
      name,
      // Without what zod has for itself, and what JSON has no word for.
      JSON.parse(JSON.stringify(schema)),
    ]),
  );
}
