// What is sent to others while nobody waits for it, and again when it does not arrive.

import type { OutboundRequest } from './outbound.ts';

export type Delivery = {
  /** The request; asked for each attempt anew, so that no two need be alike. */
  readonly compose: () => Promise<OutboundRequest>;
  /** Told once how it ended. */
  readonly onEnd: (outcome: DeliveryOutcome) => void;
};

export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly attempts: number }
  | { readonly kind: 'failed'; readonly reason: DeliveryFailure; readonly attempts: number };

export type DeliveryFailure =
  /** Answered 400: the receiver does not want this, now or later. */
  | 'delivery_refused'
  /** Every attempt failed. */
  | 'delivery_exhausted'
  /** Leads to an address that may not be reached. */
  | 'address_forbidden'
  /** Too many deliveries waited already. */
  | 'outbox_full'
  /** The process ended before it was done. */
  | 'outbox_closed';

/** Returns at once; never throws. */
export type Outbox = (delivery: Delivery) => void;
