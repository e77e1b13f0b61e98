// What must be remembered by End-User: everything that they granted and that still stands, for them to look
// at and to end. It is found by who they are, and ended by nobody else.

import type { AuthorizationId, ClientId, SessionId, Subject } from '../protocol/ids.ts';
import type { Consent } from './store.ts';

/** An authorization that stands, without what only its client needs to know. */
export type LiveAuthorization = {
  readonly id: AuthorizationId;
  readonly clientId: ClientId;
  readonly scope: readonly string[];
  /** Seconds since 1970, as all times here. */
  readonly grantedAt: number;
  /** When its code was redeemed or a refresh token of it was used last; absent before. */
  readonly usedAt?: number;
  /** When the last thing under it ends, unless it is used again. */
  readonly expiresAt: number;
  readonly sid?: SessionId;
  /** Where its code was sent; absent where a device polled for it. */
  readonly redirectUri?: string;
};

/** What was agreed to at a client, and is not asked again. */
export type RememberedConsent = Consent & { readonly clientId: ClientId };

export type Granted = {
  readonly authorizations: readonly LiveAuthorization[];
  readonly consents: readonly RememberedConsent[];
  /** There was more than `MAX_LISTED`, of which some may not stand any more. */
  readonly isPartial: boolean;
};

/** How much of an End-User's one answer has; beyond, what would end first is left out. */
export const MAX_LISTED = 500;

/** Which of an End-User's are meant; a member that is absent does not matter. */
export type GrantedTo = {
  readonly clientId?: ClientId | undefined;
  readonly sid?: SessionId | undefined;
  /** Whether a device polled for it. */
  readonly isDevice?: boolean | undefined;
};

/** Whether one authorization is among those. */
export const isMeant = (
  { clientId, sid, redirectUri }: Pick<LiveAuthorization, 'clientId' | 'sid' | 'redirectUri'>,
  which: GrantedTo,
): boolean =>
  (which.clientId === undefined || which.clientId === clientId) &&
  (which.sid === undefined || which.sid === sid) &&
  (which.isDevice === undefined || which.isDevice === (redirectUri === undefined));

export type EndedGrants = {
  readonly authorizations: readonly LiveAuthorization[];
  /** Whose consent was forgotten. */
  readonly consents: readonly ClientId[];
  /** False when the store failed at some of them; all can be asked again. */
  readonly isComplete: boolean;
};

/** An authorization is found here from its grant on, where it has a membership. */
export type GrantedVerbs = {
  listGranted(subject: Subject, now: number): Promise<Granted>;

  /** Ends one authorization if it is this End-User's and stands: it is answered to the first caller only. */
  endGranted(
    subject: Subject,
    id: AuthorizationId,
    now: number,
  ): Promise<LiveAuthorization | undefined>;

  /**
   * Ends all of an End-User's, or what of it is meant. What was agreed to is forgotten as well, at one client
   * or at all, unless no more than a session or a device is meant. Whatever was granted before the call has ended after it, and
   * what is being granted meanwhile has either ended or is found.
   */
  endAllGranted(subject: Subject, which: GrantedTo, now: number): Promise<EndedGrants>;
};
