// What a request presents of its client, read from the header and the form; nothing is believed yet.

import { invalidClient, invalidRequest } from '../../protocol/errors.ts';
import { parseJwt, type UnverifiedJwt } from '../../protocol/jwt.ts';
import { decode, type Params, readParam } from '../../protocol/params.ts';
import type { ProtocolRequest } from '../endpoint.ts';

export type Credentials =
  | { readonly kind: 'identifier'; readonly clientId: string }
  | { readonly kind: 'basic'; readonly clientId: string; readonly secret: string }
  | { readonly kind: 'post'; readonly clientId: string; readonly secret: string }
  | { readonly kind: 'assertion' | 'svid'; readonly clientId: string; readonly jwt: UnverifiedJwt };

/**
 * Throws `invalid_request` when more than one kind is presented (RFC 6749 §2.3), `invalid_client`
 * when none is or when it cannot be read.
 */
export function readCredentials({ headers, params }: ProtocolRequest): Credentials {
  const clientId = readParam(params, 'client_id');
  const secret = readParam(params, 'client_secret');
  const basic = readBasic(headers['authorization']);
  if (basic !== undefined) {
    const contradicts = clientId !== undefined && clientId !== basic.clientId;
    if (secret !== undefined || contradicts || hasAssertion(params)) throw severalMethods();
    return basic;
  }
  if (hasAssertion(params)) {
    if (secret !== undefined) throw severalMethods();
    return readAssertion(params, clientId);
  }
  if (clientId === undefined) throw invalidClient({ reason: 'credentials_missing' });
  return secret === undefined
    ? { kind: 'identifier', clientId }
    : { kind: 'post', clientId, secret };
}

const hasAssertion = (params: Params): boolean =>
  params.has('client_assertion') || params.has('client_assertion_type');

const ASSERTION_TYPES: ReadonlyMap<string, 'assertion' | 'svid'> = new Map([
  ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer', 'assertion'], // RFC 7523 §2.2
  ['urn:ietf:params:oauth:client-assertion-type:jwt-spiffe', 'svid'], // SPIFFE client authentication
]);

/** Named by the form, or else by the assertion itself, which nobody has verified yet. */
function readAssertion(params: Params, named: string | undefined): Credentials {
  const kind = ASSERTION_TYPES.get(readParam(params, 'client_assertion_type') ?? '');
  if (kind === undefined) throw invalidClient({ reason: 'client_assertion_unsupported' });
  const jwt = parseJwt(readParam(params, 'client_assertion') ?? '');
  if (jwt === undefined) throw invalidClient({ reason: 'client_assertion_malformed' });
  const sub = typeof jwt.claims['sub'] === 'string' ? jwt.claims['sub'] : undefined;
  const clientId = named ?? sub;
  if (clientId === undefined) throw invalidClient({ reason: 'credentials_missing' });
  // Decided before anybody is looked up, so that the answer does not tell who is registered how.
  const isOwnName = kind === 'assertion' && !sub?.startsWith(SERVICE_ACCOUNT);
  if (isOwnName && sub !== undefined && sub !== clientId) throw severalMethods();
  return { kind, clientId, jwt };
}

/** What a cluster calls a program is never what it is called here. */
const SERVICE_ACCOUNT = 'system:serviceaccount:';

const severalMethods = () =>
  invalidRequest({
    description: 'the client authenticates in more than one way',
    reason: 'several_client_auth_methods',
  });

const BASIC = /^basic ((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Both halves are form-encoded before base64 (RFC 6749 §2.3.1), so the first colon is the one. */
function readBasic(authorization: string | undefined): Credentials | undefined {
  if (authorization === undefined) return undefined;
  const encoded = BASIC.exec(authorization)?.[1];
  if (encoded === undefined) throw invalidClient({ reason: 'authorization_malformed' });
  try {
    const text = utf8.decode(Buffer.from(encoded, 'base64'));
    const colon = text.indexOf(':');
    if (colon < 1) throw new Error('no colon, or no client_id before it');
    const clientId = decode(text.slice(0, colon));
    return { kind: 'basic', clientId, secret: decode(text.slice(colon + 1)) };
  } catch (cause) {
    throw invalidClient({ reason: 'authorization_malformed', cause });
  }
}
