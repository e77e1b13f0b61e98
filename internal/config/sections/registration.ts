// Clients that register themselves (RFC 7591): who may, and what they may be at most.

import * as z from 'zod';
import { ASYMMETRIC_ALGS } from '../../protocol/names.ts';
import { parseScope } from '../../protocol/scope.ts';
import { DAY, HOUR } from '../../protocol/time.ts';
import { duration } from '../duration.ts';
import { fileName, section, text, textWith } from '../fields.ts';
import { parseSecretHash } from '../secret-hash.ts';
import { findKeyUriProblem } from './assertion.ts';

const accessToken = () =>
  section({
    hash: textWith((value) => {
      const parsed = parseSecretHash(value);
      return typeof parsed === 'string' ? parsed : undefined;
    })
      .optional()
      .meta({ description: 'The hash of a token, as `asteroid hash` prints it', writeOnly: true }),
    file: fileName()
      .optional()
      .meta({
        description:
          'File with a token of at least 32 bytes; one line end at its end does not count',
        examples: ['/run/secrets/registration-token'],
      }),
  }).refine(({ hash, file }) => (hash === undefined) !== (file === undefined), {
    error: 'has to have exactly one of hash and file',
  });

const softwareStatement = () =>
  section({
    issuer: text().meta({
      description: 'Its iss, byte for byte',
      examples: ['https://publisher.example.com'],
    }),
    jwks_uri: textWith(findKeyUriProblem)
      .optional()
      .meta({
        description: 'URL of its JWK Set',
        examples: ['https://publisher.example.com/jwks.json'],
      }),
    jwks_file: fileName().optional().meta({ description: 'File with its JWK Set' }),
    algorithms: z
      .array(
        z.enum(ASYMMETRIC_ALGS, { error: `has to be asymmetric: ${ASYMMETRIC_ALGS.join(', ')}` }),
      )
      .min(1)
      .meta({ description: 'What it signs with, and nothing else', examples: [['ES256']] }),
    required: z.boolean().default(false).meta({
      description: 'Only clients with a statement of such an issuer may register',
    }),
  }).refine(({ jwks_uri, jwks_file }) => (jwks_uri === undefined) !== (jwks_file === undefined), {
    error: 'has to have exactly one of jwks_uri and jwks_file',
  });

const host = () =>
  textWith((value) =>
    /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/.test(value)
      ? undefined
      : 'has to be a host in small letters, without scheme, port and path',
  );

const scope = () =>
  textWith((value) =>
    parseScope(value) === undefined
      ? 'has to be scope names with one blank between them'
      : undefined,
  );

const redirectUris = () =>
  section({
    hosts: z
      .array(host())
      .min(1)
      .optional()
      .meta({
        description:
          'Hosts that its pages may be at, compared exactly; left out: any, by https alone',
        examples: [['app.example.com']],
      }),
    allow_loopback: z.boolean().default(false).meta({
      description: 'Programs on the machine of the End-User may be sent answers (RFC 8252 §7.3)',
    }),
    allow_private_use_schemes: z.boolean().default(false).meta({
      description: 'So may apps, by a scheme of their own (RFC 8252 §7.1)',
    }),
  });

export const registration = () =>
  section({
    initial_access_tokens: z
      .array(accessToken())
      .default([])
      .meta({ description: 'What a client shows to be registered; any of them' }),
    open: z.boolean().default(false).meta({
      description: 'Anybody may register clients, without a token',
    }),
    software_statements: z
      .array(softwareStatement())
      .default([])
      .meta({ description: 'Who may vouch for what clients say of themselves (RFC 7591 §2.3)' }),
    redirect_uris: redirectUris().prefault({}).meta({
      description: 'Where such clients may be',
    }),
    grant_types: z
      .array(z.string())
      .min(1)
      .default(['authorization_code', 'refresh_token'])
      .meta({ description: 'Grants that they may use' }),
    scope: scope().default('openid profile email offline_access').meta({
      description: 'What they may ask for, and may where they say nothing of it',
    }),
    token_endpoint_auth_methods: z
      .array(z.string())
      .min(1)
      .default(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
      .meta({ description: 'How they may authenticate' }),
    consent: z.enum(['once', 'always']).default('once').meta({
      description: 'How often End-Users are asked',
    }),
    client_lifetime: duration({ min: HOUR, max: 3650 * DAY })
      .optional()
      .meta({
        description:
          'How long such a client lives from when it was registered or last changed; left out: for ever',
        examples: ['90d'],
      }),
  });
