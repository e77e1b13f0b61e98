// The public keys of others: of clients, of issuers whose tokens are taken, of proxies. Fetched, kept
// and bounded here; what a signature by one of them means is for whoever asks to decide.

import type { Members, UnverifiedJwt } from '../protocol/jwt.ts';
import type { KeySource } from '../protocol/key-source.ts';

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
};
