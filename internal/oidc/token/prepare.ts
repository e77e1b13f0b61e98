// What has to be settled before tokens are made, and before anything is spent for them: a code must not
// be lost to a hook that is down, or that refuses, nor to a client whose key cannot be had.

import type { HookAnswer } from '../../hook/hook.ts';
import type { Encrypter } from '../../jwks/jwks.ts';
import { type Claims, RESERVED_CLAIMS } from '../../protocol/claims.ts';
import type { Client } from '../../protocol/client.ts';
import { accessDenied } from '../../protocol/errors.ts';
import type { Deps } from '../deps.ts';
import { findEncrypter } from '../encryption.ts';
import type { Authorization, TokenRequest } from '../grants/grant.ts';

export type Prepared = Omit<Extract<HookAnswer, { readonly kind: 'allowed' }>, 'kind'> & {
  /** For the ID Token; undefined: it is signed only, or there is none. */
  readonly encrypt: Encrypter | undefined;
};

type Proven = Pick<
  Authorization,
  'subject' | 'scope' | 'resource' | 'authorizationId' | 'endUser' | 'derivation'
>;

const NO_CLAIMS: Claims = Object.freeze({});
const NOTHING: Prepared = {
  idTokenClaims: NO_CLAIMS,
  accessTokenClaims: NO_CLAIMS,
  encrypt: undefined,
};

/** Whether somebody has to be asked at all. */
export const needsPreparation = (
  { idTokenEncryption }: Client,
  { tokenHook }: Pick<Deps, 'tokenHook'>,
): boolean => tokenHook !== undefined || idTokenEncryption !== undefined;

/**
 * Throws `access_denied` when the token hook refuses, `invalid_request` when the client has no key for its
 * ID Token, `Unavailable` when nobody can tell.
 */
export const prepareTokens = (
  proven: Proven,
  request: TokenRequest,
  deps: Deps,
): Prepared | Promise<Prepared> =>
  needsPreparation(request.client, deps) ? settle(proven, request, deps) : NOTHING;

async function settle(proven: Proven, request: TokenRequest, deps: Deps): Promise<Prepared> {
  const { client } = request;
  const hasIdToken = proven.endUser !== undefined && proven.scope.includes('openid');
  const encryption = hasIdToken ? client.idTokenEncryption : undefined;
  const encrypt = await findEncrypter(client, encryption, deps);
  return { ...(await askHook(proven, request, deps)), encrypt };
}

async function askHook(
  { subject, scope, resource, authorizationId, endUser, derivation }: Proven,
  { client, grantType, attempt }: TokenRequest,
  { tokenHook }: Deps,
): Promise<Omit<Prepared, 'encrypt'>> {
  if (tokenHook === undefined) return NOTHING;
  const answer = await tokenHook({
    clientId: client.clientId,
    grantType,
    subject,
    scope,
    resource: derivation?.audience ?? resource,
    actor: derivation?.actor?.sub,
    authorizationId,
    requestId: attempt,
    claims: endUser?.claims,
  });
  if (answer.kind === 'refused') throw accessDenied({ reason: 'token_hook_refused' });
  return {
    idTokenClaims: withoutReserved(answer.idTokenClaims),
    accessTokenClaims: withoutReserved(answer.accessTokenClaims),
  };
}

/** Whatever the hook is: what proves something is never its to say, not even where we do not. */
const withoutReserved = (claims: Claims): Claims =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !RESERVED_CLAIMS.has(name)));
