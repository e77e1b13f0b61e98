// Parameters of a query or a form, read the way RFC 6749 §3.1 wants them: empty is absent, twice is
// refused, unknown is ignored, and bytes that are not UTF-8 never turn into other bytes.

import { invalidRequest } from './errors.ts';

/** Every value sent under each name, in order; never an empty one. */
export type Params = ReadonlyMap<string, readonly string[]>;

/** May be sent several times (RFC 8707 §2, RFC 8693 §2.1). */
const REPEATABLE: ReadonlySet<string> = new Set(['resource', 'audience']);

/** Registered parameters: a repeated one is refused even by an endpoint that does not read it. */
const REGISTERED: ReadonlySet<string> = new Set([
  'client_id',
  'client_secret',
  'response_type',
  'redirect_uri',
  'scope',
  'state',
  'code',
  'grant_type',
  'refresh_token',
  'nonce',
  'display',
  'prompt',
  'max_age',
  'ui_locales',
  'claims_locales',
  'id_token_hint',
  'login_hint',
  'acr_values',
  'claims',
  'registration',
  'request',
  'request_uri',
  'response_mode',
  'code_verifier',
  'code_challenge',
  'code_challenge_method',
  'client_assertion',
  'client_assertion_type',
  'token',
  'token_type_hint',
  'access_token',
  'post_logout_redirect_uri',
  'logout_hint',
  'device_code',
  'user_code',
  'assertion',
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'dpop_jkt',
  'authorization_details',
]);

const MAX_PARAMS = 200;

/** Throws `invalid_request` on invalid escapes, invalid UTF-8, NUL and too many parameters. */
export function parseParams(text: string): Params {
  const params = new Map<string, string[]>();
  if (text === '') return params;
  const pairs = text.split('&');
  if (pairs.length > MAX_PARAMS) throw invalidRequest({ reason: 'too_many_parameters' });
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals <= 0 || equals === pair.length - 1) continue;
    const name = decode(pair.slice(0, equals));
    const value = decode(pair.slice(equals + 1));
    const values = params.get(name);
    if (values === undefined) params.set(name, [value]);
    else values.push(value);
  }
  return params;
}

/** The one value of a parameter; throws `invalid_request` when it was sent twice. */
export function readParam(params: Params, name: string): string | undefined {
  const values = params.get(name);
  if (values === undefined) return undefined;
  if (values.length > 1) throw repeated();
  return values[0];
}

/** Like `readParam`, but a missing parameter is `invalid_request` too. */
export function readRequiredParam(params: Params, name: string): string {
  const value = readParam(params, name);
  if (value === undefined) {
    throw invalidRequest({
      description: `the parameter ${name} is missing`,
      reason: 'parameter_missing',
    });
  }
  return value;
}

/** All values of a parameter that may be repeated. */
export const readParams = (params: Params, name: string): readonly string[] =>
  params.get(name) ?? NONE;

const NONE: readonly string[] = [];

/**
 * Throws `invalid_request` when any registered parameter was sent twice: one reader would take the
 * first and another the last (CVE-2026-9689). Unknown parameters are ignored, repeated or not.
 */
export function checkNoRepeats(params: Params): void {
  for (const [name, values] of params) {
    if (values.length > 1 && REGISTERED.has(name) && !REPEATABLE.has(name)) throw repeated();
  }
}

const repeated = () =>
  invalidRequest({
    description: 'a parameter was sent more than once',
    reason: 'parameter_repeated',
  });

/** `application/x-www-form-urlencoded` decoding that refuses what URLSearchParams would replace. */
export function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return checked(spaced);
  try {
    return checked(decodeURIComponent(spaced));
  } catch (cause) {
    throw invalidRequest({ reason: 'parameter_encoding', cause });
  }
}

/** Not a lone half of a pair, nor NUL. */
const isClean = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

function checked(text: string): string {
  if (!isClean(text)) throw invalidRequest({ reason: 'parameter_encoding' });
  return text;
}
