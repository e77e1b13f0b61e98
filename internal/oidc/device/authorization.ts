// The device authorization endpoint (RFC 8628 §3.1): a device that has no browser asks, and is given a
// code to poll with and another one for its End-User to type elsewhere. Anybody can name a public client,
// so what waits has a budget, of all clients and of each.

import type { AuthorizationDetail } from '../../protocol/authorization-details.ts';
import type { Client } from '../../protocol/client.ts';
import { invalidScope, Unavailable, unauthorizedClient } from '../../protocol/errors.ts';
import { toAuthorizationId } from '../../protocol/ids.ts';
import { DEVICE_CODE } from '../../protocol/names.ts';
import { checkNoRepeats, type Params } from '../../protocol/params.ts';
import { ID_BYTES, SECRET_BYTES } from '../../protocol/random.ts';
import { isSubset } from '../../protocol/scope.ts';
import type { NewDeviceRequest } from '../../store/device.ts';
import { authenticateClient } from '../clientauth/authenticate.ts';
import type { Deps } from '../deps.ts';
import { readAuthorizationDetails } from '../details/authorization-details.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { hashSecret, printHandle } from '../handle.ts';
import { type Attempted, onRecord } from '../on-record.ts';
import { pageUrl } from '../paths.ts';
import { lifetimesOf, type Policy } from '../policy.ts';
import { appendQuery } from '../query.ts';
import { readResources } from '../resource.ts';
import { allowedScope, grantableScope, readScope } from '../scopes.ts';
import { drawUserCode, hashUserCode, printUserCode } from './user-code.ts';

/** Seconds between two polls, as RFC 8628 §3.2 has it where nothing is said. */
const INTERVAL = 5;

/** How many devices of one client may wait at a time. */
export const MAX_WAITING = 1000;

/** Draws until one is free; that the first is not happens once in millions of devices. */
const DRAWS = 8;

export const createDeviceAuthorizationEndpoint = (deps: Deps): Endpoint =>
  onRecord(authorizeDevice, deps);

async function authorizeDevice(
  request: ProtocolRequest,
  attempted: Attempted,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { params } = request;
  checkNoRepeats(params);
  const client = await authenticateClient(request, deps);
  attempted.clientId = client.clientId;
  if (!client.grantTypes.includes(DEVICE_CODE)) {
    throw unauthorizedClient({ reason: 'grant_type_not_registered' });
  }
  const asked = {
    scope: deviceScope(params, client, deps.policy()),
    resource: readResources(params, client),
    details: readAuthorizationDetails(params, client, deps.policy()),
  };
  const { deviceCode: lifetime } = lifetimesOf(deps.policy(), client);
  const { deviceCode, userCode } = await parkDevice(client, asked, lifetime, deps);
  const page = pageUrl(deps.bases, 'device');
  return {
    kind: 'json',
    status: 200,
    body: {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: appendQuery(page, [['user_code', userCode]]),
      expires_in: lifetime,
      interval: INTERVAL,
    },
  };
}

/**
 * Throws `invalid_scope` also for a scope that the client may not have: nobody at the device sees that
 * less was granted than it asked for (CVE-2024-52287).
 */
function deviceScope(params: Params, client: Client, { scopes }: Policy): readonly string[] {
  if (!isSubset(readScope(params) ?? [], allowedScope(client, scopes))) {
    throw invalidScope({ reason: 'scope_not_allowed' });
  }
  return grantableScope(params, client, scopes);
}

type Asked = {
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  readonly details: readonly AuthorizationDetail[];
};

/** Throws `Unavailable` when as many devices wait as may. */
async function parkDevice(
  { clientId }: Client,
  { scope, resource, details }: Asked,
  lifetime: number,
  { store, random, now }: Deps,
): Promise<{ readonly deviceCode: string; readonly userCode: string }> {
  const id = toAuthorizationId(random(ID_BYTES));
  const secret = random(SECRET_BYTES);
  const parkedAt = now();
  const params = [
    ...resource.map((value) => ['resource', value] as const),
    ...(details.length === 0 ? [] : [['authorization_details', JSON.stringify(details)] as const]),
  ];
  const device: Omit<NewDeviceRequest, 'userCodeHash'> = {
    id,
    request: { params, scope, parkedAt },
    clientId,
    hash: hashSecret(secret),
    expiresAt: parkedAt + lifetime,
    interval: INTERVAL,
    perClient: MAX_WAITING,
  };
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const code = drawUserCode(random);
    const parked = await store.parkDevice(
      { ...device, userCodeHash: hashUserCode(code) },
      parkedAt,
    );
    if (parked === 'full') break;
    if (parked === 'code_taken') continue;
    return { deviceCode: printHandle('dc', id, secret), userCode: printUserCode(code) };
  }
  throw new Unavailable('store', 'parkDevice: too many devices wait');
}
