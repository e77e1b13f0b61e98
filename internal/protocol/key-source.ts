/** Where the keys of one signer are. Nothing in a token ever says so itself (`jku`, `x5u`, `jwk`). */
export type KeySource =
  /** JSON text of a JWK Set; asked for each time, since a file may change. */
  | { readonly kind: 'text'; readonly text: () => string }
  /** The same, as a value that can be compared: a reload that changes it makes another. */
  | { readonly kind: 'inline'; readonly text: string }
  /** Who wrote the URL: one that a client registered may lead to public addresses only. */
  | { readonly kind: 'uri'; readonly uri: string; readonly writtenBy: 'operator' | 'client' };
