import type { AdjustableLog } from '../telemetry/log.ts';

const drop = (): void => undefined;

/** For issuers inside of other programs, whose output is not ours to write to. */
export const createSilentLog = (): AdjustableLog => ({
  debug: drop,
  info: drop,
  warn: drop,
  error: drop,
  setLevel: drop,
});
