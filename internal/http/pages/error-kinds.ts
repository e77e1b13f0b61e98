// What a refusal is for the person who sees it: many reasons are one and the same to them. What is not
// listed is a request that the application got wrong.

import type { Texts } from './languages/en.ts';

export type ErrorKind = keyof Texts['error']['kinds'];

/** Who can do something about it. */
type Who = keyof Texts['error']['tell'];

const WHO: { readonly [Kind in ErrorKind]: Who } = {
  over: 'you',
  somebody_else: 'you',
  nobody: 'you',
  sign_in_again: 'you',
  not_allowed: 'operator',
  unknown_application: 'application',
  wrong_address: 'application',
  bad_request: 'application',
  other_site: 'you',
  embedded: 'application',
  no_entrance: 'you',
  setup: 'operator',
  busy: 'you',
  fault: 'operator',
};

const BY_REASON: ReadonlyMap<string, ErrorKind> = new Map([
  ['handle_unknown', 'over'],
  ['request_uri_unknown', 'over'],
  ['request_uri_expired', 'over'],
  ['another_subject', 'somebody_else'],
  ['no_identity', 'nobody'],
  ['auth_time_unknown', 'sign_in_again'],
  ['auth_time_too_old', 'sign_in_again'],
  ['subject_unknown', 'not_allowed'],
  ['subject_not_allowed', 'not_allowed'],
  ['subject_is_a_client', 'not_allowed'],
  ['subject_denied', 'not_allowed'],
  ['unknown_client', 'unknown_application'],
  ['redirect_uri_mismatch', 'wrong_address'],
  ['cross_site', 'other_site'],
  ['not_a_navigation', 'embedded'],
  ['path_unknown', 'no_entrance'],
  ['method_not_allowed', 'no_entrance'],
  ['host_foreign', 'setup'],
  ['untrusted_peer', 'setup'],
  ['upstream_secret', 'setup'],
  ['header_alias', 'setup'],
  ['hop_by_hop', 'setup'],
  ['duplicate_header', 'setup'],
  ['placeholder', 'setup'],
  ['header_value', 'setup'],
  ['header_encoding', 'setup'],
  ['attribute_missing', 'setup'],
  ['assertion_invalid', 'setup'],
  ['plain_header', 'setup'],
  ['snapshot_too_large', 'setup'],
]);

const BY_CODE: ReadonlyMap<string, ErrorKind> = new Map([
  ['login_required', 'nobody'],
  ['access_denied', 'not_allowed'],
  ['temporarily_unavailable', 'busy'],
  ['server_error', 'fault'],
]);

/** @param reason of docs/errors.md, where one is known. */
export function describeError(
  code: string,
  reason: string | undefined,
): { readonly kind: ErrorKind; readonly who: Who } {
  const kind = BY_REASON.get(reason ?? '') ?? BY_CODE.get(code) ?? 'bad_request';
  return { kind, who: WHO[kind] };
}
