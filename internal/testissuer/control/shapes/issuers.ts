// What is said about issuers, and about who and what they know.

import * as z from 'zod';
import { metadata, words } from '../../../admin/api/openapi/shapes.ts';
import { section } from '../../../config/fields.ts';
import { named } from './shape.ts';

const list = (description: string) =>
  z.array(metadata(), { error: 'has to be a list of objects' }).exactOptional().meta({
    description,
  });

/** What an isolated issuer begins with. */
export const openIssuer = named(
  'OpenIssuer',
  section({
    clients: list('As in clients.yaml; those of the root issuer when absent'),
    users: list('As in users.yaml; those of the root issuer when absent'),
    config: metadata().exactOptional().meta({
      description: 'Any other section of asteroid.yaml; that of the root issuer when absent',
    }),
  }).meta({ examples: [{ config: { lifetimes: { access_token: '5m' } } }] }),
);

/** An issuer that is there. */
export const issuer = named(
  'Issuer',
  z.strictObject({
    id: words().meta({ description: 'Its name in the paths of this API' }),
    issuer: words().meta({ description: 'The issuer identifier: discovery starts here' }),
  }),
);

export const issuers = named('Issuers', z.strictObject({ issuers: z.array(issuer) }));

/** Of one client. */
export const client = named(
  'Client',
  metadata().meta({
    description: 'Registered metadata names (RFC 7591 §2), as in clients.yaml',
    examples: [{ client_secret: 'SECRET', redirect_uris: ['https://app.example/callback'] }],
  }),
);

export const clients = named('Clients', z.strictObject({ clients: z.array(words()) }));

/** Of one End-User. */
export const user = named(
  'User',
  metadata().meta({
    description: 'Standard claims (OpenID Connect Core §5.1), as in users.yaml',
    examples: [{ name: 'Ada', email: 'ada@app.example' }],
  }),
);

export const users = named('Users', z.strictObject({ users: z.array(words()) }));
