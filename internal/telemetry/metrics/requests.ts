// Numbers of what is asked of the issuer: how it is answered, what is granted, what is refused, what ends.

import { ENDPOINTS, GRANT_TYPES, METHODS, STATUSES } from '../labels.ts';
import { counter, gauge, histogram, type Metric } from '../metric.ts';

/** Of requests, and of what is on record of them. */
export const REQUESTS = {
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
} as const satisfies { readonly [key: string]: Metric };
