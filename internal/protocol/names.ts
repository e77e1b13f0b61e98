// The registered words of the standards that more than one room needs.

/** Every `prompt` value we know (OIDC Core §3.1.2.1). */
export const PROMPTS: ReadonlySet<string> = new Set(['none', 'login', 'consent', 'select_account']);

/** RFC 8628 §3.4. */
export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8693 §2.1. */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** RFC 7523 §2.1. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** JWS algorithms our tokens can be signed with; the first is the default of `clients.yaml`. */
export const SIGNING_ALGS = ['ES256', 'RS256', 'PS256', 'EdDSA', 'ES384', 'ES512'] as const;
export type SigningAlg = (typeof SIGNING_ALGS)[number];

/** What `at_hash` and its like are made with (OIDC Core §3.1.3.6); Ed25519 uses SHA-512 itself. */
export const ALG_HASHES = {
  ES256: 'sha256',
  RS256: 'sha256',
  PS256: 'sha256',
  EdDSA: 'sha512',
  ES384: 'sha384',
  ES512: 'sha512',
} as const satisfies { readonly [Alg in SigningAlg]: string };

/** The only code challenge method: RFC 9700 §2.1.1 leaves no room for `plain`. */
export const CODE_CHALLENGE_METHOD = 'S256';

/**
 * Signatures that only the holder of a private key can make (RFC 7518 §3.1, RFC 8037, RFC 9864). With
 * a symmetric one whoever can verify could sign, and a public key would be a secret.
 */
export const ASYMMETRIC_ALGS = [
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
  'Ed25519',
] as const;

/** Of those, what a DPoP proof may be signed with: PKCS #1 v1.5 is for old software, and this is young. */
export const DPOP_ALGS: readonly string[] = ASYMMETRIC_ALGS.filter((alg) => !alg.startsWith('RS'));
