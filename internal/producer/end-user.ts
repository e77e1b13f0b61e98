// Whom the producer says that somebody is: one of users.yaml, from a moment on.

import { type Claims, type JsonValue, RESERVED_CLAIMS } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';

export type Users = ReadonlyMap<Subject, Claims>;

export type SignedIn = {
  readonly subject: Subject;
  readonly claims: Claims;
  /** When they were chosen, in seconds since 1970. */
  readonly since: number;
  /** Names this stay at the proxy; the next one has another. */
  readonly sid: string;
  /** How they signed in, as they said at the chooser. */
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
};

/** What a preset calls an attribute → what it is of this End-User; undefined where there is nothing. */
export function attributeOf(who: SignedIn, attribute: string): JsonValue | undefined {
  switch (attribute) {
    case 'subject':
      return who.subject;
    case 'auth_time':
      return who.since;
    case 'sid':
    case 'acr':
    case 'amr':
      return who[attribute];
    default:
      return who.claims[attribute];
  }
}

/** A claim that is a text; the empty text where it is none. */
export const textOf = ({ claims }: SignedIn, claim: string): string => {
  const value = claims[claim];
  return typeof value === 'string' ? value : '';
};

export const groupsOf = ({ claims: { groups } }: SignedIn): readonly string[] =>
  Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];

/** What an identity provider would say about somebody: all of users.yaml, and nothing that is not about them. */
export const statementsOf = ({ claims }: SignedIn): Claims =>
  Object.fromEntries(Object.entries(claims).filter(([claim]) => !RESERVED_CLAIMS.has(claim)));

/** As people know them. */
export const nameOf = (subject: Subject, { name, preferred_username: login }: Claims): string =>
  [name, login].find((one) => typeof one === 'string') ?? subject;
