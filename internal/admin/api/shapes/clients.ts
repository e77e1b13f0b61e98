import * as z from 'zod';
import { metadata, moment, words } from '../openapi/shapes.ts';
import { named, next } from './shape.ts';

/** What an operator says of a client. */
export const terms = named(
  'ClientMetadata',
  metadata().meta({
    description:
      'The words of clients.yaml, without client_id, secrets and files; for a client that registered itself, those of RFC 7591 §2',
    examples: [
      {
        client_name: 'Grafana',
        redirect_uris: ['https://grafana.example.com/login/generic_oauth'],
      },
    ],
  }),
);

const members = {
  client_id: words(),
  made_by: z.enum(['file', 'operator', 'itself']).meta({
    description: 'clients.yaml, an operator by this API, or the client itself (RFC 7591)',
  }),
  metadata: metadata().meta({ description: 'By the registered names' }),
  secrets: z
    .array(z.strictObject({ secret_id: words(), added_at: moment() }))
    .meta({ description: 'Those that count; of clients.yaml none are told' }),
  issued_at: moment().exactOptional(),
  expires_at: moment().exactOptional(),
};

const secret = () => words().meta({ description: 'Told in this answer, and never again' });

/** One client. */
export const client = named('Client', z.strictObject(members));

/** One client, and its secret where this made one. */
export const madeClient = named(
  'MadeClient',
  z.strictObject({ ...members, client_secret: secret().exactOptional() }),
);

export const clients = named('Clients', z.strictObject({ clients: z.array(client), next: next() }));

/** A further secret. */
export const madeSecret = named(
  'MadeSecret',
  z.strictObject({ secret_id: words(), client_secret: secret() }),
);
