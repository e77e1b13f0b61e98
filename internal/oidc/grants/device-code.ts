// device_code (RFC 8628 §3.4): a device polls with its code until its End-User has answered. Only the
// client that asked may, whoever knows the code (CVE-2023-2585), and the code is spent once.

import { jktOf } from '../../protocol/confirmation.ts';
import {
  accessDenied,
  authorizationPending,
  expiredToken,
  invalidGrant,
  slowDown,
} from '../../protocol/errors.ts';
import { DEVICE_CODE } from '../../protocol/names.ts';
import { readRequiredParam } from '../../protocol/params.ts';
import { ID_BYTES, SECRET_BYTES } from '../../protocol/random.ts';
import type { RedeemedDevice } from '../../store/device.ts';
import { bindingOf } from '../confirmation.ts';
import type { Deps } from '../deps.ts';
import { type Handle, hashSecret, parseHandle } from '../handle.ts';
import type { Authorization, Grant, TokenRequest } from './grant.ts';
import { admitEndUser, askBeforeSpending, narrowing, recordEnd } from './recorded.ts';

export const deviceCode: Grant = {
  grantType: DEVICE_CODE,
  allowsPublicClients: true,
  isOn: ({ grantTypesInUse }) => grantTypesInUse.has(DEVICE_CODE),

  async authorize(request, deps): Promise<Authorization> {
    const handle = parseHandle('dc', readRequiredParam(request.params, 'device_code'));
    if (handle === undefined) throw invalidGrant({ reason: 'code_unknown' });
    // What the End-User was shown: this request cannot ask for another scope.
    const narrow = narrowing(request, deps.policy(), (scope) => scope);
    const asked = await askBeforeSpending(handle.id, request, narrow, deps);
    // Allowed since: the next poll asks about it, so that nothing is spent for a hook that is down.
    const onlyPolls = asked.isUnanswered ?? false;
    const refreshToken = {
      id: handle.id,
      family: deps.random(ID_BYTES),
      secret: deps.random(SECRET_BYTES),
    };
    const { grant, refreshExpiresAt } = await poll(
      handle,
      { refreshToken, onlyPolls },
      request,
      deps,
    );
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

type PollTerms = {
  readonly refreshToken: { readonly family: string; readonly secret: string };
  readonly onlyPolls: boolean;
};

async function poll(
  { id, hash }: Handle,
  { refreshToken, onlyPolls }: PollTerms,
  request: TokenRequest,
  deps: Deps,
): Promise<Fresh> {
  const { client, confirmation, attempt, expiresAt, now } = request;
  const refresh = client.grantTypes.includes('refresh_token')
    ? {
        family: hashSecret(refreshToken.family),
        hash: hashSecret(refreshToken.secret),
        binding: bindingOf(client, confirmation),
      }
    : undefined;
  const expected = { clientId: client.clientId, jkt: jktOf(confirmation), onlyPolls };
  const redemption = { attempt, now, expiresAt, refresh };
  const polled = await deps.store.redeemDevice(id, hash, expected, redemption);
  if (polled.kind === 'replayed') {
    recordEnd(id, 'code_replayed', client.clientId, attempt, deps);
  }
  return settle(polled);
}

type Fresh = Extract<RedeemedDevice, { kind: 'fresh' }>;

function settle(polled: RedeemedDevice): Fresh {
  switch (polled.kind) {
    case 'fresh':
      return polled;
    case 'pending':
      throw authorizationPending();
    case 'slow_down':
      throw slowDown();
    case 'denied':
      throw accessDenied({ reason: 'device_denied' });
    case 'expired':
      throw expiredToken({ reason: 'code_expired' });
    case 'replayed':
      throw invalidGrant({ reason: 'code_replayed' });
    case 'mismatch':
      throw invalidGrant({ reason: `${polled.of}_mismatch` });
    case 'unknown':
      throw invalidGrant({ reason: 'code_unknown' });
    default:
      return polled satisfies never;
  }
}
