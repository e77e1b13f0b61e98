// What must be remembered, and where.

import * as z from 'zod';
import { duration } from '../duration.ts';
import { count, fileName, later, section, text, textWith } from '../fields.ts';
import { cluster, sentinel } from './redis-topology.ts';

const DEFAULT_URL = 'redis://127.0.0.1:6379';

/** The problem with a Redis URL. The URL may hold a password, so it is never repeated. */
export function findRedisUrlProblem(url: string): string | undefined {
  if (!/^(?:redis|rediss|unix):\/\//.test(url) || !URL.canParse(url)) {
    return 'has to begin with redis://, rediss:// or unix:///, as in redis://127.0.0.1:6379';
  }
  const { hash, search } = new URL(url);
  return hash === '' && (search === '' || url.startsWith('unix:'))
    ? undefined
    : 'has something after the database number; percent-encode special characters of the password';
}

const maxPending = () =>
  count(1, 10_000_000).default(10_000).meta({
    description: 'Authorization requests put aside and devices that wait at a time, at most',
  });

const maxClients = () =>
  count(1, 10_000_000).default(10_000).meta({
    description: 'Clients that registered themselves at a time, at most',
  });

const tls = () =>
  section({
    ca_file: fileName()
      .optional()
      .meta({
        description: 'CA of the certificate of Redis, PEM',
        examples: ['/run/tls/redis-ca.pem'],
      }),
    cert_file: fileName()
      .optional()
      .meta({
        description: 'Certificate to show to Redis, PEM',
        examples: ['/run/tls/redis.crt'],
      }),
    key_file: fileName()
      .optional()
      .meta({
        description: 'Private key of that certificate, PEM',
        examples: ['/run/tls/redis.key'],
      }),
    servername: text()
      .optional()
      .meta({
        description: 'Name that the certificate of Redis has to carry',
        examples: ['redis.example.com'],
      }),
  }).refine((given) => (given.cert_file === undefined) === (given.key_file === undefined), {
    path: ['cert_file'],
    error: 'and key_file belong together; give both or neither',
  });

const redis = () =>
  section({
    url: textWith(findRedisUrlProblem).default(DEFAULT_URL).meta({
      description: 'URL: redis://HOST:PORT/DB, rediss:// for TLS, or unix:///PATH?db=N',
    }),
    url_file: fileName()
      .optional()
      .meta({
        description: 'File with that URL, where it holds a password',
        examples: ['/run/secrets/redis-url'],
      }),
    sentinel: later(sentinel)
      .optional()
      .meta({ description: 'Sentinels that name the primary; then url has no host' }),
    cluster: later(cluster)
      .optional()
      .meta({ description: 'A Redis Cluster; then url has no host' }),
    username: text()
      .optional()
      .meta({
        description: 'User, instead of the one in the URL',
        examples: ['asteroid'],
      }),
    password_file: fileName()
      .optional()
      .meta({
        description: 'File with the password, instead of the one in the URL',
        examples: ['/run/secrets/redis-password'],
      }),
    tls: later(tls)
      .optional()
      .meta({ description: 'Details of TLS to Redis; its presence alone means TLS' }),
    deadline: duration({ min: 0.05, max: 30 })
      .prefault('1s')
      .meta({ description: 'Within this Redis has answered, or the request is answered 503' }),
    durability: z.enum(['fast', 'acknowledged']).default('fast').meta({
      description:
        'acknowledged answers no write before replicas have it, so that a failover loses none',
    }),
    acknowledged_by: count(1, 100)
      .default(1)
      .meta({ description: 'How many replicas must have it where durability is acknowledged' }),
    max_pending: maxPending(),
    max_clients: maxClients(),
  });

export const store = () =>
  section({
    driver: z
      .enum(['memory', 'redis'])
      .default('memory')
      .meta({ description: 'memory forgets at a restart and serves one process' }),
    memory: section({
      max_entries: count(1, 10_000_000).default(100_000).meta({
        description: 'Authorizations remembered at most; when full, new ones are answered 503',
      }),
      max_pending: maxPending(),
      max_clients: maxClients(),
    })
      .prefault({})
      .meta({ description: 'Of the driver memory' }),
    redis: redis().prefault({}).meta({ description: 'Of the driver redis' }),
  });
