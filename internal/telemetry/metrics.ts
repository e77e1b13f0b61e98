// Every metric that Asteroid has, declared once: name, meaning, and what its labels may say. A label
// that a stranger could fill would be a series for each of their requests, and memory that is theirs
// to take; so each has a closed set of values, or words of our own code and of the operator's files,
// of which so many are told apart and no more.

import { ALGS, BUDGETS, ENDPOINTS, GRANT_TYPES, METHODS, STATUSES } from './labels.ts';

/** Words that are written in our code or in the operator's files; never what a request said. */
type Words = 'words';

/** Name, and what it may say; whatever else is given is `other`. */
type Label = readonly [name: string, values: readonly string[] | Words];

export type Metric = {
  /** Unit last, `_total` behind it where it only grows. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly Label[];
  /**
   * Series that are there from the start: the first of what is rare would else be no increase of anything,
   * and nobody would be told of it.
   */
  readonly zeros?: readonly (readonly string[])[];
  /** What the processes of one issuer say together. */
  readonly across: 'sum' | 'max' | 'min';
};

/** What a label says for all that it has no value for. */
export const OTHER = 'other';

/** So many words of one label are told apart. */
export const MOST_WORDS = 500;
/** So many series of one metric, whatever its labels would allow together. */
export const MOST_SERIES = 2000;

/** Upper bounds in seconds, of every histogram: from a signature to what nobody waits for any longer. */
export const BUCKETS: readonly number[] = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05],
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10],
];

const counter = (name: string, help: string) =>
  ({ name, help, kind: 'counter', across: 'sum' }) as const;
const histogram = (name: string, help: string) =>
  ({ name, help, kind: 'histogram', across: 'sum' }) as const;
const gauge = <Across extends Metric['across']>(name: string, across: Across, help: string) =>
  ({ name, help, kind: 'gauge', across }) as const;

/** Adding a metric: a row here, and a line in docs/monitoring.md. */
export const METRICS = {
  httpRequests: {
    ...counter('asteroid_http_requests_total', 'Requests that were answered, or given up.'),
    labels: [
      ['endpoint', ENDPOINTS],
      ['method', METHODS],
      ['status', STATUSES],
    ],
  },
  httpDuration: {
    ...histogram(
      'asteroid_http_request_duration_seconds',
      'From the arrival of the headers to the answer.',
    ),
    labels: [['endpoint', ENDPOINTS]],
  },
  httpInFlight: {
    ...gauge('asteroid_http_requests_in_flight', 'sum', 'Requests that are not answered yet.'),
    labels: [],
  },
  overload: {
    ...counter(
      'asteroid_overload_refusals_total',
      'Requests and connections refused because there were too many.',
    ),
    labels: [['cause', ['queue', 'requests', 'connections']]],
    zeros: [['queue'], ['requests'], ['connections']],
  },
  rateLimited: {
    ...counter('asteroid_rate_limit_refusals_total', 'Requests refused by a rule of rate_limits.'),
    labels: [['rule', 'words']],
  },
  auditEvents: {
    ...counter('asteroid_audit_events_total', 'Events of the audit trail.'),
    labels: [['type', 'words']],
    zeros: [
      ...[['identity.refused'], ['certificate.refused'], ['authorization.refused']],
      ...[['token.refused'], ['token.issued'], ['authorization.granted'], ['logout.failed']],
    ],
  },
  auditLost: {
    ...counter(
      'asteroid_audit_events_lost_total',
      'Events that a sink of the audit trail did not take, by the sink as the log names it.',
    ),
    labels: [['sink', 'words']],
  },
  refusals: {
    ...counter(
      'asteroid_refusals_total',
      'Refusals of the audit trail, by the error on the wire and the reason of docs/errors.md.',
    ),
    labels: [
      ['type', 'words'],
      ['error', 'words'],
      ['reason', 'words'],
    ],
  },
  tokensIssued: {
    ...counter('asteroid_tokens_issued_total', 'Token requests that were granted.'),
    labels: [['grant_type', GRANT_TYPES]],
  },
  authorizationsEnded: {
    ...counter(
      'asteroid_authorizations_ended_total',
      'Authorizations that ended before their time.',
    ),
    labels: [['reason', 'words']],
    zeros: [['code_replayed'], ['refresh_token_replayed']],
  },
  sessionsEnded: {
    ...counter(
      'asteroid_sessions_ended_total',
      'Sessions of browsers that ended before their time.',
    ),
    labels: [['reason', 'words']],
  },
  logoutDeliveries: {
    ...counter(
      'asteroid_logout_deliveries_total',
      'Logout tokens that were delivered, or why one was not.',
    ),
    labels: [['outcome', 'words']],
  },
  clientTokens: {
    ...counter(
      'asteroid_client_tokens_issued_total',
      'Token requests that were granted, by client of clients.yaml; with metrics.clients.',
    ),
    labels: [
      ['client_id', 'words'],
      ['grant_type', GRANT_TYPES],
    ],
  },
  clientRefusals: {
    ...counter(
      'asteroid_client_refusals_total',
      'Refusals of the audit trail, by client of clients.yaml; with metrics.clients.',
    ),
    labels: [
      ['client_id', 'words'],
      ['error', 'words'],
    ],
  },
  storeDuration: {
    ...histogram('asteroid_store_operation_duration_seconds', 'What the store takes for one verb.'),
    labels: [['verb', 'words']],
  },
  storeErrors: {
    ...counter('asteroid_store_errors_total', 'Verbs that the store did not do.'),
    labels: [
      ['verb', 'words'],
      ['error', ['unavailable', 'failed']],
    ],
  },
  storeEntries: {
    ...gauge(
      'asteroid_memory_store_entries',
      'sum',
      'What the memory store holds, by the limit of store.memory that it counts for.',
    ),
    labels: [['budget', BUDGETS]],
  },
  storeCapacity: {
    ...gauge('asteroid_memory_store_capacity', 'sum', 'What the memory store holds at most.'),
    labels: [['budget', BUDGETS]],
  },
  outboxDeliveries: {
    ...gauge(
      'asteroid_outbox_deliveries',
      'sum',
      'Logout tokens that wait, are under way or will be tried again.',
    ),
    labels: [],
  },
  outboxCapacity: {
    ...gauge(
      'asteroid_outbox_capacity',
      'sum',
      'Logout tokens that the outbox holds at most; further ones are not delivered.',
    ),
    labels: [],
  },
  userinfoDuration: {
    ...histogram(
      'asteroid_userinfo_request_duration_seconds',
      'What a userinfo backend takes for one End-User, its cache included.',
    ),
    labels: [['backend', 'words']],
  },
  userinfoErrors: {
    ...counter(
      'asteroid_userinfo_errors_total',
      'Questions that a userinfo backend did not answer.',
    ),
    labels: [['backend', 'words']],
  },
  userinfoCache: {
    ...counter(
      'asteroid_userinfo_cache_total',
      'How questions to a remote userinfo backend were answered.',
    ),
    labels: [
      ['backend', 'words'],
      ['outcome', ['fresh', 'asked', 'shared', 'stale', 'refused']],
    ],
  },
  outboundRequests: {
    ...counter('asteroid_outbound_requests_total', 'Requests to others, by what came back.'),
    labels: [
      ['purpose', 'words'],
      [
        'outcome',
        [
          ...['1xx', '2xx', '3xx', '4xx', '5xx'],
          ...['address_forbidden', 'unreachable', 'timeout', 'too_large', 'url_unusable'],
        ],
      ],
    ],
  },
  outboundDuration: {
    ...histogram('asteroid_outbound_request_duration_seconds', 'What others take to answer.'),
    labels: [['purpose', 'words']],
  },
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

export type MetricKey = keyof typeof METRICS;

/** Metrics of one kind, by their names in the table. */
export type KeyOf<Kind extends Metric['kind']> = {
  readonly [Key in MetricKey]: (typeof METRICS)[Key]['kind'] extends Kind ? Key : never;
}[MetricKey];

type Texts<Labels extends readonly unknown[]> = { readonly [Index in keyof Labels]: string };

/** One value for each label, in the order of the table. */
export type LabelValues<Key extends MetricKey> = Texts<(typeof METRICS)[Key]['labels']>;
