import type { Config } from '../config/config.ts';
import { type AdjustableLog, createLog } from '../telemetry/log.ts';

/** @param worker its number, which then stands in each of its lines. */
export const openLog = ({ log: { level, format } }: Config, worker?: number): AdjustableLog =>
  createLog({ level, format: format === 'json' ? 'json' : 'text', worker });
