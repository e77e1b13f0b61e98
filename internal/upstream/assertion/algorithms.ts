/**
 * Signatures that only the holder of a private key can make (RFC 7518 §3.1, RFC 8037, RFC 9864). With
 * a symmetric one whoever can verify could sign, and a public key would be a secret (T19).
 */
export const ASYMMETRIC: readonly string[] = [
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
];
