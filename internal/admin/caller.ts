// Who asks for an operation, once that is proven, and what they may.

export type Role = 'read' | 'write';

export type Caller = {
  /** For the record: how they are known and as whom, as in `token:deploy`. */
  readonly name: string;
  readonly role: Role;
};

/** What a request brings along to prove who sends it. */
export type Presented = {
  /** Of `Authorization: Bearer`. */
  readonly token: string | undefined;
  /** What the certificate names that TLS has verified; undefined without one. */
  readonly certificate: { readonly sans: readonly string[] } | undefined;
};

export type Recognition =
  | { readonly kind: 'known'; readonly caller: Caller }
  /** Nothing was shown that could prove anything. */
  | { readonly kind: 'absent' }
  /** A word for the record, and none for whoever asks. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Throws `Unavailable` when only the store could tell, and does not. */
export type Recognise = (presented: Presented) => Promise<Recognition>;
