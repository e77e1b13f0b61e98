// What does not answer, for people who run the issuer: whoever asked is told to come again, and nothing else.

import type { Unavailable } from '../protocol/errors.ts';
import type { Log, LogFields } from '../telemetry/log.ts';

/** @param fields of the request that met it. */
export function reportUnavailable(log: Log, problem: Unavailable, fields: LogFields): void {
  const cause = problem.cause instanceof Error ? problem.cause.message : undefined;
  log.warn({ ...fields, detail: problem.message, cause }, 'dependency unavailable');
}
