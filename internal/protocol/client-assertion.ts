// What a client may say of the assertions that it authenticates with (RFC 7521, RFC 7523).

import { ASYMMETRIC_ALGS } from './names.ts';

/** Signatures by a secret that both sides know (RFC 7518 §3.2), and the bytes it has at least. */
export const HMAC_ALGS = ['HS256', 'HS384', 'HS512'] as const;
export type HmacAlg = (typeof HMAC_ALGS)[number];
export const HMAC_BYTES: Readonly<Record<HmacAlg, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/** By method: what an assertion may be signed with where the client says no more. */
export const ASSERTION_ALGS = {
  client_secret_jwt: HMAC_ALGS,
  private_key_jwt: ASYMMETRIC_ALGS,
  // As far as each of the two issues them (Kubernetes; JWT-SVID §2.2).
  kubernetes_service_account: ['RS256', 'ES256', 'ES384', 'ES512'],
  spiffe_jwt: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The name that the platform a program runs on calls it by. */
type ServiceAccount = {
  /** Of the cluster that signs its tokens. */
  readonly issuer: string;
  /** `system:serviceaccount:<namespace>:<name>`. */
  readonly subject: string;
};

export type AssertionTerms = {
  /** The only algorithm of its assertions; undefined: any of its method. */
  readonly tokenEndpointAuthSigningAlg: string | undefined;
  /** `token_endpoint`: its URL is taken for an audience beside the issuer. */
  readonly tokenEndpointAuthAudience: 'issuer' | 'token_endpoint';
  readonly serviceAccount: ServiceAccount | undefined;
  readonly spiffeId: string | undefined;
};
