// What every assertion of a client has in common (RFC 7521 §5, RFC 7523 §3): its type, its claims, its
// end. Libraries demand none of the three by themselves.

import { invalidClient, type OAuthError } from '../../protocol/errors.ts';
import {
  findJwtProblem,
  type JwtProblem,
  type JwtTerms,
  type Members,
  type UnverifiedJwt,
} from '../../protocol/jwt.ts';

/** How far the clock of whoever signed may be ahead of ours, or behind, in seconds. */
export const CLOCK_SKEW = 10;

/** An access token or a proof of another profile is no assertion, whoever signed it (RFC 8725 §3.11). */
export function checkType({ typ }: UnverifiedJwt, types: readonly string[]): void {
  if (typ !== undefined && !types.includes(typ)) {
    throw invalidClient({ reason: 'client_assertion_type_wrong' });
  }
}

export const wrongSignature = (): OAuthError =>
  invalidClient({ reason: 'client_assertion_signature' });

export const wrongSubject = (): OAuthError => invalidClient({ reason: 'client_assertion_subject' });

/** Throws `invalid_client` unless a verified assertion is for us and of now. */
export function checkClaims(
  claims: Members,
  terms: Omit<JwtTerms, 'soleAudience' | 'clockSkew'>,
  now: number,
): void {
  const problem = findJwtProblem(
    claims,
    { ...terms, soleAudience: true, clockSkew: CLOCK_SKEW },
    now,
  );
  if (problem !== undefined) throw invalidClient(PROBLEMS[problem]);
}

/** Platforms write one audience as a list of one; two would let the other one use it here. */
export function unwrapAudience(claims: Members): Members {
  const { aud } = claims;
  return Array.isArray(aud) && aud.length === 1 ? { ...claims, aud: aud[0] } : claims;
}

const PROBLEMS: { readonly [Problem in JwtProblem]: { readonly reason: string } } = {
  issuer: { reason: 'client_assertion_issuer' },
  audience: { reason: 'client_assertion_audience' },
  claims_malformed: { reason: 'client_assertion_claims' },
  expired: { reason: 'client_assertion_expired' },
  not_yet_valid: { reason: 'client_assertion_ahead' },
  issued_ahead: { reason: 'client_assertion_ahead' },
  lives_too_long: { reason: 'client_assertion_lives_too_long' },
};
