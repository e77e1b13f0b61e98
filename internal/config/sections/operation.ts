// Keys, policy and how the process behaves.

import * as z from 'zod';
import { DAY, HOUR, MINUTE } from '../../protocol/time.ts';
import { duration } from '../duration.ts';
import { count, fileName, section, textWith } from '../fields.ts';
import { parseCidr } from './cidr.ts';
import { PROFILES } from './client-profile.ts';

export const keys = () =>
  section({
    source: z.enum(['file', 'store', 'ephemeral']).default('file').meta({
      description:
        'file keeps keys in a directory, store in Redis for all replicas, ephemeral forgets them at a restart',
    }),
    dir: fileName().default('../keys').meta({
      description: 'Directory of <activation UTC>.<alg>.pem files; an empty writable one is filled',
    }),
    secret_file: fileName()
      .optional()
      .meta({
        description:
          'Of the source store: file with at least 32 bytes that seal the keys in Redis; or set ASTEROID_KEYS_SECRET',
        examples: ['/run/secrets/asteroid-keys'],
      }),
    further_secret_files: z
      .array(fileName())
      .default([])
      .meta({
        description:
          'Files of one secret each that open what another secret sealed, while it is replaced',
        examples: [['/run/secrets/asteroid-keys-before']],
      }),
    rotate_every: duration({ min: HOUR, max: 3650 * DAY })
      .optional()
      .meta({
        description: 'Make a new key so often; left out: rotate by hand',
        examples: ['90d'],
      }),
    publish_ahead: duration({ min: MINUTE, max: 30 * DAY })
      .prefault('1h')
      .meta({ description: 'How long a new key is published before it signs' }),
  });

export const policy = () =>
  section({
    profile: z.enum(PROFILES).optional().meta({
      description: 'The profile of every client; fapi2 is the FAPI 2.0 Security Profile',
    }),
    require_state: z
      .enum(['unless_pkce', 'always'])
      .default('unless_pkce')
      .meta({ description: 'Which authorization requests have to carry state' }),
    require_pushed_authorization_requests: z.boolean().default(false).meta({
      description: 'Every client has to push its authorization requests first (RFC 9126)',
    }),
    require_signed_request_object: z.boolean().default(false).meta({
      description: 'Every client has to sign its authorization requests (RFC 9101)',
    }),
    metadata_max_age: duration({ min: 0, max: DAY })
      .prefault('5m')
      .meta({ description: 'How long discovery and JWKS may be cached' }),
    acr_values_supported: z
      .array(textWith((value) => (/^[!-~]{1,255}$/.test(value) ? undefined : 'has to be one word')))
      .default([])
      .meta({
        description: 'What the proxy may state as acr, the weakest first; named in discovery',
        examples: [['urn:example:pwd', 'urn:example:mfa']],
      }),
    allow_http_issuer: z.boolean().default(false).meta({
      description: 'Accept an http:// issuer that is not on loopback; tokens travel in the clear',
    }),
    revoke_offline_access_on_sign_out: z.boolean().default(false).meta({
      description: 'A sign-out also ends what was granted with offline_access',
    }),
    service_documentation: textWith((value) =>
      /^https?:\/\/[!-~]+$/.test(value) && URL.canParse(value)
        ? undefined
        : 'has to be an http URL',
    )
      .optional()
      .meta({
        description: 'Page for developers, named in discovery',
        examples: ['https://wiki.example.com/sso'],
      }),
  });

export const check = () =>
  section({
    enabled: z.boolean().default(false).meta({
      description:
        'Answer at /check; whoever reaches it can try tokens, so keep it to your proxies',
    }),
    original: z.enum(['x-original', 'x-forwarded']).optional().meta({
      description:
        'Headers by which the proxy says which request it asks about, for DPoP: X-Original-Method and -URL, or X-Forwarded-Method, -Proto, -Host and -Uri',
    }),
  });

export const outbound = () =>
  section({
    allow_private: z
      .array(
        textWith((value) =>
          parseCidr(value) === undefined
            ? 'is not an address range; write as in 10.20.0.0/16 or "fd00::/64"'
            : undefined,
        ),
      )
      .default([])
      .meta({
        description:
          'Private address ranges that URLs of clients, such as backchannel_logout_uri, may lead to',
        examples: [['10.20.0.0/16']],
      }),
  });

export const limits = () =>
  section({
    requests: count(1, 1_000_000).default(1000).meta({
      description:
        'Requests of each process that wait for an answer at a time, at most; further ones are answered 503',
    }),
    queue: duration({ min: 0.01, max: MINUTE }).prefault('50ms').meta({
      description:
        'How long a request waits to be begun while there are always some that wait, before it is answered 503; in a burst five times as long',
    }),
    connections: count(1, 1_000_000).default(10_000).meta({
      description:
        'Connections of each process and listener at a time, at most, those of probes aside; further ones are closed',
    }),
  });

export const shutdown = () =>
  section({
    grace: duration({ min: 0, max: HOUR })
      .prefault('10s')
      .meta({ description: 'Time for requests under way after SIGTERM' }),
    delay: duration({ min: 0, max: 10 * MINUTE })
      .prefault('0s')
      .meta({ description: 'How long requests are still accepted while readiness is already red' }),
  });

export const workers = () =>
  z
    .union([z.literal('auto'), count(1, 256)], { error: 'has to be auto or a whole number' })
    .default(1)
    .meta({
      description:
        'Processes that serve, or auto for one on each processor; more than one needs a shared store and shared keys',
    });

export const log = () =>
  section({
    level: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .meta({ description: 'The least important messages that are written' }),
    format: z
      .enum(['json', 'pretty'])
      .default('json')
      .meta({ description: 'json for machines, pretty for people' }),
  });
