// Authorizations and sessions, as far as an operator may know them: never a hash, a code or a token.

import type { Order, Part } from './order.ts';

/** Times are seconds since 1970. */
export type AuthorizationFacts = {
  readonly id: string;
  readonly clientId: string;
  readonly subject: string;
  readonly scope: readonly string[];
  readonly isOffline: boolean;
  readonly grantedAt: number;
  readonly usedAt: number | undefined;
  readonly expiresAt: number;
  readonly sid: string | undefined;
  readonly redirectUri: string | undefined;
};

export type SessionFacts = {
  readonly sid: string;
  readonly subject: string;
  readonly clientIds: readonly string[];
  readonly authorizations: number;
  readonly offline: number;
  readonly since: number;
  readonly usedAt: number | undefined;
  readonly expiresAt: number;
};

/** Members that are undefined do not matter. */
type Whose = { readonly subject: string | undefined; readonly clientId: string | undefined };

type Listed<Item> = { readonly items: readonly Item[]; readonly next: string | undefined };

type Ended = { readonly authorizations: number; readonly consents: number };

/** Each throws `Unavailable` where the store cannot tell, or not do all of it; then it can be asked again. */
export type Authorizations = {
  /** Undefined where `after` leads nowhere any more. */
  list(whose: Whose, part: Part): Promise<Listed<AuthorizationFacts> | undefined>;
  find(id: string): Promise<AuthorizationFacts | undefined>;
  /** Undefined when it does not stand. */
  end(id: string, order: Order): Promise<AuthorizationFacts | undefined>;
  /** One of the two is there. */
  endAll(whose: Whose & { readonly isThorough: boolean }, order: Order): Promise<Ended>;
  /** For a client that is about to be none: with what is read now it is told of the end, as far as it wants to be. */
  prepareEnd(clientId: string): Promise<(order: Order) => Promise<Ended>>;
};

export type Sessions = {
  list(whose: Whose, part: Part): Promise<Listed<SessionFacts> | undefined>;
  end(session: { readonly sid: string; readonly subject: string }, order: Order): Promise<void>;
  /** Answers how many. */
  endAll(subject: string, order: Order): Promise<number>;
};
