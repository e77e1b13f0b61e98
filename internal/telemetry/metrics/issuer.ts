// Numbers of the issuer itself: what it signs with, what is in force, what runs.

import { ALGS } from '../labels.ts';
import { counter, gauge, histogram, type Metric } from '../metric.ts';

/** Of keys, the configuration and the processes. */
export const ISSUER = {
  signatureDuration: {
    ...histogram('asteroid_signature_duration_seconds', 'What a signature takes.'),
    labels: [['alg', ALGS]],
  },
  keyAge: {
    ...gauge(
      'asteroid_signing_key_age_seconds',
      'max',
      'How long the key that signs has been signing.',
    ),
    labels: [['alg', ALGS]],
  },
  keyNext: {
    ...gauge(
      'asteroid_signing_key_next_rotation_timestamp_seconds',
      'min',
      'When the next key takes over; absent while there is none.',
    ),
    labels: [['alg', ALGS]],
  },
  keysPublished: {
    ...gauge('asteroid_published_keys', 'max', 'Keys at /jwks.json.'),
    labels: [['alg', ALGS]],
  },
  keyFailures: {
    ...counter('asteroid_key_failures_total', 'Events of keys that somebody has to look at.'),
    labels: [['type', 'words']],
    zeros: [['keys.rotation_failed'], ['keys.reload_failed'], ['keys.not_loaded']],
  },
  configurationReloads: {
    ...counter(
      'asteroid_configuration_reloads_total',
      'Configurations that came into force after the first.',
    ),
    across: 'max',
    labels: [],
    zeros: [[]],
  },
  configurationLoaded: {
    ...gauge(
      'asteroid_configuration_last_reload_timestamp_seconds',
      'max',
      'When the configuration in force came into force.',
    ),
    labels: [],
  },
  configurationOutdated: {
    ...gauge(
      'asteroid_configuration_outdated',
      'max',
      '1 while the files say something else than is in force and could not be taken.',
    ),
    labels: [],
  },
  clients: {
    ...gauge('asteroid_clients', 'max', 'Clients of clients.yaml in force.'),
    labels: [],
  },
  ready: {
    ...gauge('asteroid_ready', 'min', '1 where what the issuer cannot answer without is there.'),
    labels: [['dependency', ['store', 'keys']]],
  },
  processes: {
    ...gauge('asteroid_processes', 'sum', 'Processes of the issuer that these numbers are of.'),
    labels: [],
  },
  traceSpans: {
    ...counter(
      'asteroid_trace_spans_total',
      'Spans that ended: exported, or lost because the queue was full or the receiver failed.',
    ),
    labels: [['outcome', ['exported', 'queue_full', 'export_failed']]],
  },
  buildInfo: {
    ...gauge('asteroid_build_info', 'max', 'Always 1; what runs.'),
    labels: [
      ['version', 'words'],
      ['node', 'words'],
    ],
  },
} as const satisfies { readonly [key: string]: Metric };
