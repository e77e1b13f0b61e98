import type { Claims } from '../../protocol/claims.ts';
import type { ClaimsRequest } from '../../protocol/claims-request.ts';
import type { Client } from '../../protocol/client.ts';
import type { Confirmation } from '../../protocol/confirmation.ts';
import type { SessionId, Subject } from '../../protocol/ids.ts';
import type { Params } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import type { RefreshTokenParts } from '../handle.ts';

/** One request for tokens, by a client that has proven who it is. */
export type TokenRequest = {
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
  /** Everything issued under a recorded authorization names it; absent where nothing is recorded. */
  readonly authorizationId: string | undefined;
  /** Absent when a client acts for itself. */
  readonly endUser: AuthenticatedEndUser | undefined;
  /** Absent: no refresh token. */
  readonly refreshToken: RefreshTokenParts | undefined;
};

export type AuthenticatedEndUser = {
  readonly claims: Claims;
  readonly claimsRequest: ClaimsRequest | undefined;
  readonly nonce: string | undefined;
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
  /** Spends what was presented; throws `invalid_grant` and its like. */
  authorize(request: TokenRequest, deps: Deps): Promise<Authorization>;
};
