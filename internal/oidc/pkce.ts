// Proof Key for Code Exchange (RFC 7636), S256 only.

import { hash } from 'node:crypto';
import { invalidRequest } from '../protocol/errors.ts';
import { CODE_CHALLENGE_METHOD } from '../protocol/names.ts';
import { type Params, readParam } from '../protocol/params.ts';

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * The code challenge of an authorization request, if any. Throws `invalid_request` when it is
 * required and missing, malformed, or of another method: leaving the method out means `plain`
 * (RFC 7636 §4.3), which RFC 9700 §2.1.1 rules out.
 */
export function readChallenge(params: Params, required: boolean): string | undefined {
  const challenge = readParam(params, 'code_challenge');
  const method = readParam(params, 'code_challenge_method');
  if (challenge === undefined && method === undefined && !required) return undefined;
  if (challenge === undefined) {
    throw invalidRequest({
      description: 'the parameter code_challenge is missing',
      reason: 'code_challenge_missing',
    });
  }
  if (method !== CODE_CHALLENGE_METHOD) {
    throw invalidRequest({
      description: 'code_challenge_method has to be S256',
      reason: 'code_challenge_method',
    });
  }
  if (!CHALLENGE.test(challenge)) throw invalidRequest({ reason: 'code_challenge_malformed' });
  return challenge;
}

/** Undefined when the verifier is not of the grammar, so that it can match nothing (§4.1). */
export const challengeOf = (verifier: string): string | undefined =>
  VERIFIER.test(verifier) ? hash('sha256', verifier, 'base64url') : undefined;
