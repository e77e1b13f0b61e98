// What the userinfo backends that ask somebody else have in common.

import * as z from 'zod';
import { HOUR } from '../../protocol/time.ts';
import { duration } from '../duration.ts';
import { count, fileName, section, text } from '../fields.ts';

/** How long it may take, and what is remembered. */
export const remote = () => ({
  timeout: duration({ min: 0.05, max: 60 })
    .prefault('2s')
    .meta({ description: 'Time for a whole answer' }),
  cache_ttl: duration({ min: 0, max: 24 * HOUR })
    .prefault('1m')
    .meta({ description: 'How long an answer is reused; so long a deletion may go unnoticed' }),
  stale_if_error: duration({ min: 0, max: 24 * HOUR })
    .prefault('5m')
    .meta({
      description: 'How long beyond that the last answer counts while the service is down',
    }),
  max_entries: count(1, 10_000_000)
    .default(10_000)
    .meta({ description: 'Answers remembered at most' }),
});

/** A pair of certificate and key is one thing. */
export const serverTls = () =>
  section({
    ca_file: fileName().optional().meta({ description: 'CA of its certificate, PEM' }),
    cert_file: fileName().optional().meta({ description: 'Certificate to show to it, PEM' }),
    key_file: fileName().optional().meta({ description: 'Private key of that certificate, PEM' }),
  }).refine((given) => (given.cert_file === undefined) === (given.key_file === undefined), {
    path: ['cert_file'],
    error: 'and key_file belong together; give both or neither',
  });

export const allowPlainText = () =>
  z.boolean().default(false).meta({
    description: 'Passwords and claims may cross a network that anybody on it can read',
  });

export const maxConnections = () =>
  count(1, 64).default(4).meta({ description: 'Connections of one process at most' });

export const ignoreCase = () =>
  z.boolean().default(false).meta({
    description: 'A subject that differs in case alone is the same End-User',
  });

export const constants = () =>
  z
    .record(
      text(),
      z.union([text(), z.boolean(), z.number()]).meta({ description: 'Value of the claim' }),
    )
    .default({})
    .meta({
      description: 'Claims of everybody it knows, unless it says otherwise',
      examples: [{ email_verified: true }],
    });

export const passwordAuth = () =>
  section({
    username: text().meta({ description: 'User name at the service' }),
    password_file: fileName().meta({ description: 'File with the password' }),
  });
