// What a trail is made of, as the configuration says it.

import type { Outbound } from '../outbound/outbound.ts';
import type { EventStream } from '../store/stream.ts';

type Common = {
  /** Types of events, or `token.*` for all of a kind; undefined: all there are. */
  readonly types: readonly string[] | undefined;
  readonly maxWaiting: number;
  /** Equal where a sink that is open already does the same. */
  readonly madeOf: unknown;
};

/** RFC 5424 §6.2.1, table 1: those that a program may have. */
export const FACILITIES = {
  user: 1,
  daemon: 3,
  auth: 4,
  authpriv: 10,
  audit: 13,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

/** PEM texts; undefined: those that the system trusts, and no certificate of ours. */
type SyslogTls = {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
};

type Place = { readonly host: string; readonly port: number };

export type SyslogAddress =
  | (Place & { readonly transport: 'udp' })
  | (Place & { readonly transport: 'tcp' })
  /** Asked for each connection: certificates are renewed. */
  | (Place & { readonly transport: 'tls'; readonly tls: () => SyslogTls })
  | { readonly transport: 'unix'; readonly path: string };

export type SyslogOptions = {
  readonly address: SyslogAddress;
  readonly facility: keyof typeof FACILITIES;
  readonly appName: string;
};

export type WebhookOptions = {
  readonly url: string;
  /** Seconds for a whole answer. */
  readonly timeout: number;
  /** Each signs: the receiver knows one of them while another replaces it. */
  readonly secrets: () => readonly Uint8Array[];
  readonly outbound: Outbound;
};

export type SinkOptions =
  | (Common & { readonly type: 'stdout' })
  | (Common & { readonly type: 'file'; readonly path: string })
  | (Common & { readonly type: 'redis'; readonly open: () => Promise<EventStream> })
  | (Common & SyslogOptions & { readonly type: 'syslog' })
  | (Common & WebhookOptions & { readonly type: 'webhook' });
