// Token type identifiers (RFC 8693 §3): what a token is said to be, and what is asked for.

import { SUBJECT_TOKEN_TYPES, type SubjectTokenType } from '../../protocol/client-grants.ts';
import { invalidRequest } from '../../protocol/errors.ts';
import { type Params, readParam, readRequiredParam } from '../../protocol/params.ts';

const URN = 'urn:ietf:params:oauth:token-type:';

/** A token of somebody, and what the caller says that it is. */
export type PresentedToken = { readonly text: string; readonly type: SubjectTokenType };

export const readSubjectParams = (params: Params): PresentedToken => ({
  text: readRequiredParam(params, 'subject_token'),
  type: toTokenType(readRequiredParam(params, 'subject_token_type')),
});

/** Undefined without one. A type alone, and a token without one, are refused (§2.1). */
export function readActorParams(params: Params): PresentedToken | undefined {
  const text = readParam(params, 'actor_token');
  if (text !== undefined) {
    return { text, type: toTokenType(readRequiredParam(params, 'actor_token_type')) };
  }
  if (params.has('actor_token_type')) throw invalidRequest({ reason: 'actor_token_missing' });
  return undefined;
}

function toTokenType(uri: string): SubjectTokenType {
  const type = SUBJECT_TOKEN_TYPES.find((known) => uri === `${URN}${known}`);
  if (type === undefined) {
    throw invalidRequest({
      description: 'this token type is not supported',
      reason: 'token_type_unsupported',
    });
  }
  return type;
}

/** What an access token of ours may be called. */
const ISSUED = ['access_token', 'jwt'].map((type) => `${URN}${type}`);

/** What is issued, as the answer names it; throws `invalid_request` for anything else (§2.2.2). */
export function readRequestedType(params: Params): string {
  const wanted = readParam(params, 'requested_token_type') ?? `${URN}access_token`;
  if (ISSUED.includes(wanted)) return wanted;
  throw invalidRequest({
    description: 'this requested_token_type is not supported',
    reason: 'requested_token_type_unsupported',
  });
}

/**
 * What the header of somebody else's token may say. An ID Token that is called an access token would be
 * used where its signer never meant it; and a logout token, a proof or a request is neither (RFC 8725 §3.11).
 */
export const isHeaderOf =
  (type: SubjectTokenType) =>
  (typ: string | undefined): boolean =>
    type === 'access_token' ? typ === 'at+jwt' : typ === undefined || typ === 'jwt';
