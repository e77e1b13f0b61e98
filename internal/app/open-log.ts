import type { Config } from '../config/config.ts';
import { type AdjustableLog, createLog } from '../telemetry/log.ts';
import type { Underway } from '../telemetry/underway.ts';

/**
 * @param underway tells the trace of a line's request. @param worker its number, which then stands in each
 *   of its lines.
 */
export const openLog = (
  { log: { level, format }, tracing }: Config,
  underway?: Underway,
  worker?: number,
): AdjustableLog =>
  createLog({
    level,
    format: format === 'json' ? 'json' : 'text',
    worker,
    traceOf: tracing && ((requestId) => underway?.find(requestId)?.traceId),
  });
