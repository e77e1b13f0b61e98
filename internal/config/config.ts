// What an operator may say in asteroid.yaml: every option, its form, its default and one sentence
// about it. Defaults are safe ones, and nothing that grants trust has any. Knows no files: the
// loader finds the text, resolves names of files and says in which line a problem stands.

import type * as z from 'zod';
import { fileName, later, section } from './fields.ts';
import { admin } from './sections/admin.ts';
import { audit } from './sections/audit.ts';
import { authorizationDetailsTypes } from './sections/authorization-details.ts';
import { dpop } from './sections/client-dpop.ts';
import { endpoints } from './sections/endpoints.ts';
import { issuer } from './sections/issuer.ts';
import { lifetimes } from './sections/lifetimes.ts';
import { listen } from './sections/listen.ts';
import { metrics } from './sections/metrics.ts';
import { mtls } from './sections/mtls.ts';
import {
  check,
  keys,
  limits,
  log,
  outbound,
  policy,
  shutdown,
  workers,
} from './sections/operation.ts';
import { pages } from './sections/pages.ts';
import { pairwise } from './sections/pairwise.ts';
import { rateLimits } from './sections/rate-limits.ts';
import { registration } from './sections/registration.ts';
import { scopes } from './sections/scopes.ts';
import { store } from './sections/store.ts';
import { tokenHook } from './sections/token-hook.ts';
import { tokenIssuers } from './sections/token-issuers.ts';
import { tracing } from './sections/tracing.ts';
import { upstream } from './sections/upstream.ts';
import { userinfo } from './sections/userinfo.ts';
import { kubernetes, spiffe } from './sections/workloads.ts';

export const configSchema = section({
  issuer: issuer().default('http://localhost:8880').meta({
    description: 'The issuer identifier, exactly as Relying Parties know it',
  }),
  endpoints: later(endpoints).optional().meta({
    description: 'Other ways to the same issuer, for browsers and for programs',
  }),
  listen: listen().prefault({}).meta({ description: 'Where Asteroid answers' }),
  admin: later(admin).optional().meta({
    description:
      'Who may look after it by the Admin API; left out: nobody, and there is no such API',
  }),
  upstream: upstream().prefault({}).meta({ description: 'The proxy that authenticates End-Users' }),
  mtls: later(mtls).optional().meta({ description: 'Certificates of clients (RFC 8705)' }),
  store: store().prefault({}).meta({ description: 'What must be remembered' }),
  clients: section({
    file: fileName().default('../clients.yaml').meta({
      description: 'The clients, read again when the file changes',
    }),
  })
    .prefault({})
    .meta({ description: 'The Relying Parties' }),
  kubernetes: kubernetes(),
  spiffe: spiffe(),
  registration: later(registration).optional().meta({
    description: 'Clients that register themselves (RFC 7591); left out: none may',
  }),
  pairwise: later(pairwise).optional().meta({
    description: 'Subjects that differ from client to client, for clients that ask for them',
  }),
  token_issuers: later(tokenIssuers).default({}).meta({
    description: 'Others whose tokens are taken, from clients that may bring them',
  }),
  scopes: later(scopes)
    .default({})
    .meta({
      description:
        'Scopes of your own, and what standard ones release beyond their meaning: name → what it is',
      examples: [
        {
          'reports:read': { description: 'the reports of your department', claims: ['department'] },
        },
      ],
    }),
  authorization_details_types: later(authorizationDetailsTypes).default({}).meta({
    description: 'What clients may ask for in authorization_details (RFC 9396): type → its form',
  }),
  pages: pages().prefault({}).meta({ description: 'What people see' }),
  userinfo: userinfo().prefault({}).meta({ description: 'Who knows the claims of End-Users' }),
  token_hook: later(tokenHook).optional().meta({
    description: 'A service of yours that is asked before tokens are made',
  }),
  keys: keys().prefault({}).meta({ description: 'What signs' }),
  lifetimes: lifetimes().prefault({}).meta({ description: 'How long everything lives' }),
  policy: policy().prefault({}).meta({ description: 'What is asked of every client' }),
  check: check().prefault({}).meta({
    description: 'Forward-auth: proxies ask about the tokens of requests to resource servers',
  }),
  dpop: dpop().prefault({}).meta({ description: 'Proofs that bind tokens to a key (RFC 9449)' }),
  outbound: outbound().prefault({}).meta({ description: 'What Asteroid asks of clients' }),
  limits: limits().prefault({}).meta({
    description: 'How much is done at a time, before requests are refused',
  }),
  rate_limits: later(rateLimits).optional().meta({
    description: 'How often somebody may ask; left out: as often as they like',
  }),
  shutdown: shutdown().prefault({}).meta({ description: 'What SIGTERM does' }),
  workers: workers(),
  audit: later(audit).optional().meta({
    description: 'Where what must be on record goes; left out: to the log',
  }),
  metrics: metrics().prefault({}).meta({ description: 'What is measured for Prometheus' }),
  tracing: later(tracing).optional().meta({
    description: 'Where traces go; left out: nothing is traced',
  }),
  log: log().prefault({}).meta({ description: 'What is written to standard output' }),
}).meta({ title: 'asteroid.yaml' });

/** asteroid.yaml with every default filled in; durations are seconds, names as in the file. */
export type Config = z.output<typeof configSchema>;
