import { toAuthorizationId } from '../../internal/protocol/ids.ts';
import type {
  DeviceDecision,
  NewDeviceRequest,
  RedeemedDevice,
} from '../../internal/store/device.ts';
import type { Grant, Redemption, Store } from '../../internal/store/store.ts';
import { CLIENT, GRANT, NOW, newRedemption, unique } from './authorizations.ts';

type GrantedDevice = Extract<DeviceDecision, { readonly kind: 'granted' }>;

const { challenge: _, ...unchallenged } = GRANT;
const DEVICE_GRANT: Grant = { ...unchallenged, redirectUri: '', redirectUriSent: false };

export const newDevice = (different: Partial<NewDeviceRequest> = {}): NewDeviceRequest => ({
  id: toAuthorizationId(unique()),
  request: { params: [['client_id', 'client']], parkedAt: NOW },
  clientId: CLIENT,
  hash: unique(),
  userCodeHash: unique(),
  expiresAt: NOW + 600,
  interval: 5,
  perClient: 100,
  ...different,
});

/** The decision for a device: a grant that nobody was sent anywhere with. */
export const newDeviceGrant = (
  different: Partial<Omit<GrantedDevice, 'grant'>> & { readonly grant?: Partial<Grant> } = {},
): GrantedDevice => ({
  kind: 'granted',
  refresh: { ttl: 1000, until: NOW + 5000 },
  ...different,
  grant: { ...DEVICE_GRANT, ...different.grant },
});

export const DENIED = { kind: 'denied' } as const;

/** A device that waits for somebody to answer. */
export async function parkDevice(
  store: Store,
  different: Partial<NewDeviceRequest> = {},
): Promise<NewDeviceRequest> {
  const device = newDevice(different);
  const parked = await store.parkDevice(device, NOW);
  if (parked !== 'parked') throw new Error(`the fixture was not parked: ${parked}`);
  return device;
}

/** What a device sends again and again; `by` is the replica it happens to reach. */
export const poll = (
  by: Store,
  { id, hash }: Pick<NewDeviceRequest, 'id' | 'hash'>,
  different: Partial<Redemption> = {},
  expected: Partial<Parameters<Store['redeemDevice']>[2]> = {},
): Promise<RedeemedDevice> =>
  by.redeemDevice(
    ...([id, hash, { clientId: CLIENT, jkt: undefined, ...expected }] as const),
    newRedemption(different),
  );
