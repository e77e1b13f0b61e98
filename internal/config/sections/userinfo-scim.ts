// A SCIM service that knows the End-Users.

import * as z from 'zod';
import { fileName, later, section, text, textWith } from '../fields.ts';
import { constants, ignoreCase, passwordAuth, remote } from './userinfo-remote.ts';

const PATH = /^(?:urn:[\w.:-]+:)?[A-Za-z$][\w$-]*(?:\.[A-Za-z$][\w$-]*)*$/i;

/** Goes into a filter as it is, so that it has to be a path and nothing more (RFC 7644 §3.10). */
const attributePath = () =>
  textWith((path) => (PATH.test(path) ? undefined : 'is not the path of an attribute'));

const httpUrl = (example: string) =>
  textWith((url) => {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      return `is not an http URL; write it as ${example}`;
    const { username, password, search, hash } = new URL(url);
    if (username !== '' || password !== '') return 'has credentials in it; use files for them';
    return search === '' && hash === '' ? undefined : `has a query or a fragment; remove it`;
  });

const oauth = () =>
  section({
    token_url: httpUrl('https://login.example.com/token').meta({
      description: 'Token endpoint that is asked for an access token',
    }),
    client_id: text().meta({ description: 'Client identifier of Asteroid there' }),
    client_secret_file: fileName().meta({ description: 'File with its secret' }),
    scope: text().optional().meta({ description: 'Scope to ask for' }),
  });

export const scim = () =>
  section({
    type: z.literal('scim').meta({ description: 'A SCIM 2 service' }),
    url: httpUrl('https://id.example.com/scim/v2').meta({
      description: 'Its base URL, to which /Users is added',
    }),
    ca_file: fileName().optional().meta({ description: 'CA that alone proves it, PEM' }),
    bearer_file: fileName().optional().meta({ description: 'File with a bearer token for it' }),
    basic: later(passwordAuth)
      .optional()
      .meta({ description: 'HTTP Basic authentication at the service' }),
    oauth: later(oauth)
      .optional()
      .meta({ description: 'An access token of its own, by client credentials' }),
    lookup: attributePath()
      .default('userName')
      .meta({ description: 'Attribute that is the very subject; id is asked for by GET' }),
    ignore_case: ignoreCase(),
    groups: z.enum(['user', 'search', 'none']).default('user').meta({
      description: 'Where groups come from: what the user lists, a search for groups, or nowhere',
    }),
    group_name: z
      .enum(['display', 'value'])
      .default('display')
      .meta({ description: 'What of a group that the user lists is its name' }),
    attributes: z
      .record(text(), attributePath().meta({ description: 'Path of the attribute' }))
      .default({})
      .meta({
        description: 'Further claims, each with the path of an attribute',
        examples: [
          {
            department: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
          },
        ],
      }),
    constants: constants(),
    ...remote(),
  }).refine(
    ({ bearer_file, basic, oauth: credentials }) =>
      [bearer_file, basic, credentials].filter((one) => one !== undefined).length <= 1,
    { path: ['oauth'], error: 'bearer_file and basic exclude each other; keep one' },
  );
