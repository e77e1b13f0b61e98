// The description that programs read (OpenAPI 3.1): made from a table of operations and the shapes of
// what they say, so that it cannot say anything else than what is done.

import * as z from 'zod';
import type { JsonValue } from '../../../protocol/claims.ts';
import type { RouteMethod } from '../../route.ts';
import type { Shapes } from './shapes.ts';

export type Json = { readonly [member: string]: JsonValue };

/** As much of an operation as a description tells. */
export type Described = {
  /** As programs that are made from the description name it. */
  readonly id: string;
  readonly method: RouteMethod;
  /** Below the base. */
  readonly path: string;
  /** One line, for people. */
  readonly says: string;
  readonly query?: z.ZodObject | undefined;
  readonly body: z.ZodType | undefined;
  readonly status: number;
  readonly answer: z.ZodType | undefined;
  /** Statuses of the document that this operation may answer; absent: those of every operation. */
  readonly errors?: readonly string[];
  /** Members of its own. */
  readonly extra?: Json;
};

type Response = {
  readonly name: string;
  /** `default` is whatever else there may be. */
  readonly status: string;
  readonly description: string;
  /** Whether only operations that name it answer it. */
  readonly isRare?: boolean;
};

export type DescribedApi = {
  /** Everything but paths and components. */
  readonly head: Json;
  readonly securitySchemes: Json;
  /** What the names in paths mean. */
  readonly names: { readonly [name: string]: string };
  /** What any operation may answer beside what it is for. */
  readonly responses: readonly Response[];
  readonly refusal: z.ZodType;
  readonly shapes: Shapes;
};

/** The whole document. */
export function describeOperations(operations: readonly Described[], api: DescribedApi): Json {
  const paths = [...new Set(operations.map(({ path }) => path))];
  return {
    ...api.head,
    paths: Object.fromEntries(paths.map((path) => [path, describePath(path, operations, api)])),
    components: {
      securitySchemes: api.securitySchemes,
      parameters: Object.fromEntries(Object.entries(api.names).map(describeName)),
      responses: Object.fromEntries(
        api.responses.map(({ name, description }) => [
          name,
          { description, content: contentOf(api.refusal, api) },
        ]),
      ),
      schemas: describeShapes(api),
    },
  };
}

const describeName = ([name, description]: readonly [string, string]): readonly [string, Json] => [
  name,
  { name, in: 'path', required: true, description, schema: { type: 'string', minLength: 1 } },
];

function describePath(path: string, operations: readonly Described[], api: DescribedApi): Json {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const here = operations.filter((operation) => operation.path === path);
  const parameters = names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
  return {
    ...(names.length === 0 ? {} : { parameters }),
    ...Object.fromEntries(
      here.map((one) => [one.method.toLowerCase(), describeOperation(one, api)]),
    ),
  };
}

function describeOperation(one: Described, api: DescribedApi): Json {
  const { id, says, query, body, status, answer, errors = [], extra = {} } = one;
  const isOptional = body?.safeParse({}).success === true;
  const success = { description: says };
  const responses = api.responses.filter(
    ({ status: of, isRare = false }) => !isRare || errors.includes(of),
  );
  return {
    operationId: id,
    summary: says,
    ...extra,
    ...(query === undefined ? {} : { parameters: describeQuery(query) }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: !isOptional, content: contentOf(body, api) } }),
    responses: {
      [status]: answer === undefined ? success : { ...success, content: contentOf(answer, api) },
      ...Object.fromEntries(
        responses.map(({ name, status: of }) => [of, { $ref: `#/components/responses/${name}` }]),
      ),
    },
  };
}

function describeQuery(query: z.ZodObject): readonly Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => {
    const { description = '', ...rest } = typeof schema === 'object' ? schema : {};
    return toJson({
      name,
      in: 'query',
      required: required.includes(name),
      description,
      schema: rest,
    });
  });
}

const contentOf = (shape: z.ZodType, { shapes }: DescribedApi): Json => ({
  'application/json': { schema: { $ref: toPointer(shapes.get(shape)?.id ?? '') } },
});

const toPointer = (id: string): string => `#/components/schemas/${id}`;

/** A shape that stands in others is told once; where it stands has a fragment of this document. */
function describeShapes({ shapes }: DescribedApi): Json {
  const { schemas } = z.toJSONSchema(shapes, { uri: toPointer, io: 'input' });
  const sorted = Object.entries(schemas).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([name, { $schema: _dialect, $id: _place, ...schema }]) => [name, toJson(schema)]),
  );
}

/** Without what zod has for itself, and what JSON has no word for. */
const toJson = (value: object): Json => JSON.parse(JSON.stringify(value));
