// The ways by which an authorization response travels: one entry a response mode.

import type { Client } from '../../protocol/client.ts';
import { type Params, readParams } from '../../protocol/params.ts';
import type { ProtocolResponse } from '../endpoint.ts';
import { appendQuery, encodeFields, type Fields } from '../query.ts';
import type { ProvenRedirectUri } from './redirect-uri.ts';

/** What reaches a client by way of the browser. */
export type Carrier = Extract<ProtocolResponse, { readonly kind: 'redirect' | 'form_post' }>;

/** One way to the client, for plain parameters or for one signed text of them (JARM §2.3). */
type ResponseMode = {
  readonly carry: (redirectUri: string, fields: Fields) => Carrier;
  /** No page of ours submits a form to the scheme of an app, nor runs `javascript:`. */
  readonly isForm: boolean;
  readonly isSigned: boolean;
};

const query = {
  carry: (uri: string, fields: Fields): Carrier => ({
    kind: 'redirect',
    location: appendQuery(uri, fields),
  }),
  isForm: false,
};
const fragment = {
  carry: (uri: string, fields: Fields): Carrier => ({
    kind: 'redirect',
    location: `${uri}#${encodeFields(fields)}`,
  }),
  isForm: false,
};
const formPost = {
  carry: (action: string, fields: Fields): Carrier => ({
    kind: 'form_post',
    action,
    fields: Object.fromEntries(fields),
  }),
  isForm: true,
};

const DEFAULT: ResponseMode = { ...query, isSigned: false };

/** Adding a response mode: its entry here. Discovery follows. The first is the default. */
export const RESPONSE_MODES: ReadonlyMap<string, ResponseMode> = new Map([
  ['query', DEFAULT],
  ['fragment', { ...fragment, isSigned: false }],
  ['form_post', { ...formPost, isSigned: false }],
  // The default of a code (JARM §2.3.4).
  ['jwt', { ...query, isSigned: true }],
  ['query.jwt', { ...query, isSigned: true }],
  ['fragment.jwt', { ...fragment, isSigned: true }],
  ['form_post.jwt', { ...formPost, isSigned: true }],
]);

/** Whether an answer can travel this way. */
export function isResponseMode(mode: string, redirectUri: string): boolean {
  const known = RESPONSE_MODES.get(mode);
  return known !== undefined && (!known.isForm || /^https?:\/\//.test(redirectUri));
}

/** Where the answer to one authorization request goes, and what always goes with it. */
export type ResponseTarget = {
  readonly client: Client;
  readonly redirectUri: string;
  readonly mode: ResponseMode;
  readonly state: string | undefined;
};

/**
 * Read before anything is known to be right, because errors travel this way too: an unusable or
 * repeated `response_mode` is the default, a repeated `state` is left out.
 */
export const readTarget = (
  params: Params,
  { client, redirectUri }: ProvenRedirectUri & { readonly client: Client },
): ResponseTarget => ({
  client,
  redirectUri,
  mode: findMode(params, redirectUri) ?? DEFAULT,
  state: onlyValue(params, 'state', () => true),
});

function findMode(params: Params, redirectUri: string): ResponseMode | undefined {
  const name = onlyValue(params, 'response_mode', (mode) => isResponseMode(mode, redirectUri));
  return name === undefined ? undefined : RESPONSE_MODES.get(name);
}

function onlyValue(params: Params, name: string, accept: (value: string) => boolean) {
  const [value, ...more] = readParams(params, name);
  return value !== undefined && more.length === 0 && accept(value) ? value : undefined;
}
