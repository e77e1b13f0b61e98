import * as z from 'zod';
import { section } from '../../../config/fields.ts';
import { metadata, words } from '../openapi/shapes.ts';
import { named, next, page } from './shape.ts';

const one = (description: string) =>
  z.string().min(1, 'is empty').max(512, 'is too long').exactOptional().meta({ description });

const time = (description: string) =>
  z
    .string()
    .regex(/^\d{1,11}$/, 'has to be whole seconds since 1970')
    .transform(Number)
    .exactOptional()
    .meta({ description });

export const auditQuery = section({
  ...page(),
  type: one('Type of the event, as in token.refused'),
  client_id: one('Of the client'),
  subject: one('Of the End-User'),
  request_id: one('Of the request, as in the log'),
  from: time('Not before, in seconds since 1970'),
  until: time('Not after, in seconds since 1970'),
});

export const records = named(
  'AuditRecords',
  z.strictObject({
    records: z.array(
      z.strictObject({
        id: words(),
        at: z.number().meta({ description: 'Milliseconds since 1970' }),
        event: metadata().meta({ description: 'Its type, and what belongs to it' }),
        peer: words().exactOptional(),
        trace_id: words().exactOptional(),
        worker: z.int().exactOptional(),
      }),
    ),
    next: next(),
  }),
);
