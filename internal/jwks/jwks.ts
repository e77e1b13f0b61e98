// The public keys of others: of clients, of issuers whose tokens are taken, of proxies. Fetched, kept
// and bounded here; what a signature by one of them means is for whoever asks to decide.

import type { Members, UnverifiedJwt } from '../protocol/jwt.ts';

/** Where the keys of one signer are. Nothing in a token ever says so itself (`jku`, `x5u`, `jwk`). */
export type KeySource =
  /** JSON text of a JWK Set; asked for each time, since a file may change. */
  | { readonly kind: 'text'; readonly text: () => string }
  /** Who wrote the URL: one that a client registered may lead to public addresses only. */
  | { readonly kind: 'uri'; readonly uri: string; readonly writtenBy: 'operator' | 'client' };

/** What the holder of a key signed, and no more is known of who that is. */
export type SelfSigned = {
  /** Of the key (RFC 7638), SHA-256 in base64url. */
  readonly thumbprint: string;
  readonly claims: Members;
};

export type ForeignKeys = {
  /**
   * The claims, once one of these keys signed exactly this text by one of these algorithms; undefined
   * otherwise. Throws `Unavailable` when the keys cannot be had.
   */
  verify(
    jwt: UnverifiedJwt,
    source: KeySource,
    algorithms: readonly string[],
  ): Promise<Members | undefined>;

  /**
   * For JWTs that bring their own key, as proofs of possession do: whoever made one holds that key, and
   * may be anybody. Undefined unless the public key in the header signed exactly this text.
   */
  verifyByHeaderKey(
    jwt: UnverifiedJwt,
    algorithms: readonly string[],
  ): Promise<SelfSigned | undefined>;
};
