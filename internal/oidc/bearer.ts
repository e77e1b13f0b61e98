// Bearer tokens as RFC 6750 lets them be presented: in the header or in the form, never in the URL.

import { invalidRequest, type OAuthError } from '../protocol/errors.ts';
import { readParam } from '../protocol/params.ts';
import type { JsonResponse, ProtocolRequest } from './endpoint.ts';

const BEARER = /^bearer /i;
const B64TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Undefined when none was presented. Throws `invalid_request` when it is malformed or presented in
 * two ways at once (§2); other schemes are no bearer token.
 */
export function readBearer({ method, headers, params }: ProtocolRequest): string | undefined {
  const fromForm = method === 'POST' ? readParam(params, 'access_token') : undefined;
  const authorization = headers['authorization'];
  if (authorization === undefined || !BEARER.test(authorization)) {
    if (authorization !== undefined && /^bearer\b/i.test(authorization)) throw malformed();
    return fromForm;
  }
  if (fromForm !== undefined) {
    throw invalidRequest({
      description: 'the access token is presented in more than one way',
      reason: 'several_bearer_tokens',
    });
  }
  const token = authorization.slice('bearer '.length);
  if (!B64TOKEN.test(token)) throw malformed();
  return token;
}

const malformed = () => invalidRequest({ reason: 'authorization_malformed' });

/**
 * RFC 6750 §3: without a token just the challenge, with a bad one also what was wrong.
 * @param needed the scope without which the token is of no use here.
 */
export function challenge(
  realm: string,
  error: OAuthError | undefined,
  needed = 'openid',
): JsonResponse {
  const { code, description, status } = error ?? { code: undefined, status: 401 };
  const facts = code === undefined ? '' : `, error="${code}", error_description="${description}"`;
  const scope = code === 'insufficient_scope' ? `, scope="${needed}"` : '';
  return {
    kind: 'json',
    status,
    body: code === undefined ? {} : { error: code, error_description: description },
    headers: { 'WWW-Authenticate': `Bearer realm="${realm}"${facts}${scope}` },
  };
}
