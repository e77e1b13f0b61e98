// Access tokens as they may be presented: in the header, under one of two schemes (RFC 6750 §2.1,
// RFC 9449 §7.1), or in the form, never in the URL; and the challenge where that is not enough.

import { invalidRequest, type OAuthError } from '../protocol/errors.ts';
import { DPOP_ALGS } from '../protocol/names.ts';
import { readParam } from '../protocol/params.ts';
import type { JsonResponse, ProtocolRequest } from './endpoint.ts';

export type Scheme = 'Bearer' | 'DPoP';

export type Presentation = { readonly scheme: Scheme; readonly token: string };

const CREDENTIALS = /^(bearer|dpop) ([A-Za-z0-9._~+/-]+=*)$/i;
const OURS = /^(bearer|dpop)\b/i;

/**
 * Undefined when none was presented. Throws `invalid_request` when it is malformed or presented in
 * two ways at once (RFC 6750 §2); other schemes present no access token.
 */
export function readPresentation(request: ProtocolRequest): Presentation | undefined {
  const { method, headers, params } = request;
  const fromForm = method === 'POST' ? readParam(params, 'access_token') : undefined;
  const authorization = headers['authorization'] ?? '';
  if (!OURS.test(authorization)) {
    return fromForm === undefined ? undefined : { scheme: 'Bearer', token: fromForm };
  }
  if (fromForm !== undefined) {
    throw invalidRequest({
      description: 'the access token is presented in more than one way',
      reason: 'several_bearer_tokens',
    });
  }
  const token = CREDENTIALS.exec(authorization)?.[2];
  if (token === undefined) throw invalidRequest({ reason: 'authorization_malformed' });
  return { scheme: schemeOf(request), token };
}

/** Under which a request presents its token, well or badly. */
export const schemeOf = ({ headers }: ProtocolRequest): Scheme =>
  /^dpop\b/i.test(headers['authorization'] ?? '') ? 'DPoP' : 'Bearer';

/** What a key may sign with, where a token needs one. */
const ALGS = `algs="${DPOP_ALGS.join(' ')}"`;

export type ChallengeTerms = {
  /** Under which the token came. */
  readonly scheme?: Scheme;
  /** The scope without which a token is of no use here. */
  readonly needed?: string;
  /** Whether proofs of a key can be judged here. */
  readonly takesProofs?: boolean;
};

/**
 * Without a token just the challenges, with a bad one also what was wrong, under the scheme it came
 * with (RFC 6750 §3, RFC 9449 §7.1).
 */
export function challenge(
  realm: string,
  error: OAuthError | undefined,
  { scheme = 'Bearer', needed = 'openid', takesProofs = true }: ChallengeTerms = {},
): JsonResponse {
  const facts = error === undefined ? '' : describe(error, needed);
  const bearer = `Bearer realm="${realm}"${scheme === 'Bearer' ? facts : ''}`;
  const dpop = `DPoP realm="${realm}"${scheme === 'DPoP' ? facts : ''}, ${ALGS}`;
  // Whoever knows DPoP looks at that alone; clients of the other kind read the first challenge.
  const both = scheme === 'DPoP' ? dpop : `${bearer}, ${dpop}`;
  return {
    kind: 'json',
    status: error === undefined ? 401 : statusOf(error),
    body: error === undefined ? {} : { error: error.code, error_description: error.description },
    headers: { ...error?.headers, 'WWW-Authenticate': takesProofs ? both : bearer },
  };
}

function describe({ code, description }: OAuthError, needed: string): string {
  const scope = code === 'insufficient_scope' ? `, scope="${needed}"` : '';
  return `, error="${code}", error_description="${description}"${scope}`;
}

/** Codes of the token endpoint, where they are 400; at a resource they are challenges (RFC 9449 §7.1). */
const statusOf = ({ code, status }: OAuthError): number =>
  code === 'invalid_dpop_proof' || code === 'use_dpop_nonce' ? 401 : status;
