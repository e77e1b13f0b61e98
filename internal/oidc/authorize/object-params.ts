// The claims of a request object as parameters, so that one reader reads both. Each parameter has one
// form as JSON: what is read as text somewhere must not be a list or an object here.

import { invalidRequestObject } from '../../protocol/errors.ts';
import type { Members } from '../../protocol/jwt.ts';
import type { Params } from '../../protocol/params.ts';

type ReadClaim = (claim: unknown) => readonly string[] | undefined;

const isClean = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text);

/** Empty is absent, as everywhere (RFC 6749 §3.1). */
const text: ReadClaim = (claim) => {
  if (typeof claim !== 'string' || !isClean(claim)) return undefined;
  return claim === '' ? [] : [claim];
};

const seconds: ReadClaim = (claim) => (typeof claim === 'number' ? [String(claim)] : text(claim));

const texts: ReadClaim = (claim) => {
  const entries: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  const read = entries.map(text);
  return read.includes(undefined) ? undefined : read.flatMap((values) => values ?? []);
};

const object: ReadClaim = (claim) =>
  typeof claim === 'object' && claim !== null && !Array.isArray(claim)
    ? [JSON.stringify(claim)]
    : undefined;

const list: ReadClaim = (claim) => (Array.isArray(claim) ? [JSON.stringify(claim)] : undefined);

/** The parameters that are no text as JSON (OIDC Core §6.1, RFC 8707 §2, RFC 9396 §3). */
const FORMS: ReadonlyMap<string, ReadClaim> = new Map([
  ['max_age', seconds],
  ['resource', texts],
  ['claims', object],
  ['registration', object],
  ['authorization_details', list],
]);

/** Throws `invalid_request_object` for a parameter of another form, and for a request in the request. */
export function toParams(claims: Members, clientId: string): Params {
  if ('request' in claims || 'request_uri' in claims) {
    throw invalidRequestObject({ reason: 'request_object_nested' });
  }
  const params = new Map<string, readonly string[]>([['client_id', [clientId]]]);
  for (const [name, claim] of Object.entries(claims)) {
    const values = (FORMS.get(name) ?? text)(claim);
    if (values === undefined && KNOWN.has(name)) {
      throw invalidRequestObject({ reason: 'request_object_malformed' });
    }
    if (values !== undefined && values.length > 0) params.set(name, values);
  }
  return params;
}

/** What is read at all; of a claim that nobody knows it does not matter what it is. */
const KNOWN: ReadonlySet<string> = new Set([
  ...FORMS.keys(),
  'response_type',
  'response_mode',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'prompt',
  'id_token_hint',
  'login_hint',
  'acr_values',
  'code_challenge',
  'code_challenge_method',
  'dpop_jkt',
]);
