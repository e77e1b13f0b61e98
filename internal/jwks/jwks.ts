// The public keys of others: of clients, of issuers whose tokens are taken, of proxies. Fetched, kept
// and bounded here; what a signature by one of them means is for whoever asks to decide.

import type { Encryption } from '../protocol/client-tokens.ts';
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
  /** Whether it is true of one of these keys. Throws `Unavailable` when they cannot be had. */
  has(source: KeySource, isTrue: (key: Members) => boolean): Promise<boolean>;

  /**
   * For JWTs that bring their own key, as proofs of possession do: whoever made one holds that key, and
   * may be anybody. Undefined unless the public key in the header signed exactly this text.
   */
  verifyByHeaderKey(
    jwt: UnverifiedJwt,
    algorithms: readonly string[],
  ): Promise<SelfSigned | undefined>;

  /**
   * Encrypts for the holder of one of these keys; undefined when none of them fits the algorithm. Throws
   * `Unavailable` when the keys cannot be had.
   */
  encrypter(source: KeySource, encryption: Encryption): Promise<Encrypter | undefined>;
};

/** From a signed JWT to a JWE around it (RFC 7519 §11.2). */
export type Encrypter = (jwt: string) => Promise<string>;
