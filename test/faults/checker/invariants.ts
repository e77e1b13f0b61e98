// What is promised (N1 to N7), in a sentence each, and what a verdict is made of.

import type { Operation } from '../operation.ts';

const INVARIANTS = {
  N1: 'no acknowledged grant is lost',
  N2: 'nothing is spent twice',
  N3: 'what has ended stays ended',
  N4: 'no half exchange: an honest retry works',
  N5: 'while it cannot, it says so: in time, and nothing else',
  N6: 'it comes back by itself',
  N7: 'nothing grows',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export const ALL_INVARIANTS = Object.keys(INVARIANTS) as readonly Invariant[];

export type Violation = {
  readonly invariant: Invariant;
  /** A sentence for the report. */
  readonly what: string;
  /** The operations that show it. */
  readonly shownBy: readonly Operation[];
};

/** What the load was run with. Milliseconds. */
export type Terms = {
  /** How long a used refresh token still gets its successor. */
  readonly grace: number;
  /** Clocks are read in whole seconds, and those of two issuers may differ by so much. */
  readonly slack: number;
  /** An answer that takes longer is late; the deadline of every store call and what the machine may add. */
  readonly patience: number;
  /** The part of requests that a machine with other things to do may keep from Redis for too long. */
  readonly machineShare: number;
  /**
   * Codes made before this moment may be over: whether they were spent is lost with a primary, and their
   * End-Users sign in again.
   */
  readonly codesOverUntil?: number;
};

/** When what was done to the system; milliseconds of the clock of the operations. */
export type Windows = {
  /** What ended before is of rounds before: it says what was granted, and nothing else. */
  readonly begunAt: number;
  readonly injectedAt: number;
  readonly healedAt: number;
  /** From here on nothing may be unavailable. */
  readonly recoveredBy: number;
  /** What of which issuer may not be answered, because it was killed or frozen itself. */
  readonly excused: readonly Excuse[];
  /** Whether readiness has to have been red in between. */
  readonly turnsUnready: boolean;
  /** The part of the requests between injection and recovery that may be answered 503. */
  readonly unavailableShare: number;
};

export type Excuse = {
  readonly issuer: string;
  readonly from: number;
  readonly to: number;
  /** Behind a balancer, a restart in order is noticed by probes alone. */
  readonly what: 'everything' | 'probes';
};
