// What is on record, and where it goes.

import * as z from 'zod';
import { AUDIT_EVENT_TYPES } from '../../protocol/audit-events.ts';
import { duration } from '../duration.ts';
import { count, fileName, section, text, textWith } from '../fields.ts';
import { findNearest } from '../nearest.ts';
import { parseCidr } from './cidr.ts';
import { findRedisUrlProblem } from './store.ts';

function findTypeProblem(name: string): string | undefined {
  const isMeant = (type: string): boolean =>
    name.endsWith('*') ? type.startsWith(name.slice(0, -1)) : type === name;
  if (AUDIT_EVENT_TYPES.some(isMeant)) return undefined;
  const nearest = findNearest(name, AUDIT_EVENT_TYPES);
  const hint = nearest === undefined ? 'docs/audit.md lists them' : `did you mean ${nearest}?`;
  return `is no event, nor the beginning of any with a * behind it; ${hint}`;
}

const types = () =>
  z
    .array(textWith(findTypeProblem))
    .min(1)
    .optional()
    .meta({ description: 'Only events of these types; token.* is every one that begins so' });

const maxWaiting = () =>
  count(1, 1_000_000).default(10_000).meta({
    description: 'Records that wait at most while the sink is slow or gone; further ones are lost',
  });

const stdout = () =>
  section({
    type: z.literal('stdout').meta({ description: 'Lines of the log' }),
    types: types(),
  });

const file = () =>
  section({
    type: z.literal('file').meta({ description: 'Lines of JSON in a file; SIGUSR2 reopens it' }),
    path: fileName().meta({ description: 'The file, made with mode 0600 where there is none' }),
    types: types(),
    max_waiting: maxWaiting(),
  });

const redis = () =>
  section({
    type: z.literal('redis').meta({
      description:
        'A Redis stream, which questions are answered from; where the store is, or at url',
    }),
    url: textWith(findRedisUrlProblem)
      .optional()
      .meta({ description: 'Another Redis than that of the store' }),
    url_file: fileName()
      .optional()
      .meta({ description: 'File with that URL, where it holds a password' }),
    max_length: count(1, 100_000_000)
      .default(100_000)
      .meta({ description: 'About so many records are kept; the oldest go first' }),
    types: types(),
    max_waiting: maxWaiting(),
  }).refine((given) => given.url === undefined || given.url_file === undefined, {
    path: ['url_file'],
    error: 'cannot be combined with url; remove one of the two',
  });

const tls = () =>
  section({
    ca_file: fileName().optional().meta({ description: 'CA of the collector, PEM' }),
    cert_file: fileName().optional().meta({ description: 'Certificate to show to it, PEM' }),
    key_file: fileName().optional().meta({ description: 'Private key of that certificate, PEM' }),
    servername: text().optional().meta({ description: 'Name that its certificate has to carry' }),
  }).refine((given) => (given.cert_file === undefined) === (given.key_file === undefined), {
    path: ['cert_file'],
    error: 'and key_file belong together; give both or neither',
  });

const FACILITIES = [
  'user',
  'daemon',
  'auth',
  'authpriv',
  'audit',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;

const syslog = () =>
  section({
    type: z.literal('syslog').meta({ description: 'A collector of syslog (RFC 5424)' }),
    transport: z.enum(['udp', 'tcp', 'tls', 'unix']).meta({
      description: 'udp loses without a word; tcp and tls count their messages; unix is a socket',
    }),
    host: text().optional().meta({ description: 'The collector, of all transports but unix' }),
    port: count(1, 65_535)
      .optional()
      .meta({ description: 'Its port; 6514 with tls, else 514, unless said' }),
    path: text().optional().meta({ description: 'The socket, /dev/log unless said' }),
    tls: tls().optional().meta({ description: 'Details of the transport tls' }),
    facility: z
      .enum(FACILITIES)
      .default('authpriv')
      .meta({ description: 'What it is filed under' }),
    app_name: text().default('asteroid').meta({ description: 'APP-NAME of every message' }),
    types: types(),
    max_waiting: maxWaiting(),
  });

function findUrlProblem(url: string): string | undefined {
  if (!/^https?:\/\/[!-~]+$/.test(url) || !URL.canParse(url)) {
    return 'is not an http URL; write it as https://siem.example.com/asteroid';
  }
  const { username, password, hash } = new URL(url);
  if (username !== '' || password !== '')
    return 'has credentials in it; check the signature instead';
  return hash === '' ? undefined : 'has a fragment; remove it';
}

const webhook = () =>
  section({
    type: z.literal('webhook').meta({ description: 'A service that is told by POST, in batches' }),
    url: textWith(findUrlProblem).meta({ description: 'Where to' }),
    secret_files: z.array(fileName()).min(1).meta({
      description:
        'Files of at least 32 bytes, or whsec_ and base64; each signs, so that one can be replaced',
    }),
    allow_private: z
      .array(
        textWith((value) =>
          parseCidr(value) === undefined
            ? 'is not an address range; write as in 10.20.0.0/16 or "fd00::/64"'
            : undefined,
        ),
      )
      .default([])
      .meta({ description: 'Private address ranges that the URL may lead to' }),
    timeout: duration({ min: 0.05, max: 60 })
      .prefault('5s')
      .meta({ description: 'Time for a whole answer' }),
    types: types(),
    max_waiting: maxWaiting(),
  });

export const audit = () =>
  section({
    sinks: z
      .array(
        z.discriminatedUnion('type', [stdout(), file(), redis(), syslog(), webhook()], {
          error: 'needs a type: stdout, file, redis, syslog or webhook',
        }),
      )
      .default([{ type: 'stdout' }])
      .meta({
        description: 'Where records go; left out: to the log',
        examples: [[{ type: 'stdout' }, { type: 'file', path: '/var/log/asteroid/audit.log' }]],
      }),
    remember: count(0, 1_000_000).default(1000).meta({
      description:
        'Records that each process keeps in memory for questions, where no sink is a Redis stream',
    }),
  });
