// What is measured for Prometheus.

import * as z from 'zod';
import { section } from '../fields.ts';

export const metrics = () =>
  section({
    enabled: z.boolean().default(true).meta({
      description: 'Count, and answer at /metrics of the admin and the health listener',
    }),
    clients: z.boolean().default(false).meta({
      description:
        'Count tokens and refusals of each client of clients.yaml as well, of the first 500 that come',
    }),
  });
