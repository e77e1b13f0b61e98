import type { Actor } from '../../protocol/actor.ts';
import type { AuthorizationDetail } from '../../protocol/authorization-details.ts';
import type { Claims } from '../../protocol/claims.ts';
import type { ClaimsRequest } from '../../protocol/claims-request.ts';
import type { Client } from '../../protocol/client.ts';
import type { Confirmation } from '../../protocol/confirmation.ts';
import type { SessionId, Subject } from '../../protocol/ids.ts';
import type { Params } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import type { RefreshTokenParts } from '../handle.ts';
import type { Policy } from '../policy.ts';
import type { Prepared } from '../token/prepare.ts';

/** One request for tokens, by a client that has proven who it is. */
export type TokenRequest = {
  readonly grantType: string;
  readonly params: Params;
  readonly client: Client;
  /** What the tokens will be bound to; undefined: to nothing. */
  readonly confirmation: Confirmation | undefined;
  /** One per HTTP request: a spend asked twice under it is one spend. */
  readonly attempt: string;
  /** When the tokens about to be issued will have expired, in seconds since 1970. */
  readonly expiresAt: number;
  readonly now: number;
};

/** What a grant proved: tokens are minted from this, and never by a grant. */
export type Authorization = {
  readonly subject: Subject;
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  /** Absent: none (RFC 9396 §7). */
  readonly authorizationDetails?: readonly AuthorizationDetail[];
  /** Everything issued under a recorded authorization names it; absent where nothing is recorded. */
  readonly authorizationId: string | undefined;
  /** Absent when a client acts for itself. */
  readonly endUser: AuthenticatedEndUser | undefined;
  /** Absent: no refresh token. */
  readonly refreshToken: RefreshTokenParts | undefined;
  /** Absent where nothing had to be settled before the grant was spent: then it still has to be. */
  readonly prepared?: Prepared | undefined;
  /** Absent: somebody signed in, or a client acts for itself. */
  readonly derivation?: Derivation;
};

/** What differs where another token took the place of a sign-in: there is no ID Token either. */
type Derivation = {
  /** Whoever acts for the subject. */
  readonly actor: Actor | undefined;
  /** `iss` of the token that named the subject; undefined: we did. */
  readonly subjectIssuer: string | undefined;
  /** Who the token is for; undefined: it is as for any token of this client. */
  readonly audience: readonly string[] | undefined;
  /** When the token that it came of ends; undefined: that sets no limit. */
  readonly until: number | undefined;
  /** What the answer says has been issued (RFC 8693 §2.2.1). */
  readonly issuedTokenType: string | undefined;
};

export type AuthenticatedEndUser = {
  readonly claims: Claims;
  readonly claimsRequest: ClaimsRequest | undefined;
  readonly nonce: string | undefined;
  /** Absent where the client does not want `s_hash`. */
  readonly stateHash?: string | undefined;
  readonly authTime: number | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[] | undefined;
  readonly sid: SessionId | undefined;
};

/** One grant type at the token endpoint. The steps every grant shares are around it, in token.ts. */
export type Grant = {
  /** The registered `grant_type` value. */
  readonly grantType: string;
  /** A client without credentials may use it. */
  readonly allowsPublicClients: boolean;
  /**
   * Absent: always on. One that is off is neither answered nor advertised; what widens the attack
   * surface is on only where the operator has a use for it.
   */
  isOn?(policy: Policy): boolean;
  /** Spends what was presented; throws `invalid_grant` and its like. */
  authorize(request: TokenRequest, deps: Deps): Promise<Authorization>;
};
