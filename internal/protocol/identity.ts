import type { Claims } from './claims.ts';
import type { SessionId, Subject } from './ids.ts';

/** Which End-User the upstream vouches for; what is absent was not said, and is never invented. */
export type Identity = {
  readonly subject: Subject;
  /** When the upstream authenticated the End-User, in seconds since 1970. */
  readonly authTime?: number;
  readonly acr?: string;
  readonly amr?: readonly string[];
  /** The upstream's own session id. */
  readonly sid?: SessionId;
  /** Attributes such as email, name and groups, by claim name; never a reserved claim. */
  readonly claims: Claims;
};
