import { createHash } from 'node:crypto';

/** RFC 7636 Appendix B. */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** What a client with PKCE adds to its authorization request. */
export const PKCE = { code_challenge: CHALLENGE, code_challenge_method: 'S256' } as const;

export const s256 = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');
