// How an authorization response travels: one entry a response mode, and `iss` in every one of them
// (RFC 9207), so that a client with two issuers cannot be talked into mixing them up.

import type { OAuthError } from '../../protocol/errors.ts';
import { type Params, readParams } from '../../protocol/params.ts';
import type { ProtocolResponse, SessionChange } from '../endpoint.ts';
import { appendQuery, encodeFields, type Fields } from '../query.ts';

/** What reaches a client by way of the browser. */
type Carrier = Extract<ProtocolResponse, { readonly kind: 'redirect' | 'form_post' }>;

/** Adding a response mode: its entry here. Discovery follows. The first is the default. */
export const RESPONSE_MODES: ReadonlyMap<string, (redirectUri: string, fields: Fields) => Carrier> =
  new Map([
    ['query', (uri: string, fields: Fields) => redirect(appendQuery(uri, fields))],
    ['fragment', (uri: string, fields: Fields) => redirect(`${uri}#${encodeFields(fields)}`)],
    [
      'form_post',
      (action: string, fields: Fields) =>
        ({ kind: 'form_post', action, fields: Object.fromEntries(fields) }) as const,
    ],
  ]);

/** Whether an answer can travel this way: no page of ours submits a form to the scheme of an app. */
export const isResponseMode = (mode: string, redirectUri: string): boolean =>
  RESPONSE_MODES.has(mode) && (mode !== 'form_post' || /^https?:\/\//.test(redirectUri));

/** Where the answer to one authorization request goes, and what always goes with it. */
export type ResponseTarget = {
  readonly redirectUri: string;
  readonly responseMode: string;
  readonly state: string | undefined;
};

/**
 * Read before anything is known to be right, because errors travel this way too: an unusable or
 * repeated `response_mode` is the default, a repeated `state` is left out.
 */
export const readTarget = (params: Params, redirectUri: string): ResponseTarget => ({
  redirectUri,
  responseMode:
    onlyValue(params, 'response_mode', (mode) => isResponseMode(mode, redirectUri)) ?? 'query',
  state: onlyValue(params, 'state', () => true),
});

export const respondCode = (
  target: ResponseTarget,
  issuer: string,
  code: string,
  session: SessionChange | undefined,
): ProtocolResponse => ({
  ...respond(target, issuer, [['code', code]]),
  ...(session === undefined ? {} : { session }),
});

export const respondError = (target: ResponseTarget, issuer: string, error: OAuthError) =>
  respond(target, issuer, [
    ['error', error.code],
    ['error_description', error.description],
  ]);

function respond(target: ResponseTarget, issuer: string, fields: Fields): Carrier {
  const state: Fields = target.state === undefined ? [] : [['state', target.state]];
  const mode = RESPONSE_MODES.get(target.responseMode);
  if (mode === undefined) throw new Error('a response mode was not checked when it was read');
  return mode(target.redirectUri, [...fields, ...state, ['iss', issuer]]);
}

function onlyValue(params: Params, name: string, accept: (value: string) => boolean) {
  const [value, ...more] = readParams(params, name);
  return value !== undefined && more.length === 0 && accept(value) ? value : undefined;
}

const redirect = (location: string): Carrier => ({ kind: 'redirect', location });
