// What a trace is to the rest of the program: something around a request, and around what is asked of
// others meanwhile. What does it is loaded where the configuration names a receiver, and nowhere else.

import type { KeyRing } from '../keys/keys.ts';
import type { Outbound } from '../outbound/outbound.ts';
import type { Outbox } from '../outbound/outbox.ts';
import type { Store } from '../store/store.ts';
import type { Backend } from '../userinfo/backend.ts';

/** A request as it arrived. */
export type Arrival = {
  readonly requestId: string;
  readonly method: string;
  /** Undefined for a path that is none of ours. */
  readonly endpoint: string | undefined;
  readonly peer: { readonly address: string | undefined; readonly unixSocket: boolean };
  /** As they were sent; one that was sent twice is not there. */
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
};

export type RequestTrace = {
  readonly traceId: string;
  /** What is begun in it belongs to the request, however late it ends. */
  run<Answer>(respond: () => Answer): Answer;
  /** @param status undefined where nobody was there any more to be answered. */
  end(status: number | undefined): void;
};

export type Tracing = {
  begin(arrival: Arrival): RequestTrace;
  store(store: Store): Store;
  backend<Kind extends Backend>(backend: Kind): Kind;
  signing<Keys extends KeyRing>(keys: Keys): Keys;
  outbound(outbound: Outbound, purpose: string): Outbound;
  /** What waits in an outbox goes on belonging to the request that put it there. */
  outbox(outbox: Outbox): Outbox;
  /** Sends what is there; resolves when it was, or the time is over. */
  flush(milliseconds: number): Promise<void>;
  close(): Promise<void>;
};

export type TracingOptions = {
  readonly endpoint: string;
  /** Part of the traces that begin here and are recorded, from 0 to 1. */
  readonly sample: number;
  readonly serviceName: string;
  readonly version: string;
  /** For the receiver; asked for each batch, and rejects where they cannot be had. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** Whose traceparent is taken. */
  readonly isAccepted: (peer: Arrival['peer']) => boolean;
  /** Told of each span that left, or did not. */
  readonly onSpans: (outcome: 'exported' | 'queue_full' | 'export_failed', spans: number) => void;
  /** Told when spans begin to be lost, and when the receiver takes them again. */
  readonly onReceiver: (problem: Error | undefined) => void;
};
