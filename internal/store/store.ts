// What must be remembered, as verbs that are whole transactions: each is one round trip and one
// atomic step, in memory and in Redis alike. Knows hashes and expectations, never tokens, HTTP or
// policy. A backend that cannot answer in time throws `Unavailable`; it never guesses.

import type { AuthorizationDetail } from '../protocol/authorization-details.ts';
import type { Claims } from '../protocol/claims.ts';
import type { ClaimsRequest } from '../protocol/claims-request.ts';
import type { AuthorizationId, ClientId, SessionId, Subject } from '../protocol/ids.ts';
import type { BudgetVerbs } from './budgets.ts';
import type { ClientVerbs } from './clients.ts';
import type { DeviceVerbs } from './device.ts';
import type { GrantedVerbs } from './granted.ts';
import type { HeldVerbs } from './held.ts';
import type { UserVerbs } from './people.ts';
import type { Usage } from './usage.ts';

/** What one End-User granted one client in one flow. Immutable: kept as one JSON text. */
export type Grant = {
  readonly clientId: ClientId;
  readonly subject: Subject;
  readonly scope: readonly string[];
  /** The redirect URI the code was sent to, byte for byte. */
  readonly redirectUri: string;
  /** False when the request left it out, so that the token request may do so too (RFC 6749 §4.1.3). */
  readonly redirectUriSent: boolean;
  readonly nonce?: string;
  /** For `s_hash`, where the client wants it: the left half of a hash of its `state`, base64url. */
  readonly stateHash?: string;
  /** S256 code challenge (RFC 7636 §4.2). */
  readonly challenge?: string;
  /** Thumbprint of the DPoP key that alone may spend the code (RFC 9449 §10). */
  readonly jkt?: string;
  readonly authTime?: number;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly sid?: SessionId;
  readonly resource: readonly string[];
  readonly claimsRequest?: ClaimsRequest;
  readonly authorizationDetails?: readonly AuthorizationDetail[];
  /** What the upstream said at sign-in, at most 8 KiB. */
  readonly snapshot: Claims;
  /** Seconds since 1970. */
  readonly grantedAt: number;
};

/** How long refresh tokens of an authorization live, settled when it is granted. Seconds. */
export type RefreshTerms = {
  /** Each use extends the life by this much … */
  readonly ttl: number;
  /** … but never past this moment. */
  readonly until: number;
};

export type CodeTerms = {
  /** SHA-256 of the code's secret, base64url. */
  readonly hash: string;
  readonly expiresAt: number;
};

export type NewAuthorization = {
  readonly id: AuthorizationId;
  readonly grant: Grant;
  readonly code: CodeTerms;
  /** Absent: no refresh token comes of it. */
  readonly refresh?: RefreshTerms;
  /**
   * What the indexes of its End-User and of the session `grant.sid` say of it; absent where nobody asks
   * by either.
   */
  readonly membership?: Membership;
};

export type Membership = {
  /** Granted with `offline_access`: meant to outlive the session. */
  readonly offline: boolean;
  /** When the indexes may forget it, in seconds since 1970. */
  readonly until: number;
};

/** A session is one End-User's. */
export type OwnSession = { readonly sid: SessionId; readonly subject: Subject };

/** One authorization of a session, as its index knows it: enough to end it and to tell its client. */
export type SessionMember = {
  readonly id: AuthorizationId;
  readonly clientId: ClientId;
  readonly offline: boolean;
};

/** What one session's index holds; beyond, what would be forgotten first is forgotten. */
export const MAX_SESSION_MEMBERS = 1000;

/**
 * `nonce_used` when this client used the nonce within the code's life, `session_ended` when the
 * session was: then no code exists. A session that ended takes nothing in ever after.
 */
type Created = 'created' | 'nonce_used' | 'session_ended';

/** What a spender has to know beside the secret. A wrong one burns nothing. */
export type Expectations = {
  readonly clientId: ClientId;
  /** As presented; undefined when the request had none. */
  readonly redirectUri: string | undefined;
  /** S256 of the presented verifier; undefined when there was none. */
  readonly challenge: string | undefined;
  /** Thumbprint of the key that the request proved; of no account where the grant has none. */
  readonly jkt: string | undefined;
};

/** One spend by one HTTP request: the same attempt asked again gets the same answer. */
type Attempt = {
  readonly attempt: string;
  /** Seconds since 1970. */
  readonly now: number;
};

/** The first refresh token of an authorization. Family and hash are SHA-256, base64url. */
type FirstRefresh = {
  readonly family: string;
  readonly hash: string;
  /**
   * What whoever presents a refresh token of this family has to prove, say the thumbprint of a key: a short
   * text without line breaks. Undefined where the client authenticates.
   */
  readonly binding: string | undefined;
};

export type Redemption = Attempt & {
  /** Expiry of the tokens about to be issued: the record lives at least until then. */
  readonly expiresAt: number;
  /** Kept only if the authorization has refresh terms. */
  readonly refresh: FirstRefresh | undefined;
};

export type Redeemed =
  /** `refreshExpiresAt` is undefined when no refresh token was kept. */
  | { readonly kind: 'fresh'; readonly grant: Grant; readonly refreshExpiresAt: number | undefined }
  /** The code was spent before: the authorization has just been ended (RFC 6749 §4.1.2). */
  | { readonly kind: 'replayed' }
  | { readonly kind: 'mismatch'; readonly of: 'client' | 'redirect_uri' | 'code_verifier' | 'jkt' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' };

/** A refresh token as presented. Both are SHA-256, base64url. */
export type PresentedRefresh = { readonly family: string; readonly hash: string };

/** A wrong one burns nothing and ends nothing, whichever token of the family came with it. */
export type RotationExpectations = {
  readonly clientId: ClientId;
  /** What the request proved; of no account where the family is bound to nothing. */
  readonly binding: string | undefined;
};

export type Rotation = Attempt & {
  readonly expiresAt: number;
  /** Absent: the presented token stays the current one, and only its life is extended. */
  readonly next: { readonly hash: string; readonly seal: string } | undefined;
  /** Seconds within which the same presented token gets the sealed successor again. */
  readonly grace: number;
};

export type Rotated =
  | { readonly kind: 'fresh'; readonly grant: Grant; readonly refreshExpiresAt: number }
  /** An honest retry: `seal` holds the successor, to be opened with the presented secret. */
  | {
      readonly kind: 'grace';
      readonly grant: Grant;
      readonly seal: string;
      readonly refreshExpiresAt: number;
    }
  /** An older token of this family: the authorization has just been ended (RFC 9700 §4.14.2). */
  | { readonly kind: 'replayed' }
  | { readonly kind: 'mismatch'; readonly of: 'client' | 'binding' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' };

/** A live authorization, as introspection and userinfo see it. */
export type FoundAuthorization = {
  readonly grant: Grant;
  /** Present once the code was redeemed for a refresh token. */
  readonly refresh:
    | {
        readonly family: string;
        readonly hash: string;
        readonly expiresAt: number;
        readonly binding: string | undefined;
      }
    | undefined;
};

/** A request put aside while a page is shown: authorization record before its grant. */
export type PendingRequest = {
  /** The parameters of the authorization request, as the client sent them. */
  readonly params: readonly (readonly [string, string])[];
  /** Who has to answer the page; absent when nobody has signed in yet. */
  readonly subject?: Subject;
  /** What that End-User was asked to agree to. */
  readonly scope?: readonly string[];
  /** Who pushed it: the request is that client's alone (RFC 9126 §2). */
  readonly clientId?: ClientId;
  /** Thumbprint of the DPoP key it was pushed with, to which its code is bound (RFC 9449 §10.1). */
  readonly jkt?: string;
  /** Seconds since 1970. */
  readonly parkedAt: number;
  /** Absent until the End-User was sent away for something, or asked which account to use. */
  readonly journey?: Journey;
};

/** What the End-User was sent away for on behalf of one request; each parking hands it to the next. */
export type Journey = {
  /** Seconds since 1970: a sign-in has to be newer than this to be one for this request. */
  readonly since: number;
  /** The auth_time presented then: one that comes back unchanged proves nothing. */
  readonly authTime?: number;
  /** Each is done once at most. */
  readonly errands: readonly string[];
};

export type NewPending = {
  readonly id: AuthorizationId;
  readonly request: PendingRequest;
  /** SHA-256 of the handle's secret, base64url. */
  readonly hash: string;
  readonly expiresAt: number;
};

export type Consent = {
  readonly scope: readonly string[];
  readonly grantedAt: number;
  /** Of a public client: another app could claim its name, but not receive at its address. */
  readonly redirectUri?: string;
  /** A hash of what the client was then: another client of its name was not agreed to. */
  readonly client?: string;
};

/** When something was made of which the store is asked, and what time it is, by one clock. Seconds since 1970. */
export type Made = { readonly at: number; readonly now: number };

type GeneralVerbs = {
  /** Keeps a granted authorization, marks its nonce and enters it into its indexes: all or nothing. */
  create(authorization: NewAuthorization, now: number): Promise<Created>;

  /** Spends a code: of any number of calls exactly one is `fresh`. */
  redeem(
    id: AuthorizationId,
    codeHash: string,
    expected: Expectations,
    redemption: Redemption,
  ): Promise<Redeemed>;

  /** Spends a refresh token and keeps its successor, in one step. */
  rotate(
    id: AuthorizationId,
    presented: PresentedRefresh,
    expected: RotationExpectations,
    rotation: Rotation,
  ): Promise<Rotated>;

  /** The authorization, unless it is pending, ended or gone. */
  find(id: AuthorizationId, now: number): Promise<FoundAuthorization | undefined>;

  /** Ends an authorization and everything issued under it; idempotent. */
  revoke(id: AuthorizationId): Promise<void>;

  /**
   * Closes a session for `ttl` seconds, whatever is being granted at the same moment, and answers what
   * it holds. Asked again before `forgetSession`, it answers the same: what follows may fail.
   */
  endSession(session: OwnSession, ttl: number): Promise<readonly SessionMember[]>;

  /** Empties the index of a session that has ended; it stays closed. */
  forgetSession(session: OwnSession): Promise<void>;

  /** Puts a request aside; `full` when the budget of pending requests is used up. */
  park(pending: NewPending, now: number): Promise<'parked' | 'full'>;

  /** Reads a request put aside, without spending it. */
  findPending(id: AuthorizationId, hash: string, now: number): Promise<PendingRequest | undefined>;

  /** Turns a request put aside into a granted authorization, once; `unknown` ever after. */
  approve(
    pendingHash: string,
    authorization: NewAuthorization,
    now: number,
  ): Promise<Created | 'unknown'>;

  /** Ends a request put aside: true for the first caller only. */
  discard(id: AuthorizationId, hash: string, now: number): Promise<boolean>;

  /**
   * True for the first caller only, until `ttl` seconds have passed. For nobody when it was made before
   * the store's memory began: whether there was a first caller then, nobody knows.
   */
  once(purpose: string, key: string, ttl: number, made?: Made): Promise<boolean>;

  /** Whether `once` was called for this key and still holds, or could have been before the memory began. */
  happened(purpose: string, key: string, made?: Made): Promise<boolean>;

  /** Adds one, and answers the sum of the `window` seconds that began with the first. */
  count(purpose: string, key: string, window: number): Promise<number>;

  findConsent(subject: Subject, clientId: ClientId): Promise<Consent | undefined>;
  keepConsent(subject: Subject, clientId: ClientId, consent: Consent, ttl: number): Promise<void>;

  /** Throws `Unavailable` when the store cannot answer now; what readiness asks. */
  ping(): Promise<void>;
  /** Absent where how full it is is not ours to know, as of Redis. */
  usage?(): readonly Usage[];
  close(): Promise<void>;
};

export type Store = GeneralVerbs &
  GrantedVerbs &
  HeldVerbs &
  DeviceVerbs &
  ClientVerbs &
  UserVerbs &
  BudgetVerbs;
