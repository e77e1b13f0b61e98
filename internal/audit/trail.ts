// What the audit trail is to everybody else: a function that takes events, and a place to ask what
// was on record. Where records go is the business of sinks.

import type { Audit, AuditEvent } from './events.ts';

/** One event, as it went on record. */
export type AuditRecord = {
  /** Sorts by time as text, and is no other record's. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: AuditEvent;
  /** Who is at the other end of the connection, of requests that came over one. */
  readonly peer?: string;
  /** Of the trace that the request belongs to (W3C Trace Context §3.2.2.3). */
  readonly trace_id?: string;
  /** Which of several processes it is of. */
  readonly worker?: number;
};

/** Absent members do not filter; of those that are present all must fit. */
export type AuditFilter = {
  readonly type?: string;
  readonly clientId?: string;
  readonly subject?: string;
  readonly requestId?: string;
  /** Milliseconds since 1970, both of them inclusive. */
  readonly from?: number;
  readonly until?: number;
};

export type AuditQuery = AuditFilter & {
  /** What an earlier answer said in `next`, or the id of a record: older ones only. */
  readonly before?: string;
  /** At most so many. */
  readonly limit: number;
};

export type AuditPage = {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** Where older ones begin; absent: there are none. */
  readonly next?: string;
};

export type AuditTrail = {
  readonly audit: Audit;
  /** Throws `Unavailable` where what was on record cannot be read at the moment. */
  query(query: AuditQuery): Promise<AuditPage>;
  /** Files were moved away: what comes next goes into files of the same names. */
  reopen(): void;
  /** What waits is written, or given up and counted when the time is over. */
  flush(milliseconds: number): Promise<void>;
  close(): Promise<void>;
};
