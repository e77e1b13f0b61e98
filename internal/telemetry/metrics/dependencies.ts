// Numbers of what the issuer asks of others, and of what it holds for them meanwhile.

import { BUDGETS } from '../labels.ts';
import { counter, gauge, histogram, type Metric } from '../metric.ts';

/** Of the store, the outbox, userinfo backends and whatever else is asked. */
export const DEPENDENCIES = {
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
} as const satisfies { readonly [key: string]: Metric };
