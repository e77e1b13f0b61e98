// What an authorization response says, and `iss` in every one of them (RFC 9207), so that a client with
// two issuers cannot be talked into mixing them up. In a signed one (JARM) nobody can change a word.

import { type Awaitable, after } from '../../protocol/awaitable.ts';
import type { OAuthError } from '../../protocol/errors.ts';
import { MINUTE } from '../../protocol/time.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolResponse, SessionChange } from '../endpoint.ts';
import type { Fields } from '../query.ts';
import type { Carrier, ResponseTarget } from './response.ts';

type SigningDeps = Pick<Deps, 'issuer' | 'keys' | 'now'>;

type Granted = { readonly code: string; readonly session: SessionChange | undefined };

export const respondCode = (
  target: ResponseTarget,
  { code, session }: Granted,
  deps: SigningDeps,
): Awaitable<ProtocolResponse> =>
  after(respond(target, [['code', code]], deps), (carrier) =>
    session === undefined ? carrier : { session, ...carrier },
  );

export const respondError = (
  target: ResponseTarget,
  { code, description }: OAuthError,
  deps: SigningDeps,
): Awaitable<ProtocolResponse> =>
  respond(
    target,
    [
      ['error', code],
      ['error_description', description],
    ],
    deps,
  );

/** Only a signature takes time. */
function respond(target: ResponseTarget, said: Fields, deps: SigningDeps): Awaitable<Carrier> {
  const { mode, redirectUri, state } = target;
  const fields: Fields = state === undefined ? said : [...said, ['state', state]];
  return mode.isSigned
    ? signResponse(target, fields, deps).then((jwt) => mode.carry(redirectUri, [['response', jwt]]))
    : mode.carry(redirectUri, [...fields, ['iss', deps.issuer]]);
}

/** The way through a browser takes seconds; what lies in its history must not be good for longer. */
export const RESPONSE_LIFETIME = 5 * MINUTE;

/** JARM §2.1. It has no `sub`, so that nobody takes it for an ID Token. */
async function signResponse(
  { client }: ResponseTarget,
  fields: Fields,
  { issuer, keys, now }: SigningDeps,
): Promise<string> {
  const { clientId, authorizationSignedResponseAlg: alg } = client;
  await keys.prepare(alg);
  const own = { iss: issuer, aud: clientId, exp: now() + RESPONSE_LIFETIME };
  return keys.sign(alg, 'JWT', { ...Object.fromEntries(fields), ...own });
}
