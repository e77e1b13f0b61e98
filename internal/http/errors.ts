// Anything that keeps a request from its answer, as one value with a status. What is not a refusal
// we meant is a fault of ours: 500 with a fixed text, and never a 4xx.

import { OAuthError, RateLimited, Unavailable } from '../protocol/errors.ts';

/** What a caller is told, and what only the log is told. */
export type Failure = {
  readonly status: number;
  /** `error` on the wire. */
  readonly code: string;
  /** A fixed sentence; nothing that was sent is ever repeated. */
  readonly description: string;
  /** A lower_snake word of docs/errors.md. */
  readonly reason: string;
  /** Name, value, name, value, … */
  readonly headers: readonly string[];
  /** The connection ends with this answer: where its next request begins cannot be trusted. */
  readonly closes: boolean;
};

type RefusalOptions = {
  readonly headers?: readonly string[];
  readonly closes?: boolean;
};

/** A refusal that HTTP itself knows, before any endpoint is asked. */
export class HttpRefusal extends Error {
  readonly failure: Failure;

  constructor(
    status: number,
    code: string,
    reason: string,
    description: string,
    { headers = [], closes = false }: RefusalOptions = {},
  ) {
    super(reason);
    this.name = 'HttpRefusal';
    this.failure = { status, code, reason, description, headers, closes };
  }
}

const CLOSES = { closes: true } as const;

const malformed = (reason: string, description: string) => (): HttpRefusal =>
  new HttpRefusal(400, 'invalid_request', reason, description, CLOSES);

export const httpVersion = malformed('http_version', 'only HTTP/1.1 and HTTP/1.0 are spoken here');
export const headerRepeated = malformed(
  'header_repeated',
  'a header that may be sent once was sent twice',
);
export const hostMissing = malformed('host_missing', 'the Host header is missing');
export const targetForm = malformed('target_form', 'the request target has to begin with a slash');
export const bodyUnexpected = malformed('body_unexpected', 'this request may not have a body');
export const transferCoding = malformed(
  'transfer_coding',
  'the only transfer coding understood is chunked',
);

export const contentType = (): HttpRefusal =>
  new HttpRefusal(
    400,
    'invalid_request',
    'content_type',
    'the body has to be application/x-www-form-urlencoded in UTF-8',
  );

export const jsonType = (): HttpRefusal =>
  new HttpRefusal(
    400,
    'invalid_request',
    'content_type',
    'the body has to be application/json in UTF-8',
  );

export const bodyBytes = (): HttpRefusal =>
  new HttpRefusal(400, 'invalid_request', 'body_bytes', 'the body has to be UTF-8');

export const contentCoding = (): HttpRefusal =>
  new HttpRefusal(415, 'invalid_request', 'content_coding', 'encoded bodies are not accepted');

export const bodyTooLarge = (): HttpRefusal =>
  new HttpRefusal(413, 'invalid_request', 'body_too_large', 'the body is too large', CLOSES);

export const clientGone = (): HttpRefusal =>
  new HttpRefusal(400, 'invalid_request', 'client_gone', 'the request broke off', CLOSES);

export const pathUnknown = (): HttpRefusal =>
  new HttpRefusal(404, 'not_found', 'path_unknown', 'there is nothing at this address');

/** @param allow the methods this path has, as the `Allow` header wants them. */
export const methodNotAllowed = (allow: string): HttpRefusal =>
  new HttpRefusal(405, 'method_not_allowed', 'method_not_allowed', 'this method is not allowed', {
    headers: ['Allow', allow],
  });

// 421 and not 400: an honest client that shared a connection asks again on one of its own.
export const hostForeign = (): HttpRefusal =>
  new HttpRefusal(421, 'invalid_request', 'host_foreign', 'this host is not served here');

export const crossSite = (): HttpRefusal =>
  new HttpRefusal(403, 'access_denied', 'cross_site', 'the form was sent by another site');

const IDENTITY_TEXTS = {
  400: 'the upstream sent an identity that cannot be understood',
  401: 'the upstream did not say who you are',
  403: 'this request did not come from the upstream',
} as const;

/** @param reason the upstream's own word for it. */
export const identityRefused = (status: 400 | 401 | 403, reason: string): HttpRefusal =>
  new HttpRefusal(
    status,
    status === 400 ? 'invalid_request' : 'access_denied',
    reason,
    IDENTITY_TEXTS[status],
  );

const CERTIFICATE_TEXTS = {
  400: 'the proxy sent a certificate that cannot be understood',
  403: 'this certificate did not come from the proxy',
} as const;

/** @param reason of `certificates/`. */
export const certificateRefused = (status: 400 | 403, reason: string): HttpRefusal =>
  new HttpRefusal(
    status,
    status === 400 ? 'invalid_request' : 'access_denied',
    reason,
    CERTIFICATE_TEXTS[status],
  );

const LATER = 'the request cannot be answered right now; please try again';

/** There is more to do than can be done. @param requestId spreads the retries. */
export const overloaded = (requestId: string): Failure => ({
  status: 503,
  code: 'temporarily_unavailable',
  description: LATER,
  reason: 'overloaded',
  headers: retryAfter(requestId),
  closes: false,
});

/** Never throws. @param requestId spreads the retries of clients that were refused together. */
export function toFailure(thrown: unknown, requestId: string): Failure {
  if (thrown instanceof HttpRefusal) return thrown.failure;
  if (thrown instanceof OAuthError) {
    const { status, code, description, reason } = thrown;
    const own = Object.entries(thrown.headers).flat();
    const headers = status === 503 ? [...own, ...retryAfter(requestId)] : own;
    return { status, code, description, reason, headers, closes: false };
  }
  if (thrown instanceof RateLimited) return rateLimited(thrown);
  if (thrown instanceof Unavailable) {
    return {
      status: 503,
      code: 'temporarily_unavailable',
      description: LATER,
      reason: `${thrown.dependency}_unavailable`,
      headers: retryAfter(requestId),
      closes: false,
    };
  }
  return {
    status: 500,
    code: 'server_error',
    description: 'something went wrong here',
    reason: 'unexpected',
    headers: [],
    closes: false,
  };
}

/**
 * No client may take it for an answer to what it asked: `invalid_grant` would cost it its refresh token,
 * `invalid_client` its credentials.
 */
const rateLimited = ({ code, retryAfter: wait }: RateLimited): Failure => ({
  status: 429,
  code,
  description: 'too many requests; please wait as long as Retry-After says',
  reason: 'rate_limited',
  headers: ['Retry-After', String(wait)],
  closes: false,
});

/** 1 to 5 seconds. */
const retryAfter = (requestId: string): readonly string[] => [
  'Retry-After',
  String(1 + (requestId.charCodeAt(0) % 5)),
];
