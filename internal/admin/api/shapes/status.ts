import * as z from 'zod';
import { moment, words } from '../openapi/shapes.ts';
import { named } from './shape.ts';

/** How the issuer is. */
export const status = named(
  'Status',
  z.strictObject({
    issuer: words().meta({ description: 'The issuer identifier' }),
    version: words().meta({ description: 'Of Asteroid' }),
    node: words().meta({ description: 'Of Node' }),
    ready: z.boolean().meta({ description: 'As /readyz has it: every process can serve' }),
    dependencies: z
      .array(z.strictObject({ name: words(), ready: z.boolean() }))
      .meta({ description: 'What it cannot answer without' }),
    workers: z.int().min(1).meta({ description: 'Processes that should serve' }),
    started_at: moment().meta({ description: 'Since when the process that answers is there' }),
    now: moment().meta({ description: 'By its clock' }),
  }),
);
