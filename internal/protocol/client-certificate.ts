/** Kinds of subject alternative name that a client may be registered by (RFC 8705 §2.1.2). */
export type SanType = 'dns' | 'uri' | 'ip' | 'email';

/**
 * The certificate whose private key the client of this connection holds. Who that is, is not decided:
 * anybody can make one that says anything.
 */
export type ClientCertificate = {
  /** SHA-256 of the DER form, base64url (`x5t#S256`, RFC 8705 §3.1). */
  readonly thumbprint: string;
  /** SHA-256 of its public key as SubjectPublicKeyInfo, base64url. */
  readonly keyThumbprint: string;
  /** As `distinguished-name.ts` writes it; empty where the subject is. */
  readonly subjectDn: string;
  readonly sans: Readonly<Record<SanType, readonly string[]>>;
  /** A CA that the operator named for clients vouches for these names. */
  readonly isVerified: boolean;
  /** Seconds since 1970, both inclusive; of the CA too, where it is verified here. */
  readonly notBefore: number;
  readonly notAfter: number;
};
