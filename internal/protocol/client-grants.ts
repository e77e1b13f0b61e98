// What a client may bring to the token endpoint instead of a sign-in: tokens of others, and ours.

/** Kinds of token that may be exchanged (RFC 8693 §3). */
export const SUBJECT_TOKEN_TYPES = ['access_token', 'id_token', 'jwt'] as const;
export type SubjectTokenType = (typeof SUBJECT_TOKEN_TYPES)[number];

/** How `issuers` names the tokens that we issued ourselves. */
export const OWN_TOKENS = 'self';

/** What comes of an exchange by one client, at most. */
export type TokenExchangeTerms = {
  /** Whose tokens: `self`, or names of configured issuers. */
  readonly issuers: readonly string[];
  readonly subjectTokenTypes: readonly SubjectTokenType[];
  /** Clients whose tokens of ours it may exchange, besides those that are meant for it. */
  readonly clients: '*' | readonly string[];
  /** What it may have tokens for; the only one is what it gets unasked. */
  readonly audiences: readonly string[];
  readonly scope: readonly string[];
  /** Whose tokens may say who acts, as in `issuers`. */
  readonly actorIssuers: readonly string[];
  /** It may be taken for the End-User: without an actor token, nobody is named as acting. */
  readonly impersonation: boolean;
  /** A token that is bound to another key may be exchanged for one that is bound to its own. */
  readonly rebind: boolean;
};

/** Undefined: it may not. */
export type GrantTerms = {
  readonly tokenExchange: TokenExchangeTerms | undefined;
  readonly jwtBearer: { readonly issuers: readonly string[] } | undefined;
};
