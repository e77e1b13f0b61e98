// One request and what came of it, as the history keeps it: no secret is in it, only names of secrets.

import { hash } from 'node:crypto';

/** What was asked. The last four need no store. */
export type Kind =
  | 'authorize'
  | 'redeem'
  | 'refresh'
  | 'introspect'
  | 'userinfo'
  | 'revoke'
  | 'end_session'
  | 'readyz'
  | 'livez'
  | 'discovery'
  | 'jwks';

export type Outcome =
  /** A complete answer that grants, says "alive", or confirms an end. */
  | 'ok'
  /** A complete answer that what was presented is no good: invalid_grant, invalid_token, inactive. */
  | 'refused'
  /** A complete and honest "not now": 503 with Retry-After, or temporarily_unavailable by redirect. */
  | 'unavailable'
  /** Nobody took the connection, so that nothing was executed. */
  | 'unsent'
  /** A reset or no patience left: it may have been executed or not, and may still be. */
  | 'unknown'
  /** A complete answer that nothing allows. */
  | 'odd';

/** Names of what an answer handed out. */
export type Given = {
  readonly code?: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
};

export type Operation = {
  readonly kind: Kind;
  readonly issuer: string;
  /** Milliseconds of one monotonic clock: two operations are in order only when they do not overlap. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
  /** Status and error code, for people. */
  readonly said: string;
  /** The sign-ins it is about; a sign-out is about several. */
  readonly about: readonly string[];
  /** The name of what was presented. */
  readonly presented?: string;
  readonly given?: Given;
};

/** Short enough to read, and of no use to anybody. */
export const nameOf = (secret: string): string => hash('sha256', secret, 'hex').slice(0, 12);

const STORELESS: ReadonlySet<Kind> = new Set(['livez', 'discovery', 'jwks']);

/** Has to be answered 200 whatever the store does. */
export const isStoreless = ({ kind }: Pick<Operation, 'kind'>): boolean => STORELESS.has(kind);

/** Something a client wants: neither a probe of a balancer nor a public document. */
export const isOfClient = ({ kind }: Pick<Operation, 'kind'>): boolean =>
  kind !== 'readyz' && !STORELESS.has(kind);
