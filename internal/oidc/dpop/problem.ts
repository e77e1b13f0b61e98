// What is wrong with the claims of a proof whose signature is right (RFC 9449 §4.3): one that was
// overheard must be of no use at another endpoint, with another token, or at another time.

import { hash } from 'node:crypto';
import { isJti, isTime, type Members } from '../../protocol/jwt.ts';
import type { DpopPolicy } from '../policy.ts';
import { isSameEndpoint } from './uri.ts';

/** What a proof has to have been made for. */
export type ProofUse = {
  readonly method: string;
  /** Any of them: all the ways to call one endpoint. */
  readonly urls: readonly string[];
  /** Presented beside it, at a protected resource only. */
  readonly accessToken?: string;
};

export type ProofProblem =
  | 'dpop_proof_malformed'
  | 'dpop_proof_method'
  | 'dpop_proof_uri'
  | 'dpop_proof_token'
  | 'dpop_proof_expired'
  | 'dpop_proof_ahead';

/** Seconds by which two honest clocks may differ. */
export const CLOCK_SKEW = 10;

/** Undefined: nothing, but for a nonce that may be missing, and for having been used before. */
export const findProofProblem = (
  claims: Members,
  use: ProofUse,
  policy: DpopPolicy,
  now: number,
): ProofProblem | undefined =>
  isProof(claims)
    ? (findMisuse(claims, use) ?? findTimeProblem(claims, policy, now))
    : 'dpop_proof_malformed';

/** The members that are compared, of their types. */
export type ProofClaims = Members & {
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  readonly iat: number;
  readonly exp?: number;
  readonly nbf?: number;
};

/** Whether the members that a proof has to have are there, and of their types. */
export const isProof = (claims: Members): claims is ProofClaims => {
  const { jti, htm, htu, iat, exp = 0, nbf = 0 } = claims;
  const placed = typeof htm === 'string' && typeof htu === 'string';
  return isJti(jti) && placed && [iat, exp, nbf].every(isTime);
};

function findMisuse(
  { htm, htu, ath }: ProofClaims,
  { method, urls, accessToken }: ProofUse,
): ProofProblem | undefined {
  if (htm !== method) return 'dpop_proof_method';
  if (!isSameEndpoint(htu, urls)) return 'dpop_proof_uri';
  const isForToken = accessToken === undefined || ath === hash('sha256', accessToken, 'base64url');
  return isForToken ? undefined : 'dpop_proof_token';
}

/** A nonce tells the time of a proof better than the clock of a stranger (item 11). */
function findTimeProblem(
  { iat, exp, nbf = 0 }: ProofClaims,
  { requiresNonce, proofLifetime }: DpopPolicy,
  now: number,
): ProofProblem | undefined {
  if (exp !== undefined && now >= exp + CLOCK_SKEW) return 'dpop_proof_expired';
  if (nbf > now + CLOCK_SKEW) return 'dpop_proof_ahead';
  if (requiresNonce) return undefined;
  if (iat > now + CLOCK_SKEW) return 'dpop_proof_ahead';
  return now > iat + proofLifetime ? 'dpop_proof_expired' : undefined;
}
