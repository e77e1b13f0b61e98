// Who may look after an issuer that runs, by the Admin API. Nobody may unless the operator says so, and
// nothing here has a default that lets anybody in.

import * as z from 'zod';
import { DAY, HOUR, MINUTE } from '../../protocol/time.ts';
import { duration } from '../duration.ts';
import { fileName, section, text, textWith } from '../fields.ts';
import { parseSecretHash } from '../secret-hash.ts';

const ROLES = ['read', 'write'] as const;

const role = () =>
  z.enum(ROLES).meta({ description: 'read looks, write changes as well', examples: ['read'] });

/** As it stands in the audit trail, and in URLs of whoever reads that. */
const name = () =>
  textWith((value) =>
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)
      ? undefined
      : 'has to be 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first',
  ).meta({ description: 'Who it is, for the audit trail', examples: ['deploy'] });

/** A guess costs nothing, so that a hundred thousand of them are no outage: what is guessed has to be long. */
function findHashProblem(value: string): string | undefined {
  const parsed = parseSecretHash(value);
  if (typeof parsed === 'string') return parsed;
  return parsed.kind === 'sha256'
    ? undefined
    : 'has to begin with $sha256$, of a token that a machine made; let asteroid hash --generate make both';
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Seconds since 1970; undefined for what is no moment that exists, to the second, in UTC. */
export function parseMoment(value: string): number | undefined {
  const seconds = Date.parse(value) / 1000;
  if (!MOMENT.test(value) || Number.isNaN(seconds)) return undefined;
  return new Date(seconds * 1000).toISOString() === value.replace('Z', '.000Z')
    ? seconds
    : undefined;
}

const token = () =>
  section({
    name: name(),
    hash: textWith(findHashProblem).meta({
      description: 'The hash of the token, as `asteroid hash --generate` prints it',
      writeOnly: true,
    }),
    role: role(),
    expires: textWith((value) =>
      parseMoment(value) === undefined
        ? 'has to be a time in UTC, as in 2027-01-31T00:00:00Z'
        : undefined,
    )
      .optional()
      .meta({
        description: 'When it stops to count, in UTC; left out: never',
        examples: ['2027-01-31T00:00:00Z'],
      }),
  });

const named = () =>
  section({
    name: name(),
    dns_san: text()
      .optional()
      .meta({
        description: 'Exact DNS name that its certificate has to carry',
        examples: ['deploy.example.com'],
      }),
    uri_san: text()
      .optional()
      .meta({
        description: 'Exact URI, such as a SPIFFE id, that its certificate has to carry',
        examples: ['spiffe://cluster.local/ns/ops/sa/deploy'],
      }),
    role: role(),
  }).refine(({ dns_san, uri_san }) => (dns_san === undefined) !== (uri_san === undefined), {
    error: 'has to have exactly one of dns_san and uri_san',
  });

const certificates = () =>
  section({
    ca_file: fileName().meta({
      description: 'CA that issues certificates of operators and of nobody else, PEM',
      examples: ['/run/tls/operators-ca.pem'],
    }),
    names: z
      .array(named())
      .min(1, 'lets nobody in; name a certificate, or remove certificates')
      .meta({ description: 'Whose certificates count, by what they carry' }),
  });

const scopeName = () =>
  textWith((value) =>
    /^[!#-[\]-~]+$/.test(value) ? undefined : 'has to be one scope name, without blanks',
  );

const accessTokens = () =>
  section({
    audience: text().meta({
      description: 'What has to be in aud: a resource of its own, and never the issuer',
      examples: ['https://issuer.example.com/admin'],
    }),
    clients: z
      .array(text())
      .min(1, 'lets nobody in; name the clients whose tokens count')
      .meta({
        description:
          'Ids of the clients whose tokens count; their `allow` says for which End-Users',
        examples: [['ops-portal']],
      }),
    read_scope: scopeName()
      .optional()
      .meta({ description: 'Scope that makes the role read', examples: ['admin:read'] }),
    write_scope: scopeName()
      .optional()
      .meta({ description: 'Scope that makes the role write', examples: ['admin:write'] }),
  }).refine(
    ({ read_scope, write_scope }) => read_scope !== undefined || write_scope !== undefined,
    { error: 'lets nobody in; give read_scope, write_scope or both' },
  );

const host = () =>
  textWith((value) =>
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(value)
      ? undefined
      : 'has to be a host in small letters, without scheme, port and path',
  );

/** Seconds. */
export const MAX_CONSOLE_SESSION = 7 * DAY;

const consoleOf = () =>
  section({
    enabled: z.boolean().default(false).meta({
      description: 'Pages for people at /console of the admin listener, with the same credentials',
    }),
    session: duration({ min: MINUTE, max: MAX_CONSOLE_SESSION })
      .default(8 * HOUR)
      .meta({ description: 'How long a sign-in to the console counts', examples: ['8h'] }),
  });

export const admin = () =>
  section({
    tokens: z
      .array(token())
      .default([])
      .meta({ description: 'Bearer tokens of programs; several of one name are for rotation' }),
    certificates: certificates().optional().meta({
      description: 'Certificates of programs, where listen.admin.tls is set',
    }),
    access_tokens: accessTokens().optional().meta({
      description: 'Access tokens of this issuer: JWTs that are bound to no key',
    }),
    console: consoleOf().prefault({}).meta({ description: 'The same for people, in a browser' }),
    hosts: z
      .array(host())
      .default([])
      .meta({
        description: 'Names that the API is called by, beside addresses and localhost',
        examples: [['asteroid-admin.sso.svc']],
      }),
  }).refine(
    ({ tokens, certificates: shown, access_tokens: issued }) =>
      tokens.length > 0 || shown !== undefined || issued !== undefined,
    { error: 'lets nobody in; give tokens, certificates or access_tokens, or remove it' },
  );
