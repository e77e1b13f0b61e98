import type { SigningAlg } from './names.ts';

/** In what form one client is told things: how it is signed, sealed and encrypted. */
export type TokenForms = {
  /** Sealed ones are read here only: a resource server has to ask. */
  readonly accessTokenFormat: 'jwt' | 'opaque';
  readonly accessTokenSigningAlg: SigningAlg;
  /** Who else its ID Tokens are for; then `azp` says that they were issued to it (OIDC Core §2). */
  readonly idTokenAudience: readonly string[];
  /** Its ID Tokens say which `state` they answer (FAPI 1.0 Advanced §5.1.1). */
  readonly idTokenStateHash: boolean;
  /** Undefined: claims come as JSON (OIDC Core §5.3.2). */
  readonly userinfoSignedResponseAlg: SigningAlg | undefined;
  /** Undefined: it cannot ask for a signed answer (RFC 9701 §4). */
  readonly introspectionSignedResponseAlg: SigningAlg | undefined;
  /** Undefined: signed only. */
  readonly idTokenEncryption: Encryption | undefined;
  readonly userinfoEncryption: Encryption | undefined;
  readonly introspectionEncryption: Encryption | undefined;
};

/**
 * How a key is agreed on with the holder of a client's private key (RFC 7518 §4.1). RSA1_5 is left out
 * (RFC 8725 §3.2), and what takes a secret of ours and the client's: a public key is all we know.
 */
export const ENCRYPTION_ALGS = ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'] as const;

/** What the text itself is encrypted with (RFC 7518 §5.1); the first is the standard's default. */
export const ENCRYPTION_ENCS = ['A128CBC-HS256', 'A256GCM'] as const;

export type Encryption = {
  readonly alg: (typeof ENCRYPTION_ALGS)[number];
  readonly enc: (typeof ENCRYPTION_ENCS)[number];
};
