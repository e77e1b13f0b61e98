// Where records go, as the trail sees it, and what a sink tells of itself. No sink ever throws, makes
// anybody wait, or keeps more than it was allowed to.

import type { AuditRecord } from './trail.ts';

export type Sink = {
  write(record: AuditRecord): void;
  /** Only of those that write files. */
  reopen?(): void;
  /** What waits is written; past the time it is given up, and counted. */
  flush(milliseconds: number): Promise<void>;
  close(): Promise<void>;
};

/** What becomes known of a sink, for the log and the metrics; `sink` is its name for people. */
export type SinkEvent =
  | { readonly type: 'audit_sink.failed'; readonly sink: string; readonly reason: string }
  /** More came than it took: told once until it recovers, whatever is lost by then. */
  | { readonly type: 'audit_sink.losing'; readonly sink: string; readonly waiting: number }
  /** It takes records again; `lost` is how many it never got. */
  | { readonly type: 'audit_sink.recovered'; readonly sink: string; readonly lost: number }
  /** The process ends, and it never took these. */
  | { readonly type: 'audit_sink.gave_up'; readonly sink: string; readonly lost: number };

export type SinkTerms = {
  /** For people, in the log. */
  readonly name: string;
  /** Records that may wait; further ones are lost. */
  readonly maxWaiting: number;
  /** Never throws. */
  readonly report: (event: SinkEvent) => void;
  /** Told of every loss; never throws. */
  readonly countLost: (sink: string, count: number) => void;
  readonly random: (bytes: number) => string;
};

/** The first so many of a batch arrived whole before the rest failed. */
export class PartlyTaken extends Error {
  readonly taken: number;

  constructor(taken: number, cause: unknown) {
    super(reasonOf(cause), { cause });
    this.name = 'PartlyTaken';
    this.taken = taken;
  }
}

/** The other side does not want so many of a batch, now or later; those in front of them arrived whole. */
export class BatchRefused extends Error {
  readonly refused: number;
  readonly taken: number;

  constructor(message: string, refused: number, taken: number) {
    super(message);
    this.name = 'BatchRefused';
    this.refused = refused;
    this.taken = taken;
  }
}

/** For people; never what was sent. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'something that is no error was thrown';
