// Who knows the End-Users: backends asked in order.

import * as z from 'zod';
import { count, fileName, section, textWith } from '../fields.ts';
import { ldap } from './userinfo-ldap.ts';
import { passwordAuth, remote } from './userinfo-remote.ts';
import { scim } from './userinfo-scim.ts';
import { sql } from './userinfo-sql.ts';

/** Mirrors what the http backend can ask for: a name in the path or the query, nowhere else. */
function findUrlProblem(template: string): string | undefined {
  const example = 'write it as https://users.example.com/v1/{sub}';
  const stand = template.replaceAll('{sub}', 'subject-goes-here');
  if (!/^https?:\/\//.test(stand) || !URL.canParse(stand)) return `is not an http URL; ${example}`;
  const url = new URL(stand);
  if (url.username !== '' || url.password !== '')
    return 'has credentials in it; use basic or bearer_file';
  if (url.hash !== '') return 'has a fragment; remove it';
  if (url.host.includes('subject-goes-here')) return `may not have {sub} in its host; ${example}`;
  if (!`${url.pathname}${url.search}`.includes('subject-goes-here'))
    return `needs {sub} in its path or query; ${example}`;
  return undefined;
}

const yaml = () =>
  section({
    type: z.literal('yaml').meta({ description: 'The End-Users of a YAML file' }),
    file: fileName().meta({ description: 'The file, read again when it changes' }),
  });

const headers = () =>
  section({
    type: z.literal('headers').meta({ description: 'What the proxy said at sign-in' }),
  });

const http = () =>
  section({
    type: z.literal('http').meta({ description: 'A service that answers JSON to GET' }),
    url: textWith(findUrlProblem).meta({
      description: 'Its URL, with {sub} where the subject belongs',
    }),
    bearer_file: fileName().optional().meta({ description: 'File with a bearer token for it' }),
    basic: passwordAuth()
      .optional()
      .meta({ description: 'HTTP Basic authentication at the service' }),
    ...remote(),
  }).refine((given) => given.bearer_file === undefined || given.basic === undefined, {
    path: ['basic'],
    error: 'cannot be combined with bearer_file; remove one of the two',
  });

const store = () =>
  section({
    type: z.literal('store').meta({
      description: 'The End-Users that operators keep in the store of the issuer by the Admin API',
    }),
    max_users: count(1, 10_000_000)
      .default(100_000)
      .meta({ description: 'End-Users kept at a time, at most' }),
  });

export const userinfo = () =>
  section({
    backends: z
      .array(
        z.discriminatedUnion('type', [yaml(), headers(), http(), ldap(), sql(), scim(), store()], {
          error: 'has to be one of yaml, headers, http, ldap, sql, scim, store',
        }),
      )
      .prefault([{ type: 'yaml', file: '../users.yaml' }])
      .meta({
        description:
          'Asked in order: the first that knows the subject decides that it exists, claims merge, earlier wins',
        examples: [
          [
            { type: 'headers' },
            {
              type: 'http',
              url: 'https://users.example.com/v1/{sub}',
              bearer_file: '/run/secrets/users',
            },
          ],
        ],
      }),
  });
