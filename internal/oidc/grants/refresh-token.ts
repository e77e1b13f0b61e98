// refresh_token (RFC 6749 §6): rotated on every use. An older token of the family ends the
// authorization (RFC 9700 §4.14.2), except for the retry of an answer that was just lost.

import { isPublic } from '../../protocol/client.ts';
import { printConfirmation } from '../../protocol/confirmation.ts';
import { invalidGrant } from '../../protocol/errors.ts';
import { readRequiredParam } from '../../protocol/params.ts';
import { SECRET_BYTES } from '../../protocol/random.ts';
import type { Grant as GrantRecord, Rotated } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import { hashSecret, parseRefreshToken, type RefreshTokenParts } from '../handle.ts';
import { lifetimesOf } from '../policy.ts';
import { narrowScope } from '../scopes.ts';
import type { AuthenticatedEndUser, Authorization, Grant, TokenRequest } from './grant.ts';
import { admitEndUser, askBeforeSpending, narrowing, recordEnd } from './recorded.ts';
import { openSuccessor, sealSuccessor } from './successor.ts';

export const refreshToken: Grant = {
  grantType: 'refresh_token',
  allowsPublicClients: true,

  async authorize(request, deps): Promise<Authorization> {
    const presented = parseRefreshToken(readRequiredParam(request.params, 'refresh_token'));
    if (presented === undefined) throw invalidGrant({ reason: 'refresh_token_unknown' });
    // The same or less (RFC 6749 §6).
    const narrow = narrowing(request, deps.policy(), (scope) => narrowScope(request.params, scope));
    const asked = await askBeforeSpending(presented.id, request, narrow, deps);
    const { grant, secret } = await rotate(presented, request, deps);
    const endUser = asked.endUser ?? (await admitEndUser(presented.id, grant, request, deps));
    return {
      authorizationId: presented.id,
      subject: grant.subject,
      ...narrow(grant),
      endUser: withoutFirst(endUser),
      refreshToken: { id: presented.id, family: presented.family, secret },
      prepared: asked.prepared,
    };
  },
};

/** OIDC Core §12.2: nonce and state belong to the first ID Token. */
const withoutFirst = ({
  claims,
  claimsRequest,
  authTime,
  acr,
  amr,
  sid,
}: AuthenticatedEndUser): AuthenticatedEndUser => ({
  claims,
  claimsRequest,
  authTime,
  acr,
  amr,
  sid,
  nonce: undefined,
});

async function rotate(
  presented: RefreshTokenParts,
  request: TokenRequest,
  deps: Deps,
): Promise<{ readonly grant: GrantRecord; readonly secret: string }> {
  const { client, confirmation, attempt, expiresAt, now } = request;
  const rotates = isPublic(client) || client.refreshTokenRotation === 'always';
  const secret = rotates ? deps.random(SECRET_BYTES) : presented.secret;
  const rotated = await deps.store.rotate(
    presented.id,
    { family: hashSecret(presented.family), hash: hashSecret(presented.secret) },
    { clientId: client.clientId, binding: confirmation && printConfirmation(confirmation) },
    {
      attempt,
      now,
      expiresAt,
      grace: lifetimesOf(deps.policy(), client).refreshTokenGrace,
      next: rotates
        ? { hash: hashSecret(secret), seal: sealSuccessor(presented.secret, secret) }
        : undefined,
    },
  );
  return settle(rotated, { presented, secret }, request, deps);
}

function settle(
  rotated: Rotated,
  { presented, secret }: { readonly presented: RefreshTokenParts; readonly secret: string },
  { client, attempt }: TokenRequest,
  deps: Deps,
): { readonly grant: GrantRecord; readonly secret: string } {
  switch (rotated.kind) {
    case 'fresh':
      return { grant: rotated.grant, secret };
    case 'grace': {
      const successor = openSuccessor(presented.secret, rotated.seal);
      if (successor === undefined) throw invalidGrant({ reason: 'refresh_token_unknown' });
      return { grant: rotated.grant, secret: successor };
    }
    case 'replayed':
      recordEnd(presented.id, 'refresh_token_replayed', client.clientId, attempt, deps);
      throw invalidGrant({ reason: 'refresh_token_replayed' });
    case 'mismatch':
      throw invalidGrant({ reason: `${rotated.of}_mismatch` });
    case 'expired':
      throw invalidGrant({ reason: 'refresh_token_expired' });
    case 'unknown':
      throw invalidGrant({ reason: 'refresh_token_unknown' });
    default:
      return rotated satisfies never;
  }
}
