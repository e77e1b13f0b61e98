// A PostgreSQL database that knows the End-Users.

import * as z from 'zod';
import { fileName, later, section, textWith } from '../fields.ts';
import { allowPlainText, maxConnections, remote, serverTls } from './userinfo-remote.ts';

/** The URL may hold a password, so it is never repeated. */
function findUrlProblem(url: string): string | undefined {
  const example = 'write it as postgres://user@db.example.com/people';
  if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url)) {
    return `is not a URL of PostgreSQL; ${example}`;
  }
  const { hostname, username, password, pathname, search, hash } = new URL(url);
  if (password !== '') return 'has a password in it; use password_file';
  if (search !== '' || hash !== '') return 'has something after the database; remove it';
  const isWhole = hostname !== '' && username !== '' && /^\/[^/]+$/.test(pathname);
  const isReadable = [hostname, username, pathname].every(canDecode);
  return isWhole && isReadable ? undefined : `needs a user, a host and a database; ${example}`;
}

function canDecode(part: string): boolean {
  try {
    return decodeURIComponent(part) !== '';
  } catch {
    return false;
  }
}

const query = () =>
  textWith((given) => {
    if (!/\$1(?!\d)/.test(given)) return 'needs $1 where the subject belongs';
    if (/\$(?!1(?!\d))\d/.test(given)) return 'has a parameter that nothing is put in place of';
    if (/;\s*\S/.test(given.replace(/'[^']*'/g, ''))) return 'has to be one query';
    return /^\s*(?:select|with|values|table|\()/i.test(given)
      ? undefined
      : 'has to begin with select or with';
  });

export const sql = () =>
  section({
    type: z.literal('sql').meta({ description: 'A PostgreSQL database' }),
    url: textWith(findUrlProblem).meta({
      description:
        'Where it is: postgres://USER@HOST:PORT/DATABASE, a folder with a socket as %2Frun%2Fpostgresql',
    }),
    password_file: fileName().optional().meta({ description: 'File with the password' }),
    tls: later(serverTls).optional().meta({
      description: 'Details of TLS to it; its presence alone means TLS on loopback, too',
    }),
    allow_plain_text: allowPlainText(),
    query: query().meta({
      description: 'One row of claims for the subject $1, or one column of JSON',
      examples: ['select name, email, email_verified from people where username = $1'],
    }),
    groups_query: query()
      .optional()
      .meta({
        description: 'Rows of one column, the names of the groups of $1',
        examples: ['select team from members where username = $1'],
      }),
    max_connections: maxConnections(),
    ...remote(),
  });
