// What a poll does to a device that waits, as a decision: the Lua of the Redis store makes the same
// ones in the same order.

import type { NewDeviceRequest, RedeemedDevice } from '../device.ts';
import type { Redemption } from '../store.ts';

export type Device = {
  readonly request: NewDeviceRequest;
  /** Seconds between two polls, as slow_down has made it. */
  readonly interval: number;
  /** The poll before; absent where there was none. */
  readonly polled?: {
    readonly attempt: string;
    readonly at: number;
    readonly answer: RedeemedDevice;
  };
};

/** A request that somebody refused: what is left of it tells that to its device. */
export type Denied = Pick<NewDeviceRequest, 'hash' | 'clientId' | 'expiresAt'>;

/** What RFC 8628 §3.5 adds to the interval of a client that polls too soon. */
const SLOWER_BY = 5;

/** `next` is absent when nothing changes. */
type Polled = { readonly answer: RedeemedDevice; readonly next?: Device };

type Poll = Pick<Redemption, 'attempt' | 'now'>;

/** Undefined when the device code is this request's, and its client's. */
export function findStranger(
  { hash, clientId }: Pick<NewDeviceRequest, 'hash' | 'clientId'>,
  presented: Pick<NewDeviceRequest, 'hash' | 'clientId'>,
): RedeemedDevice | undefined {
  if (hash !== presented.hash) return { kind: 'unknown' };
  return clientId === presented.clientId ? undefined : { kind: 'mismatch', of: 'client' };
}

/** Nobody has answered: whether this poll came too soon, and what the next one has to wait for. */
export function decidePoll(device: Device, { attempt, now }: Poll): Polled {
  const { request, polled } = device;
  if (polled !== undefined && polled.attempt === attempt) return { answer: polled.answer };
  if (now >= request.expiresAt) return { answer: { kind: 'expired' } };
  const tooSoon = polled !== undefined && now - polled.at < device.interval;
  const interval = tooSoon ? device.interval + SLOWER_BY : device.interval;
  const answer = tooSoon
    ? ({ kind: 'slow_down', interval } as const)
    : ({ kind: 'pending' } as const);
  return { answer, next: { request, interval, polled: { attempt, at: now, answer } } };
}

/** A refusal is told for as long as the device code would have lived. */
export const tellDenied = ({ expiresAt }: Denied, now: number): RedeemedDevice =>
  now < expiresAt ? { kind: 'denied' } : { kind: 'expired' };
