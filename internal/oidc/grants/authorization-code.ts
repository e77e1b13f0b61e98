// authorization_code (RFC 6749 §4.1.3): a code is spent once, by the client it was made for, with
// the redirect URI and the verifier that belong to it.

import { isPublic } from '../../protocol/client.ts';
import { jktOf } from '../../protocol/confirmation.ts';
import { invalidGrant } from '../../protocol/errors.ts';
import { readParam, readRequiredParam } from '../../protocol/params.ts';
import { ID_BYTES, SECRET_BYTES } from '../../protocol/random.ts';
import type { Redeemed } from '../../store/store.ts';
import { bindingOf } from '../confirmation.ts';
import type { Deps } from '../deps.ts';
import { type Handle, hashSecret, parseHandle } from '../handle.ts';
import { challengeOf } from '../pkce.ts';
import type { Authorization, Grant, TokenRequest } from './grant.ts';
import { admitEndUser, askBeforeSpending, narrowing, recordEnd } from './recorded.ts';

export const authorizationCode: Grant = {
  grantType: 'authorization_code',
  allowsPublicClients: true,

  async authorize(request, deps): Promise<Authorization> {
    const handle = parseHandle('ac', readRequiredParam(request.params, 'code'));
    if (handle === undefined) throw invalidGrant({ reason: 'code_unknown' });
    checkVerifier(request);
    // What was granted: this request cannot ask for another scope (RFC 6749 §4.1.3).
    const narrow = narrowing(request, deps.policy(), (scope) => scope);
    const asked = await askBeforeSpending(handle.id, request, narrow, deps);
    const refreshToken = {
      id: handle.id,
      family: deps.random(ID_BYTES),
      secret: deps.random(SECRET_BYTES),
    };
    const { grant, refreshExpiresAt } = await redeem(handle, refreshToken, request, deps);
    return {
      authorizationId: handle.id,
      subject: grant.subject,
      ...narrow(grant),
      endUser: asked.endUser ?? (await admitEndUser(handle.id, grant, request, deps)),
      refreshToken: refreshExpiresAt === undefined ? undefined : refreshToken,
      prepared: asked.prepared,
    };
  },
};

/**
 * Where nothing else proves who redeems it. The request for the code had to have a challenge, unless the
 * client was registered otherwise at that time.
 */
function checkVerifier({ params, client }: TokenRequest): void {
  if ((isPublic(client) || client.requirePkce) && !params.has('code_verifier')) {
    throw invalidGrant({ reason: 'code_verifier_mismatch' });
  }
}

type Fresh = Extract<Redeemed, { kind: 'fresh' }>;

async function redeem(
  { id, hash }: Handle,
  refreshToken: { readonly family: string; readonly secret: string },
  { params, client, confirmation, attempt, expiresAt, now }: TokenRequest,
  deps: Deps,
): Promise<Fresh> {
  const verifier = readParam(params, 'code_verifier');
  const expected = {
    clientId: client.clientId,
    redirectUri: readParam(params, 'redirect_uri'),
    // A verifier that is not of the grammar is still a verifier: it has to match, and cannot.
    challenge: verifier === undefined ? undefined : (challengeOf(verifier) ?? 'malformed'),
    jkt: jktOf(confirmation),
  };
  const refresh = client.grantTypes.includes('refresh_token')
    ? {
        family: hashSecret(refreshToken.family),
        hash: hashSecret(refreshToken.secret),
        binding: bindingOf(client, confirmation),
      }
    : undefined;
  const redeemed = await deps.store.redeem(id, hash, expected, {
    attempt,
    now,
    expiresAt,
    refresh,
  });
  switch (redeemed.kind) {
    case 'fresh':
      return redeemed;
    case 'replayed':
      recordEnd(id, 'code_replayed', client.clientId, attempt, deps);
      throw invalidGrant({ reason: 'code_replayed' });
    case 'mismatch':
      throw invalidGrant({ reason: `${redeemed.of}_mismatch` });
    case 'expired':
      throw invalidGrant({ reason: 'code_expired' });
    case 'unknown':
      throw invalidGrant({ reason: 'code_unknown' });
    default:
      return redeemed satisfies never;
  }
}
