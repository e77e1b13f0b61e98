// End-Users: what the backends know of them, and those that the issuer keeps itself.

import type { Claims } from '../../../protocol/claims.ts';
import type { Order, Part } from './order.ts';

/** A word, and never the text of the error: that may repeat names and values. */
type BackendProblem =
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'credentials'
  | 'refused'
  | 'malformed'
  | 'ambiguous'
  | 'too_large'
  | 'overloaded'
  | 'unreadable'
  | 'failed';

export type BackendFacts = {
  readonly type: string;
  readonly outcome: 'known' | 'unknown' | 'disabled' | 'failed';
  readonly provesExistence: boolean;
  readonly claims: Claims | undefined;
  readonly remembered:
    | { readonly age: number; readonly isFresh: boolean; readonly isKnown: boolean }
    | undefined;
  readonly problem: BackendProblem | undefined;
};

/** Kept in the store of the issuer; times are seconds since 1970. */
export type StoredFacts = {
  readonly subject: string;
  readonly claims: Claims;
  readonly isDisabled: boolean;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly version: string;
};

type LookedUp = {
  /** Whether it is let in; undefined where a backend failed, so that nobody knows. */
  readonly exists: boolean | undefined;
  /** Of all backends together. */
  readonly claims: Claims | undefined;
  readonly backends: readonly BackendFacts[];
  readonly stored: StoredFacts | undefined;
};

type NewUser = {
  readonly claims: { readonly [claim: string]: unknown };
  readonly isDisabled: boolean;
};

/** What is wrong with claims, as `claim: what to do`. */
type Faulty = { readonly kind: 'faulty'; readonly problems: readonly string[] };

export type Kept =
  | { readonly kind: 'created' | 'changed'; readonly user: StoredFacts }
  | Faulty
  | { readonly kind: 'full' }
  | { readonly kind: 'other_version' };

/** One of many, as an entry of users.yaml. */
export type Imported =
  | Faulty
  | {
      readonly kind: 'imported';
      readonly created: number;
      readonly changed: number;
      readonly unchanged: number;
    }
  | { readonly kind: 'full' };

export type Users = {
  lookUp(subject: string): Promise<LookedUp>;
  /** Answers how many answers were forgotten, and how many processes did not say. */
  forget(
    subject: string | undefined,
    order: Order,
  ): Promise<{ readonly answers: number; readonly silent: number }>;
  /** Undefined where no backend of type store is configured. */
  readonly stored: () => StoredUsers | undefined;
};

/** What has to be there, or somebody else was faster. */
export type Believed = {
  /** Undefined: whichever. */
  readonly ifMatch: string | undefined;
  readonly mustExist: boolean;
};

export type StoredUsers = {
  list(
    part: Part,
  ): Promise<{ readonly users: readonly StoredFacts[]; readonly next: string | undefined }>;
  /** Makes one, or replaces the one that is there. Of one who is disabled by it, sessions and authorizations end. */
  put(subject: string, user: NewUser, believed: Believed, order: Order): Promise<Kept>;
  /** All of them, or none where one is faulty. Who is not named stays. */
  importAll(entries: readonly unknown[], order: Order): Promise<Imported>;
  /** Sessions and authorizations end first; then nobody is known by this name. */
  remove(
    subject: string,
    ifMatch: string | undefined,
    order: Order,
  ): Promise<'removed' | 'unknown' | 'other_version'>;
};
