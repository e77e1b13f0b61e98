// What must be remembered of the device flow (RFC 8628): a request that waits for an End-User at
// another screen, found by its user code and polled with its device code.

import type { AuthorizationId, ClientId } from '../protocol/ids.ts';
import type {
  Expectations,
  Grant,
  Membership,
  PendingRequest,
  Redeemed,
  Redemption,
  RefreshTerms,
} from './store.ts';

export type NewDeviceRequest = {
  readonly id: AuthorizationId;
  /** The device authorization request: its parameters and when it came. */
  readonly request: PendingRequest;
  readonly clientId: ClientId;
  /** SHA-256 of the device code's secret, base64url. */
  readonly hash: string;
  /** SHA-256 of the user code as it is compared, base64url; codes that live are unique. */
  readonly userCodeHash: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** Seconds between two polls, to begin with. */
  readonly interval: number;
  /** How many requests of this client may wait at a time, this one included. */
  readonly perClient: number;
};

/** A request as its user code finds it. */
export type FoundDevice = {
  readonly id: AuthorizationId;
  readonly request: PendingRequest;
  readonly clientId: ClientId;
};

export type DeviceDecision =
  | { readonly kind: 'denied' }
  | {
      readonly kind: 'granted';
      /** Has a redirect URI that nobody was sent to: whatever it says is not compared. */
      readonly grant: Grant;
      /** Absent: no refresh token comes of it. */
      readonly refresh?: RefreshTerms;
      /** As in `NewAuthorization`. */
      readonly membership?: Membership;
    };

export type PollExpectations = Pick<Expectations, 'clientId' | 'jkt'> & {
  /** What was granted by now is told as `pending` once more, and not spent: its poller asks first. */
  readonly onlyPolls?: boolean;
};

/** What one poll with a device code brings. */
export type RedeemedDevice =
  | Exclude<Redeemed, { readonly kind: 'mismatch' }>
  | { readonly kind: 'mismatch'; readonly of: 'client' | 'jkt' }
  /** Nobody has answered yet. */
  | { readonly kind: 'pending' }
  /** Polled too soon: `interval` holds from here on, five seconds more than before (RFC 8628 §3.5). */
  | { readonly kind: 'slow_down'; readonly interval: number }
  | { readonly kind: 'denied' };

/** The verbs of the device flow; its authorizations are found, rotated and revoked like all others. */
export type DeviceVerbs = {
  /**
   * Puts a device's request aside. `full` when the budget of pending requests is used up, or its
   * client's; `code_taken` when the user code is somebody else's: draw another.
   */
  parkDevice(device: NewDeviceRequest, now: number): Promise<'parked' | 'full' | 'code_taken'>;

  /** The request behind a user code, unless it was decided, expired or never was. */
  findDevice(userCodeHash: string, now: number): Promise<FoundDevice | undefined>;

  /**
   * Grants or refuses a request, once: of two answers the first counts, `unknown` ever after. Where only
   * the session it would enter has ended, it can be answered again.
   */
  decideDevice(
    id: AuthorizationId,
    decision: DeviceDecision,
    now: number,
  ): Promise<'decided' | 'unknown' | 'session_ended'>;

  /**
   * One poll with a device code. Spends it as `redeem` spends a code: of any number of calls exactly one
   * is `fresh`. Neither takes the code of the other.
   */
  redeemDevice(
    id: AuthorizationId,
    codeHash: string,
    expected: PollExpectations,
    redemption: Redemption,
  ): Promise<RedeemedDevice>;
};
