import * as z from 'zod';
import { metadata } from '../openapi/shapes.ts';
import { named } from './shape.ts';

const outdated = () =>
  z.boolean().meta({
    description: 'The files say something else, and could not be taken; the log says why',
  });

export const configuration = named(
  'Configuration',
  z.strictObject({
    configuration: metadata().meta({
      description:
        'What is in force, with every default; lengths of time in seconds, secrets as [redacted]',
    }),
    files: z.array(z.string()).meta({ description: 'What it was read from' }),
    outdated: outdated(),
    restart_needed: z
      .array(z.string())
      .meta({ description: 'Options whose value in the files counts from a restart on' }),
  }),
);

export const reloaded = named('Reloaded', z.strictObject({ outdated: outdated() }));
