// JSON Schemas for editors: what may be written, not what comes of it.

import * as z from 'zod';
import { clientsSchema } from './clients.ts';
import { configSchema } from './config.ts';
import { usersSchema } from './users.ts';

const SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['config/asteroid.schema.json', configSchema],
  ['config/clients.schema.json', clientsSchema],
  ['config/users.schema.json', usersSchema],
]);

/** File name from the root of the project → text. */
export const renderJsonSchemas = (): ReadonlyMap<string, string> =>
  new Map(
    [...SCHEMAS].map(([file, schema]) => {
      const json = z.toJSONSchema(schema, { io: 'input' });
      return [file, `${JSON.stringify(json, undefined, 2)}\n`] as const;
    }),
  );
