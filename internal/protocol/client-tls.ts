import type { SanType } from './client-certificate.ts';

/** The one name by which a CA knows the client (RFC 8705 §2.1.2); compared character by character. */
export type CertificateName = {
  readonly type: 'subject_dn' | SanType;
  /** In the spelling that certificates are read into. */
  readonly value: string;
};

/** What a client's certificate is to us (RFC 8705). */
export type ClientTls = {
  /** For `tls_client_auth`. */
  readonly certificateName: CertificateName | undefined;
  /** Its access tokens are of use with its certificate only (§3). */
  readonly certificateBoundAccessTokens: boolean;
};
