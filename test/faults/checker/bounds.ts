// N7: what is in use after everything is over, held against what was before.

import type { Violation } from './invariants.ts';

export type Usage = {
  /** Resident memory of each issuer, in MiB. */
  readonly memory: readonly number[];
  /** Connections that issuers hold to Redis. */
  readonly connections: number;
  /** Keys that never expire and are not documented as such. */
  readonly eternal: readonly string[];
};

/** What a garbage collector may not have got around to, in MiB, and its part of what was in use. */
const MEMORY_SLACK = 64;
const MEMORY_SHARE = 0.5;
/** One may be opening while another is closing. */
const CONNECTION_SLACK = 1;

export function checkBounds(before: Usage, after: Usage): readonly Violation[] {
  const allowed = Math.max(...before.memory) * (1 + MEMORY_SHARE) + MEMORY_SLACK;
  const most = Math.max(...after.memory);
  const found = [
    ...(most > allowed ? [`memory grew to ${most} MiB`] : []),
    ...(after.connections > before.connections + CONNECTION_SLACK
      ? [`${after.connections} connections to Redis, ${before.connections} before`]
      : []),
    ...after.eternal.map((key) => `a key never expires: ${key}`),
  ];
  return found.map((what) => ({ invariant: 'N7', what, shownBy: [] }));
}
