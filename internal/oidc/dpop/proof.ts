// DPoP proofs (RFC 9449 §4): that whoever sends this request holds a key, now. Read, verified and held
// against the request in this order, so that nobody learns a nonce or has anything kept without a key.

import { invalidDpopProof } from '../../protocol/errors.ts';
import { parseJwt } from '../../protocol/jwt.ts';
import { DPOP_ALGS } from '../../protocol/names.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import { demandNonce, findNonceLife, nonceHeader } from './nonce.ts';
import {
  CLOCK_SKEW,
  findProofProblem,
  isProof,
  type ProofClaims,
  type ProofUse,
} from './problem.ts';

/** A proof that counts, unless it was used before. */
export type Proof = {
  /** Thumbprint of the key (RFC 7638). */
  readonly jkt: string;
  readonly jti: string;
  /** Not made before this second by our clock, since 1970. */
  readonly issuedAt: number;
  /** The last second at which it counts by our clock, since 1970. */
  readonly until: number;
};

export type ProofDeps = Pick<Deps, 'keys' | 'foreignKeys' | 'now' | 'policy'>;

const TYP = 'dpop+jwt';
const MAX_LENGTH = 8 * 1024;

const refuse = (reason: string) => invalidDpopProof({ reason });

/** Whether the request has one, good or bad. */
export const presentsProof = ({ headers, repeatedHeaders }: ProtocolRequest): boolean =>
  headers['dpop'] !== undefined || repeatedHeaders.includes('dpop');

/**
 * Undefined when the request has none. Throws `invalid_dpop_proof`, or `use_dpop_nonce` for one that
 * lacks nothing else. Whether it was used before is for `spendProof` to say.
 */
export async function readProof(
  { headers, repeatedHeaders }: ProtocolRequest,
  use: ProofUse,
  deps: ProofDeps,
): Promise<Proof | undefined> {
  if (repeatedHeaders.includes('dpop')) throw refuse('dpop_proof_repeated');
  const text = headers['dpop'];
  if (text === undefined) return undefined;
  const jwt = text.length > MAX_LENGTH ? undefined : parseJwt(text);
  // Another kind of JWT by the same key, an ID Token say, must not pass for one (RFC 8725 §3.11).
  if (jwt?.typ !== TYP) throw refuse('dpop_proof_malformed');
  const verified = await deps.foreignKeys.verifyByHeaderKey(jwt, DPOP_ALGS);
  if (verified === undefined) throw refuse('dpop_proof_signature');
  const { claims, thumbprint } = verified;
  const problem = findProofProblem(claims, use, deps.policy().dpop, deps.now());
  if (problem !== undefined || !isProof(claims)) throw refuse(problem ?? 'dpop_proof_malformed');
  return { jkt: thumbprint, jti: claims.jti, ...findLife(claims, deps) };
}

function findLife({ iat, nonce }: ProofClaims, deps: ProofDeps): Pick<Proof, 'issuedAt' | 'until'> {
  const { requiresNonce, proofLifetime } = deps.policy().dpop;
  if (!requiresNonce) return { issuedAt: iat, until: iat + proofLifetime };
  const life = findNonceLife(nonce, deps);
  if (life === undefined) throw demandNonce(deps);
  return life;
}

const SPENT = 'dpop';

/**
 * Throws `invalid_dpop_proof` for all callers but the first. By what was signed and never by the text:
 * one proof can be spelled in several ways (spare bits of base64url, both signs of an ECDSA `s`).
 */
export async function spendProof(
  { jkt, jti, issuedAt, until }: Proof,
  deps: Pick<Deps, 'store' | 'now' | 'keys' | 'policy'>,
): Promise<void> {
  const { store, now } = deps;
  // Longer than it counts: the clock of another replica may be behind.
  const ttl = Math.ceil(until - now()) + 1 + CLOCK_SKEW;
  const made = { at: issuedAt, now: now() };
  if (await store.once(SPENT, `${jkt} ${jti}`, ttl, made)) return;
  // A nonce may be older than the memory of the store: with another one the next proof counts.
  const headers = deps.policy().dpop.requiresNonce ? nonceHeader(deps) : {};
  throw invalidDpopProof({ reason: 'dpop_proof_replayed', headers });
}
