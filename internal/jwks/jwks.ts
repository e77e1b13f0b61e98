// The public keys of others: of clients, of issuers whose tokens are taken, of proxies. Fetched, kept
// and bounded here; what a signature by one of them means is for whoever asks to decide.

import type { Members, UnverifiedJwt } from '../protocol/jwt.ts';
import type { KeySource } from '../protocol/key-source.ts';

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
