// How often, as others see it: one value for each request that some rule is about. Knows clients and
// End-Users only by what has been proven of them. What counts is in limiter.ts, loaded where it is wanted.

import type { Connected } from './peer.ts';

export type Allowance = {
  /**
   * Counts for a client, which authenticated or is public, or whose token was presented, and for an
   * End-User. Rejects with `RateLimited`, or with `Unavailable` where nobody can tell and a rule says so.
   */
  proven(who: Proven): Promise<void>;
  /** Counts a user code that an End-User tries; rejects as `proven` does. */
  guess(subject: string): Promise<void>;
  /** Throws `RateLimited` where this peer was wrong too often, before anything is verified. */
  mayAuthenticate(clientId: string | undefined): void;
  /** Counts that it was wrong; rejects with `RateLimited` where it was so once too often. */
  notAuthenticated(clientId: string | undefined): Promise<void>;
};

type Proven = {
  readonly clientId?: string;
  /** A public client says who it is, and so can anybody: it is counted apart for each peer. */
  readonly isPublic?: boolean;
  readonly subject?: string;
};

export type Arrival = {
  /** As the table of routes calls it. */
  readonly endpoint: string;
  /** The upstream is asked who this is. */
  readonly readsIdentity: boolean;
  readonly connected: Connected;
  /** Name, value, name, value, … exactly as received. */
  readonly rawHeaders: readonly string[];
  readonly requestId: string;
};

/** What is asked of limits while one request is answered. */
export type RequestLimits = Allowance & {
  /** Settles when it has been counted for its network, which was begun at once; rejects as `proven` does. */
  arrived(): Promise<void>;
  /** Counts that the upstream's word was refused; throws `RateLimited` in place of one refusal too many. */
  identityRefused(): void;
  /** Names and values of what the answer says about limits. */
  headers(): readonly string[];
};

export type Limiter = {
  /** Undefined: no rule is about such a request. */
  begin(arrival: Arrival): RequestLimits | undefined;
};
