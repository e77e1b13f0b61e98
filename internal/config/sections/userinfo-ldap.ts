// A directory that knows the End-Users.

import * as z from 'zod';
import { count, fileName, later, section, text, textWith } from '../fields.ts';
import { isLoopbackHost } from './loopback.ts';
import {
  allowPlainText,
  constants,
  ignoreCase,
  maxConnections,
  remote,
  serverTls,
} from './userinfo-remote.ts';

function findUrlProblem(url: string): string | undefined {
  const example = 'write it as ldaps://ldap.example.com';
  if (!/^ldaps?:\/\//.test(url) || !URL.canParse(url)) return `is not a URL of LDAP; ${example}`;
  const { hostname, username, password, pathname, search, hash } = new URL(url);
  if (username !== '' || password !== '') return 'has credentials in it; use bind';
  const isBare = hostname !== '' && /^\/?$/.test(pathname) && search === '' && hash === '';
  return isBare ? undefined : `has to be a host alone; ${example}`;
}

/** Catches what would only fail with the first question, or worse, answer another one. */
const findFilterProblem =
  (places: readonly string[]) =>
  (filter: string): string | undefined => {
    const names = [...filter.matchAll(/\{(\w*)\}/g)].map(([, name = '']) => name);
    if (!names.some((name) => places.includes(name))) {
      return `needs ${places.map((name) => `{${name}}`).join(' or ')} where the value belongs`;
    }
    const unknown = names.find((name) => !places.includes(name));
    if (unknown !== undefined) return `has {${unknown}}, which nothing is put in place of`;
    if (/\\[89a-f][0-9a-f]/i.test(filter)) return 'escapes a character of UTF-8; write it as it is';
    return isBalanced(filter)
      ? undefined
      : 'has to be one filter in parentheses, as in (uid={sub})';
  };

function isBalanced(filter: string): boolean {
  let depth = 0;
  for (const [index, char] of [...filter].entries()) {
    if (depth === 0 && (char !== '(' || index > 0)) return false;
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
  }
  return depth === 0 && filter.length > 2;
}

const attributeName = () =>
  textWith((name) =>
    /^[A-Za-z][\w-]*$/.test(name) ? undefined : 'is not the name of an attribute',
  );

const bind = () =>
  section({
    dn: text()
      .optional()
      .meta({ description: 'Name to bind as', examples: ['cn=asteroid,dc=example,dc=com'] }),
    password_file: fileName().optional().meta({ description: 'File with its password' }),
    external: z
      .boolean()
      .default(false)
      .meta({ description: 'Bind by the certificate of tls instead (SASL EXTERNAL)' }),
  }).refine(
    ({ dn, password_file, external }) =>
      external
        ? dn === undefined && password_file === undefined
        : dn !== undefined && password_file !== undefined,
    { path: ['dn'], error: 'and password_file belong together, or external alone' },
  );

const mapping = () =>
  z
    .union([
      attributeName(),
      section({
        attribute: attributeName().meta({ description: 'Attribute of the directory' }),
        type: z
          .enum(['text', 'first', 'texts', 'boolean', 'integer', 'time', 'address'])
          .meta({ description: 'What its values become' }),
      }),
    ])
    .meta({
      description: 'Attribute of the claim, with what its values become where that is not its type',
    });

const groupSearch = () =>
  section({
    base: text().meta({
      description: 'Where groups are',
      examples: ['ou=groups,dc=example,dc=com'],
    }),
    scope: z.enum(['one', 'sub']).default('sub').meta({ description: 'How deep below it' }),
    filter: textWith(findFilterProblem(['dn', 'sub']))
      .default('(member={dn})')
      .meta({
        description: 'Which of them somebody is in, {dn} or {sub} being who',
      }),
    name: attributeName().default('cn').meta({ description: 'Attribute with the name of a group' }),
    nested: count(0, 16).default(0).meta({
      description: 'Steps upwards that groups are looked for that groups are in, by {dn}',
    }),
  });

const memberOf = () =>
  section({
    attribute: attributeName()
      .default('memberOf')
      .meta({ description: 'Attribute of the End-User with names of groups' }),
    base: text()
      .optional()
      .meta({
        description: 'Only groups below this count',
        examples: ['ou=groups,dc=example,dc=com'],
      }),
  });

export const ldap = () =>
  section({
    type: z.literal('ldap').meta({ description: 'A directory, by LDAP' }),
    urls: z
      .array(textWith(findUrlProblem))
      .min(1)
      .meta({ description: 'Its servers, of which one at a time is asked' }),
    start_tls: z.boolean().default(false).meta({ description: 'ldap:// is upgraded to TLS' }),
    tls: later(serverTls).optional().meta({ description: 'Details of TLS to it' }),
    allow_plain_text: allowPlainText(),
    bind: later(bind).optional().meta({ description: 'Who asks; nobody without it' }),
    base: text().meta({
      description: 'Where End-Users are',
      examples: ['ou=people,dc=example,dc=com'],
    }),
    scope: z.enum(['one', 'sub']).default('sub').meta({ description: 'How deep below it' }),
    filter: textWith(findFilterProblem(['sub']))
      .optional()
      .meta({
        description:
          'Which of them somebody is, {sub} being the subject; else by subject_attribute',
        examples: ['(&(objectClass=person)(uid={sub}))'],
      }),
    subject_attribute: attributeName()
      .default('uid')
      .meta({ description: 'Attribute that is the very subject' }),
    ignore_case: ignoreCase(),
    attributes: z
      .record(text(), mapping())
      .optional()
      .meta({
        description: 'Attribute of each claim, or { attribute, type }',
        examples: [
          { name: 'displayName', email: 'mail', roles: { attribute: 'ou', type: 'texts' } },
        ],
      }),
    constants: constants(),
    member_of: later(memberOf).optional().meta({ description: 'Groups that the End-User names' }),
    group_search: later(groupSearch)
      .optional()
      .meta({ description: 'Groups that name the End-User' }),
    max_connections: maxConnections(),
    ...remote(),
  }).superRefine((given, context) => {
    const say = (path: readonly (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    for (const [index, url] of given.urls.entries()) {
      const problem = findWayProblem(url, given);
      if (problem !== undefined) say(['urls', index], problem);
    }
    if (given.bind?.external === true && given.tls?.cert_file === undefined) {
      say(['bind', 'external'], 'needs tls.cert_file and tls.key_file');
    }
  });

function findWayProblem(
  url: string,
  given: { readonly start_tls: boolean; readonly allow_plain_text: boolean },
): string | undefined {
  // The problem of a URL that is none is said already.
  if (findUrlProblem(url) !== undefined) return undefined;
  if (url.startsWith('ldaps:')) {
    return given.start_tls ? 'is TLS already; remove start_tls, or write ldap://' : undefined;
  }
  const isSafe = given.start_tls || given.allow_plain_text || isLoopbackHost(new URL(url).hostname);
  return isSafe
    ? undefined
    : 'sends passwords and claims in plain text; use ldaps:// or start_tls, or allow_plain_text: true';
}
