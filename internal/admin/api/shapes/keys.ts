import * as z from 'zod';
import { section } from '../../../config/fields.ts';
import { moment, words } from '../openapi/shapes.ts';
import { named } from './shape.ts';

export const keys = named(
  'Keys',
  z.strictObject({
    source: words().meta({ description: 'Where they live, as keys.source says' }),
    keys: z.array(
      z.strictObject({
        kid: words(),
        alg: words().meta({ description: 'What it signs with; seal for what is never published' }),
        state: z.enum(['next', 'signing', 'published', 'retired', 'expired']),
        active_from: moment().meta({ description: 'From when it signs' }),
        until: moment().exactOptional().meta({
          description: 'When that ends by itself; absent while no later key replaces it',
        }),
      }),
    ),
  }),
);

export const rotation = named(
  'Rotation',
  section({
    alg: words().exactOptional().meta({
      description: 'As in ES256; every one in use when absent',
    }),
    immediately: z.boolean({ error: 'has to be true or false' }).exactOptional().meta({
      description:
        'true: the new key signs at once, and whoever has a copy of the JWKS fails until it is renewed; false, the default: it is published ahead',
    }),
  }).meta({ examples: [{ alg: 'ES256' }] }),
);
